"""Visiting cards as a text that a person reads: name, organisation, numbers, addresses (RFC 6350, vCard 2.1). Pure.

What has none of these fields is shown as it came.
"""

from collections.abc import Iterable, Iterator

from gateway.mail.contentline import MOST_LINES, ContentLine, content_lines

LABELS = {"TITLE": "Title", "ORG": "Organisation", "TEL": "Telephone", "EMAIL": "Mail", "ADR": "Address", "URL": "Web"}
_KINDS = {"work": "work", "home": "home", "cell": "mobile", "fax": "fax", "pager": "pager"}
_NO_KINDS = frozenset({"QUOTED-PRINTABLE", "8BIT", "BASE64", "B"})


def vcard_text(text: str) -> str:
    """One paragraph per card; `text` has its lines ended by newlines."""
    if text.count("\n ") == 0 and text.count("\n") > MOST_LINES:
        return text
    cards = ["\n".join(_card(lines)) for lines in _cards(content_lines(text))]
    shown = [card for card in cards if card]
    return "\n\n".join(shown) + "\n" if shown else text


def _cards(lines: Iterable[ContentLine]) -> Iterator[list[ContentLine]]:
    card: list[ContentLine] = []
    for line in lines:
        if line.name == "END":
            yield card
            card = []
        elif line.name != "BEGIN":
            card.append(line)
    yield card  # one that was cut off


def _card(lines: list[ContentLine]) -> Iterator[str]:
    name = next((line.text for line in lines if line.name == "FN" and line.text), "")
    # RFC 6350 §6.2.2: family, given, additional, prefixes, suffixes
    structured = next((line.fields() for line in lines if line.name == "N"), ())
    if name or structured:
        yield name or " ".join([*structured[1:2], structured[0]])
    for wanted, label in LABELS.items():
        for line in lines:
            value = _value(line) if line.name == wanted else ""
            if value:
                yield f"{label}{_kinds(line)}: {value}"


def _value(line: ContentLine) -> str:
    if line.name in {"ADR", "ORG"}:
        return ", ".join(" ".join(field.split()) for field in line.fields())
    return line.text.removeprefix("tel:").removeprefix("mailto:")


def _kinds(line: ContentLine) -> str:
    words = {word.lower() for value in line.parameter("TYPE") for word in value.split(",") if word not in _NO_KINDS}
    known = [shown for kind, shown in _KINDS.items() if kind in words]
    return f" ({', '.join(known)})" if known else ""
