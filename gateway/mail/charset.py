"""Bytes to text: declared charset, byte order mark, strict UTF-8, then a guess (RFC 2045 §5.2, Encoding Standard)."""

import codecs
from collections.abc import Iterator

import chardet

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encoding Standard §4.2: what these names mean in practice; bytes 0x80 to 0x9F are never meant as controls.
LABELS = {"iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "ascii", "unicode": "utf-8"}
LAST_RESORT = "cp1252"
GUESSED_FROM = 64 * 1024  # bytes that a guess looks at


def decode_text(data: bytes, declared: str | None) -> tuple[str, str]:
    """The text, and the charset that was used. Never fails: what no charset fits comes with replacement characters."""
    for mark, marked in MARKS:
        if data.startswith(mark):
            return data.decode(marked, "replace"), marked
    for charset in _candidates(data, declared):
        text = _strict(data, charset)
        if text is not None:
            return text, charset
    return data.decode(LAST_RESORT, "replace"), LAST_RESORT


def guessed_charset(data: bytes) -> str | None:
    found = chardet.detect(data[:GUESSED_FROM])
    return _python_name(found["encoding"])


def _candidates(data: bytes, declared: str | None) -> Iterator[str]:
    """From the surest to the last guess, which is only made when it is needed."""
    named = _python_name(declared)
    if named is not None:
        yield named
    yield "utf-8"
    guess = guessed_charset(data)
    if guess is not None:
        yield guess


def strictly(data: bytes, declared: str | None) -> str | None:
    """The text where `declared` is a charset that fits every byte, else None."""
    return _strict(data, _python_name(declared))


def _python_name(charset: str | None) -> str | None:
    if not charset:
        return None
    name = charset.strip().strip("\"'").lower()
    try:
        return codecs.lookup(LABELS.get(name, name)).name
    except (LookupError, ValueError):
        return None


def _strict(data: bytes, charset: str | None) -> str | None:
    if charset is None:
        return None
    try:
        return data.decode(charset)
    except (UnicodeError, LookupError, ValueError):  # LookupError: rot13 and its like, which aren't charsets
        return None
