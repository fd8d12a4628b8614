"""Bytes to text: declared charset, byte order mark, strict UTF-8, then a guess (RFC 2045 §5.2, Encoding Standard).

The guess is windows-1252 where that gives a sound Western text, else by the frequency of letters.

A declaration is followed unless the bytes say that it can't be true: a byte order mark, UTF-8 in what is declared as
a charset of single bytes (other text almost never happens to be UTF-8), NUL bytes in it (UTF-16). A text that is UTF-8
but for a few bytes is UTF-8 with replacement characters.
"""

import codecs
from collections.abc import Iterator

import chardet
from chardet.enums import EncodingEra

from gateway.mail.western import western_charset

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encoding Standard §4.2: what these names mean in practice; bytes 0x80 to 0x9F are never meant as controls.
LABELS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "ascii",
    "unicode": "utf-8",
    "utf-8-mac": "utf-8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",  # with the half-width letters that many mailers put into it
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
}
# Codecs of Python that are no charsets; some of them take minutes for a megabyte, others make lone surrogates.
NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
LAST_RESORT = "cp1252"
GUESSED_FROM = 64 * 1024  # bytes that a guess looks at
SHORT = 16  # bytes: too few to tell the rarer charsets apart
REPAIRABLE = 0.05  # of a text's letters beyond ASCII that may be broken in UTF-8


def decode_text(data: bytes, declared: str | None) -> tuple[str, str]:
    """The text, and the charset that was used. Never fails: what no charset fits comes with replacement characters."""
    for mark, marked in MARKS:
        if data.startswith(mark):
            return data.decode(marked, "replace"), marked
    for charset in _candidates(data, declared):
        text = _strict(data, charset)
        if text is not None:
            return text, charset
    charset = "utf-8" if _is_nearly_utf8(data) else LAST_RESORT
    return data.decode(charset, "replace"), charset


def guessed_charset(data: bytes) -> str | None:
    """As a Western text, else by the frequency of letters; of a few bytes only what the web uses today is guessed."""
    western = western_charset(data[:GUESSED_FROM])
    if western is not None:
        return western
    era = EncodingEra.MODERN_WEB if len(data) <= SHORT else EncodingEra.ALL
    found = chardet.detect(data[:GUESSED_FROM], encoding_era=era)
    return _python_name(found["encoding"])


def strictly(data: bytes, declared: str | None) -> str | None:
    """The text where `declared` is a charset that fits every byte, else None."""
    return _strict(data, _python_name(declared))


def is_utf8(data: bytes) -> bool:
    return _strict(data, "utf-8") is not None


def _candidates(data: bytes, declared: str | None) -> Iterator[str]:
    """From the surest to the last guess, which is only made when it is needed."""
    named = _python_name(declared)
    if named is not None and not data.isascii() and _is_single_byte(named):
        yield "utf-8"
    if named is not None and not (b"\0" in data and _is_single_byte(named)):
        yield named
    if b"\0" not in data or not data.isascii():
        yield "utf-8"
    if _is_nearly_utf8(data):
        return
    guess = guessed_charset(data)
    if guess is not None:
        yield guess
    if named is not None:
        yield named
    yield "utf-8"


def _is_single_byte(charset: str) -> bool:
    return charset == "ascii" or charset.startswith(("cp12", "iso8859", "cp4", "cp85", "mac"))


def _is_nearly_utf8(data: bytes) -> bool:
    """Whether but a few letters are broken, by a cut in the middle of one, say."""
    if data.isascii():
        return False
    text = data.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return broken <= max(1, beyond_ascii * REPAIRABLE) and beyond_ascii >= 4 * broken


def _python_name(charset: str | None) -> str | None:
    if not charset:
        return None
    name = charset.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(LABELS.get(name, name)).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found.replace("-", "_") in NO_CHARSETS else found


def _strict(data: bytes, charset: str | None) -> str | None:
    if charset is None:
        return None
    try:
        text = data.decode(charset)
        if charset == "utf-7":
            text.encode()  # it lets lone surrogates pass
    except (UnicodeError, LookupError, ValueError):  # LookupError: rot13 and its like, which aren't charsets
        return None
    return text
