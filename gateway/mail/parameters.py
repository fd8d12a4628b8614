"""The parameters of Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183, RFC 2231), however they are written.

One pass over the text: a header of megabytes costs no more than its length.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.mail.charset import decode_text
from gateway.mail.words import decode_words

LONGEST = 64 * 1024  # characters of a header that are looked at
# RFC 2045 §5.1 as nearly all mails write it; what is odd goes the long way.
_PLAIN = re.compile(r';\s*([^\s=;"*]+)=(?:"([^"\\]*)"|([^\s;"\\]+))\s*')
# Lenient: spaces around "=", unquoted values with spaces in them, quotes that are never closed.
_LENIENT = re.compile(r';\s*([^\s=;]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)(?:"[^;]*|$)|([^;]*)))?', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
# RFC 2231: name*, name*0, name*0*
_EXTENDED = re.compile(r"([^*]+)(?:\*([0-9]{1,4}))?(\*)?")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A value or, where it has a number, a part of one (RFC 2231 §3)."""

    number: int
    encoded: bool
    text: str


def parameters(header: str) -> Mapping[str, str]:
    """By lower-case name; of two with one name the first counts. `header` may have surrogate escapes for bytes."""
    plain = plain_parameters(header)
    if plain is not None and header.isascii() and "=?" not in header:
        return plain
    found: dict[str, str] = {}
    extended: dict[str, list[_Piece]] = {}
    cut = header[:LONGEST]
    for match in _LENIENT.finditer(cut, max(cut.find(";"), 0)):
        written = match[1].lower()
        value = _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else (match[3] or "").strip()
        named = _EXTENDED.fullmatch(written)
        if "*" in written and named is not None:
            piece = _Piece(int(named[2] or 0), named[3] is not None, value)
            extended.setdefault(named[1], []).append(piece)
        elif value:
            found.setdefault(written, decode_words(value))
    # RFC 6266 §4.3: who writes both forms means the extended one for those who can read it.
    found |= {name: value for name, pieces in extended.items() if (value := _joined(pieces))}
    return found


def plain_parameters(header: str) -> dict[str, str] | None:
    """Where they are written plainly, else None."""
    found: dict[str, str] = {}
    position = header.find(";")
    while 0 <= position < len(header):
        match = _PLAIN.match(header, position)
        if match is None:
            return None
        if match[2] or match[3]:
            found.setdefault(match[1].lower(), match[2] or match[3])
        position = match.end()
    return found


def _joined(pieces: list[_Piece]) -> str:
    """RFC 2231 §4.1: joined by number, then decoded, since a piece may end within a character."""
    ordered = sorted(pieces, key=lambda piece: piece.number)
    charset = None
    if ordered[0].encoded and ordered[0].text.count("'") >= 2:  # noqa: PLR2004 - charset'language'text
        charset, _, first = ordered[0].text.split("'", 2)
        ordered[0] = _Piece(ordered[0].number, encoded=True, text=first)
    data = b"".join(_bytes(piece) for piece in ordered)
    text, _ = decode_text(data, charset)
    return decode_words(text)


def _bytes(piece: _Piece) -> bytes:
    raw = piece.text.encode("utf-8", "surrogateescape")
    return unquote_to_bytes(raw) if piece.encoded else raw
