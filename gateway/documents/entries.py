"""How the content of a container comes back from the process that unpacked it: an index in JSON, then all bytes.

    4 bytes   length of the index, big-endian
    index     {"text": n | null, "html": n | null, "left_out": [...], "entries": [[name, type, content id | null, n]]}
    bytes     in that order, n of each

It comes from a process that has touched documents of strangers: forms and limits are checked where it is read.
"""

import json
import re

from gateway.documents.finding import DocumentLimits, Entry, Unpacked

LONGEST_NAME = 255  # characters
LONGEST_SENTENCE = 300
MOST_SENTENCES = 100
_INDEX_LENGTH = 4
_LONGEST_INDEX = 1024 * 1024
_MEDIA_TYPE = re.compile(r"(?:[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127})?")  # RFC 6838 §4.2


class Misframed(Exception):
    """Nothing that ``framed`` has made, or more than is allowed."""


def most_bytes(limits: DocumentLimits) -> int:
    """How long what ``framed`` makes may be."""
    return limits.bytes + _LONGEST_INDEX + _INDEX_LENGTH


def named(name: str) -> str:
    """A name as it may go into an Entry: one line, nothing endless, the end of it being the part that counts."""
    return "".join(each if each.isprintable() else " " for each in name).strip()[-LONGEST_NAME:]


def sentence(text: str) -> str:
    """As it may go into `left_out`."""
    line = "".join(each if each.isprintable() else " " for each in text).strip()
    return line if len(line) <= LONGEST_SENTENCE else line[: LONGEST_SENTENCE - 1] + "…"


def media_type(declared: str) -> str:
    """As it may go into an Entry; "" where it is none."""
    return declared if _MEDIA_TYPE.fullmatch(declared) else ""


def framed(unpacked: Unpacked) -> bytes:
    text, html = (None if each is None else each.encode() for each in (unpacked.body_text, unpacked.body_html))
    index = {
        "text": None if text is None else len(text),
        "html": None if html is None else len(html),
        "left_out": unpacked.left_out,
        "entries": [[each.name, each.declared_type, each.content_id, len(each.data)] for each in unpacked.entries],
    }
    encoded = json.dumps(index).encode()
    contents = (text or b"", html or b"", *(each.data for each in unpacked.entries))
    return b"".join((len(encoded).to_bytes(_INDEX_LENGTH), encoded, *contents))


def unframed(content: bytes, limits: DocumentLimits) -> Unpacked:
    """Raises Misframed."""
    length = int.from_bytes(content[:_INDEX_LENGTH])
    start = _INDEX_LENGTH + length
    if length > _LONGEST_INDEX or len(content) < start or len(content) > most_bytes(limits):
        raise Misframed("of an impossible length")
    try:
        index = json.loads(content[_INDEX_LENGTH:start])
    except (ValueError, RecursionError) as error:
        raise Misframed("no index") from error
    match index:
        case {"text": text, "html": html, "left_out": list(left_out), "entries": list(entries)} if len(index) == 4:  # noqa: PLR2004
            return _Contents(content, start).unpacked(text, html, left_out, entries, limits)
        case _:
            raise Misframed("an index of an unknown form")


class _Contents:
    """The bytes behind the index, one piece after the other. Every method raises Misframed."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content = content
        self._at = start

    def unpacked(
        self, text: object, html: object, left_out: list[object], entries: list[object], limits: DocumentLimits
    ) -> Unpacked:
        if len(entries) > limits.documents or len(left_out) > MOST_SENTENCES:
            raise Misframed("more than is allowed")
        body_text, body_html = self._text(text), self._text(html)
        if body_text is not None and body_html is not None:
            raise Misframed("two texts")
        found = tuple(self._entry(each) for each in entries)
        if self._at != len(self._content):
            raise Misframed("more bytes than the index knows")
        return Unpacked(body_text, body_html, found, tuple(_line(each, LONGEST_SENTENCE) for each in left_out))

    def _text(self, size: object) -> str | None:
        try:
            return None if size is None else self._taken(size).decode()
        except UnicodeDecodeError as error:
            raise Misframed("a text that is none") from error

    def _entry(self, described: object) -> Entry:
        match described:
            case [name, str(declared), None | str() as content_id, size] if _MEDIA_TYPE.fullmatch(declared):
                reference = None if content_id is None else _line(content_id, LONGEST_NAME)
                return Entry(_line(name, LONGEST_NAME), declared, self._taken(size), reference)
            case _:
                raise Misframed("an entry of an unknown form")

    def _taken(self, size: object) -> bytes:
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= len(self._content) - self._at:
            raise Misframed("fewer bytes than the index knows")
        taken = self._content[self._at : self._at + size]
        self._at += size
        return taken


def _line(text: object, longest: int) -> str:
    if not isinstance(text, str) or len(text) > longest or not text.isprintable():
        raise Misframed("a line that is none")
    return text
