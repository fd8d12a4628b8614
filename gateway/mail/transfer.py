"""Content-Transfer-Encoding undone, keeping what decodes (RFC 2045 §6).

The fast parser decodes what is well-formed; this is for the rest.
"""

import binascii
import quopri
import re

from gateway.mail.uuencode import decode_uu

UUENCODED = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_NOT_A_TOKEN = re.compile(r"[\s\"';,()].*", re.DOTALL)
_PROSE = re.compile(rb"[^\s=] +[^\s=]")  # a line with a space in it: no base64
_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_SEGMENT = re.compile(rb"[^=]+")
_OTHERS = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def encoding_name(header: str) -> str:
    """Lower case, without what mailers append to it: `base64;`, `"8bit"`, `7bit (no comment)`."""
    return _NOT_A_TOKEN.sub("", header.strip(" \t\r\n\"'")).lower()


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """An encoding that nobody knows is none (RFC 2045 §6.4 wants octet-stream for it; its bytes tell more)."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "quoted-printable":
        return quopri.decodestring(data)
    if encoding in UUENCODED:
        decoded = decode_uu(data)
        return data if decoded is None else decoded
    return data


def decode_base64(data: bytes) -> bytes:
    """Without foreign characters (RFC 2045 §6.8), without the footer that a list put below; padding may be anywhere."""
    kept, footer = [], False
    for line in data.splitlines():
        footer = footer or _PROSE.search(line) is not None
        if not footer or _LINE.fullmatch(line.strip()):
            kept.append(line)
    return b"".join(_whole(match[0].translate(None, _OTHERS)) for match in _SEGMENT.finditer(b"".join(kept)))


def _whole(digits: bytes) -> bytes:
    """A last lone digit is less than a byte."""
    usable = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))
