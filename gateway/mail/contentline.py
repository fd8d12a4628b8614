"""The lines of iCalendar (RFC 5545 §3.1) and vCard (RFC 6350 §3.3), also as vCard 2.1 writes them."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.mail.charset import decode_text

MOST_LINES = 20_000
_FOLD = re.compile(r"\n[ \t]")
_NAME = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)")  # vCard puts a group before it
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)(?:=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*))?')
_ESCAPED = re.compile(r"\\(.)")
_SOFT_BREAK = re.compile(r"=\n")


@dataclass(frozen=True, slots=True)
class ContentLine:
    name: str  # upper case
    parameters: tuple[tuple[str, str], ...]  # names in upper case
    value: str  # as written, but for quoted-printable

    def parameter(self, wanted: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.parameters if name == wanted)

    @property
    def text(self) -> str:
        return plain(self.value)

    def fields(self) -> tuple[str, ...]:
        """The components of a structured value, without the empty ones (RFC 6350 §3.4)."""
        return tuple(text for each in re.split(r"(?<!\\);", self.value) if (text := plain(each)))


def plain(value: str) -> str:
    """RFC 5545 §3.3.11, RFC 6350 §3.4: escapes undone."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def content_lines(text: str) -> Iterator[ContentLine]:
    """The lines that can be read; `text` has its lines ended by newlines."""
    if "quoted-printable" in text.lower():
        text = _SOFT_BREAK.sub("=\x00", text)  # vCard 2.1 §2.1.3 breaks such a value so
    for line in _FOLD.sub("", text).split("\n", MOST_LINES)[:MOST_LINES]:
        found = _line(line)
        if found is not None:
            yield found


def _line(line: str) -> ContentLine | None:
    name = _NAME.match(line)
    if name is None:
        return None
    parameters: list[tuple[str, str]] = []
    position = name.end()
    while (match := _PARAMETER.match(line, position)) is not None:
        # vCard 2.1 writes TEL;WORK, later ones TEL;TYPE=work.
        key, value = (match[1], match[2]) if match[2] is not None else ("TYPE", match[1])
        parameters.append((key.upper(), value.replace('"', "")))
        position = match.end()
    if line[position : position + 1] != ":":
        return None
    value = _decoded(line[position + 1 :], dict(parameters), {value.upper() for _, value in parameters})
    return ContentLine(name[1].upper(), tuple(parameters), value)


def _decoded(value: str, parameters: dict[str, str], marks: set[str]) -> str:
    if "QUOTED-PRINTABLE" not in marks:
        return value
    raw = quopri.decodestring(value.replace("=\x00", "").encode())
    return decode_text(raw, parameters.get("CHARSET"))[0].replace("\r\n", "\n")
