"""What a CMS structure holds: the content of signed and of compressed data, or that it is encrypted (RFC 5652).

Signatures are not verified: a fax shows what was signed, and no reader of it learns more. Read here and not by a
library: mailers write BER with indefinite lengths (X.690 §8.1.3.6), which `cryptography` doesn't read, and only the
way to the content is needed.
"""

import zlib
from dataclasses import dataclass
from enum import Enum, auto

_SIGNED = bytes.fromhex("2a864886f70d010702")  # RFC 5652 §5.1
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")  # RFC 3274 §1.1
_ENCRYPTED = frozenset(
    {
        bytes.fromhex("2a864886f70d010703"),  # enveloped data, RFC 5652 §6.1
        bytes.fromhex("2a864886f70d010706"),  # encrypted data, §8
        bytes.fromhex("2a864886f70d0109100117"),  # authenticated enveloped data, RFC 5083 §2.1
    }
)
_SEQUENCE, _OID, _EXPLICIT = 0x30, 0x06, 0xA0
_OCTETS, _PIECES = 0x04, 0x24  # an OCTET STRING, whole and in pieces (X.690 §8.7)
_DEEPEST = 16  # strings in strings; nobody writes more than two
_LONG_FORM, _INDEFINITE, _MULTIBYTE_TAG = 0x80, 0x80, 0x1F


class Sealed(Enum):
    """Why there is no content to be had."""

    ENCRYPTED = auto()
    CERTIFICATES_ONLY = auto()  # RFC 8551 §3.8
    TOO_LARGE = auto()
    UNREADABLE = auto()


class _Malformed(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    start: int  # of its content
    length: int | None  # None: up to an end-of-contents


def open_cms(data: bytes, *, most: int) -> bytes | Sealed:
    """The content of signed or compressed data, of at most `most` bytes, else why there is none."""
    try:
        return _opened(data, most)
    except _Malformed:
        return Sealed.UNREADABLE
    except zlib.error:
        return Sealed.UNREADABLE


def _opened(data: bytes, most: int) -> bytes | Sealed:
    info = _expect(data, 0, _SEQUENCE)
    oid = _expect(data, info.start, _OID)
    kind = data[oid.start : oid.start + (oid.length or 0)]
    if kind in _ENCRYPTED:
        return Sealed.ENCRYPTED
    if kind not in {_SIGNED, _COMPRESSED}:
        return Sealed.UNREADABLE
    explicit = _expect(data, _after(data, info.start), _EXPLICIT)
    # In both: a version, algorithms, the encapsulated content.
    inside = _expect(data, explicit.start, _SEQUENCE)
    encapsulated = _expect(data, _after(data, _after(data, inside.start)), _SEQUENCE)
    position = _after(data, encapsulated.start)  # its type
    if _is_over(data, encapsulated, position):
        return Sealed.CERTIFICATES_ONLY
    content = _octets(data, _expect(data, position, _EXPLICIT).start)
    if kind == _COMPRESSED:
        content = zlib.decompressobj().decompress(content, most + 1)
    return content if len(content) <= most else Sealed.TOO_LARGE


def _element(data: bytes, position: int) -> _Element:
    """X.690 §8.1: its tag and where its content is; never beyond the end of `data`."""
    try:
        tag, first = data[position], data[position + 1]
    except IndexError as error:
        raise _Malformed from error
    if tag & _MULTIBYTE_TAG == _MULTIBYTE_TAG:
        raise _Malformed  # nothing on our way has one
    start = position + 2
    if first == _INDEFINITE:
        return _Element(tag, start, None)
    if first & _LONG_FORM:
        size = first & 0x7F
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    else:
        length = first
    if start + length > len(data):
        raise _Malformed
    return _Element(tag, start, length)


def _expect(data: bytes, position: int, tag: int) -> _Element:
    found = _element(data, position)
    if found.tag != tag:
        raise _Malformed
    return found


def _after(data: bytes, position: int) -> int:
    """Where the element that begins at `position` is over."""
    level = 0
    while True:
        found = _element(data, position)
        position = found.start + (found.length or 0)
        if found.length is None:
            level += 1
        elif found.tag == 0 and found.length == 0:
            level -= 1
        if level <= 0:
            return position


def _is_over(data: bytes, around: _Element, position: int) -> bool:
    if around.length is not None:
        return position >= around.start + around.length
    return data[position : position + 2] == b"\0\0"


def _octets(data: bytes, position: int) -> bytes:
    """An OCTET STRING, put together from its pieces, which may have pieces themselves."""
    pieces: list[bytes] = []
    ends: list[int | None] = []  # of the strings that are open; None: at an end-of-contents
    while True:
        found = _element(data, position)
        if found.tag == _PIECES and len(ends) < _DEEPEST:
            ends.append(None if found.length is None else found.start + found.length)
            position = found.start
        elif found.tag == _OCTETS and found.length is not None:
            pieces.append(data[found.start : found.start + found.length])
            position = found.start + found.length
        elif found.tag == 0 and ends and ends[-1] is None:
            ends.pop()
            position = found.start
        else:
            raise _Malformed
        while ends and ends[-1] is not None and position >= ends[-1]:
            ends.pop()
        if not ends:
            return b"".join(pieces)
