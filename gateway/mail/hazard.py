"""What would cost far more memory than a mail is worth, looked for before a parser sees it.

A part takes some 500 bytes of the parser's memory and an attached mail is copied, again for each level of nesting: a
mail of 25 MB can be made to take gigabytes. Small mails can't. Large ones are mostly base64, which has no hyphen, and
every delimiter and every `Content-Type` has one: looking only at these costs 40 microseconds per MB.
"""

import re
from enum import Enum, auto

SMALL = 1024 * 1024  # bytes; of a mail of so many only the header is looked at
LONGEST_HEADER = 256 * 1024  # bytes; Postfix cuts at 100 KB. The parser takes quadratic time for encoded words
LONGEST_HEADERS = 2 * 1024 * 1024  # bytes, of all parts together
MOST_DELIMITERS = 100_000
MOST_COPIED = 256 * 1024 * 1024  # bytes
MOST_LINES = 3_000_000  # of a mail that the standard library must parse, which makes an object of each
MOST_SLOW_DELIMITERS = 10_000  # of the same
_FEW = 2000  # hyphens that are looked at one by one
_HEADER_END = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_PART_HEADER = re.compile(rb"--[^\n]*\n((?:[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*)")
_BOUNDARY = re.compile(rb"boundary[ \t]*=[ \t]*\"?([^\"\s;]+)")


class Hazard(Enum):
    LONG_HEADER = auto()
    TOO_MANY_PARTS = auto()
    COPIED_TOO_OFTEN = auto()  # by the fast parser; the standard library doesn't


def hazard_of(raw: bytes) -> Hazard | None:
    if len(raw) <= LONGEST_HEADER:
        return None
    if _FIELD.match(raw) and not _HEADER_END.search(raw, 0, LONGEST_HEADER):
        return Hazard.LONG_HEADER
    if len(raw) <= SMALL:
        return None
    hyphens = _hyphens(raw)
    if hyphens is None:
        return _counted(raw)
    if _are_long_headers(raw, [at for at in hyphens if raw[at - 1 : at] == b"\n"]):
        return Hazard.LONG_HEADER
    messages = sum(_names_a_message(raw[at : at + 48].lower()) for at in hyphens)
    return Hazard.COPIED_TOO_OFTEN if messages * len(raw) > MOST_COPIED else None


def is_too_much_for_slow_parsing(raw: bytes) -> bool:
    return raw.count(b"\n") > MOST_LINES or raw.count(b"\n--") > MOST_SLOW_DELIMITERS


def _hyphens(raw: bytes) -> list[int] | None:
    """Where they are; None where there are many."""
    found: list[int] = []
    position = raw.find(b"-")
    while position >= 0:
        found.append(position)
        if len(found) > _FEW:
            return None
        position = raw.find(b"-", position + 1)
    return found


def _are_long_headers(raw: bytes, delimiters: list[int]) -> bool:
    found = (_PART_HEADER.match(raw, at) for at in delimiters)
    lengths = [match.end(1) - match.start(1) for match in found if match is not None]
    return max(lengths, default=0) > LONGEST_HEADER or sum(lengths) > LONGEST_HEADERS


def _names_a_message(rest: bytes) -> bool:
    """In a digest each part is a mail by default (RFC 2046 §5.1.5), so every one of its delimiters counts."""
    return rest.startswith(b"-type") and (b"message/" in rest or b"/digest" in rest)


def _counted(raw: bytes) -> Hazard | None:
    """The same for a mail that has many hyphens, over all of it."""
    lower = raw.lower()
    delimiters = lower.count(b"\n--")
    if delimiters > MOST_DELIMITERS:
        boundaries = set(_BOUNDARY.findall(lower))
        if len(boundaries) < _FEW:  # else these lines are no text
            delimiters = sum(lower.count(b"\n--" + boundary) for boundary in boundaries)
        if delimiters > MOST_DELIMITERS:
            return Hazard.TOO_MANY_PARTS
    if _are_long_headers(raw, [match.start() + 1 for match in re.finditer(rb"\n--", raw)]):
        return Hazard.LONG_HEADER
    messages = lower.count(b"message/rfc822") + (delimiters if b"/digest" in lower else 0)
    return Hazard.COPIED_TOO_OFTEN if messages * len(raw) > MOST_COPIED else None
