"""Where a part's header stands in the mail's bytes, for the few parts whose header must be read as it was written.

The fast parser gives headers decoded; what it can't decode well is lost there (RFC 2047, raw bytes).
"""

import re
from collections.abc import Mapping

from gateway.mail.charset import decode_text

_HEADER_END = re.compile(rb"\n\r?\n")
_FIELD = re.compile(r"^([!-9;-~]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
# What mailers write there for readers that know no MIME.
_FOR_OLD_READERS = re.compile(r"This is an? [\w -]*message in MIME format\.?", re.IGNORECASE)
_LINE_REST = re.compile(rb"[ \t]*\r?\n")


class Place:
    """A part of `raw`; `start` None: not to be found. `ends`: the delimiters that end it."""

    def __init__(self, raw: bytes, start: int | None = 0, ends: tuple[bytes, ...] = ()) -> None:
        self._raw = raw
        self._start = start
        self._ends = ends
        self._found: list[int] = []  # where children begin, as far as they were looked for
        self._next: int | None = None

    def header(self) -> bytes:
        if self._start is None or self._raw.startswith((b"\r\n", b"\n"), self._start):
            return b""
        return self._raw[self._start : self._body()]

    def body(self) -> bytes:
        """As it stands there, still encoded."""
        if self._start is None:
            return b""
        start = self._body()
        found = (self._raw.find(end, start - 1) for end in self._ends)
        return self._raw[start : min((at for at in found if at >= 0), default=len(self._raw))]

    def child(self, boundary: str | None, index: int) -> "Place":
        """RFC 2046 §5.1.1: what follows the delimiter number `index`."""
        if self._start is None or not boundary or not boundary.isascii():
            return Place(self._raw, None)
        if self._next is None:
            self._next = self._body()
        while len(self._found) <= index:
            start = self._after_delimiter(b"--" + boundary.encode())
            if start is None:
                return Place(self._raw, None)
            self._found.append(start)
        # The delimiters of the containers around it end it as well: the inner one may be missing.
        return Place(self._raw, self._found[index], (*self._ends, b"\n--" + boundary.encode()))

    def _body(self) -> int:
        match = _HEADER_END.search(self._raw, max((self._start or 0) - 1, 0))
        return match.end() if match is not None else len(self._raw)

    def _after_delimiter(self, delimiter: bytes) -> int | None:
        position = self._next or 0
        while (position := self._raw.find(delimiter, position)) >= 0:
            rest = _LINE_REST.match(self._raw, position + len(delimiter))
            if rest is not None and self._raw[position - 1 : position] == b"\n":
                self._next = rest.end()
                return rest.end()
            position += len(delimiter)
        self._next = len(self._raw)
        return None


def fields(header: bytes) -> Mapping[str, tuple[str, ...]]:
    """The fields as they were written, by lower-case name; bytes beyond ASCII as surrogate escapes."""
    found: dict[str, list[str]] = {}
    for match in _FIELD.finditer(header.decode("ascii", "surrogateescape")):
        found.setdefault(match[1].lower(), []).append(match[2].rstrip())
    return {name: tuple(values) for name, values in found.items()}


def preamble(raw: bytes, boundary: str | None) -> str:
    """What stands before the first delimiter (RFC 2046 §5.1.1): the text of a mail whose delimiters were lost."""
    header = _HEADER_END.search(raw)
    start = header.end() if header is not None else 0
    end = raw.find(b"--" + (boundary or "").encode("utf-8", "replace"), start)
    text, _ = decode_text(raw[start : end if end >= 0 else len(raw)], None)
    return _FOR_OLD_READERS.sub("", text).replace("\r\n", "\n").strip()
