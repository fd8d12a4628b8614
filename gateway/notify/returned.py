"""The part of a notification that brings the sender's mail back: whole, or its header (RFC 6522 §3 and §4)."""

import quopri
import re
from dataclasses import dataclass

HEADER_BYTES = 64 * 1024
WHOLE_BYTES = 5 * 1024 * 1024
LINE_BYTES = 998  # RFC 5322 §2.1.1, without CRLF

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_NEW_LINE = re.compile(rb"\r\n|\r|\n")
_NEW_FIELD = re.compile(rb"\r\n(?![ \t])")


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A MIME part that needs no more than 7 bits and lines of 998 bytes; ends with CRLF."""

    content_type: str
    encoding: str
    content: bytes


def returned_mail(original: bytes, *, whole: bool) -> BodyPart:
    """`original` as a body part: whole if wanted and possible, else its header fields.

    A mail that is large, or that 7 bits can't carry as it is, comes back as its header: message/rfc822 may not be
    encoded (RFC 2046 §5.2.1), and the smarthost need not know 8BITMIME.
    """
    if whole and len(original) <= WHOLE_BYTES and _is_plain(original):
        content = _NEW_LINE.sub(b"\r\n", original)
        return BodyPart("message/rfc822", "7bit", content if content.endswith(b"\r\n") else content + b"\r\n")
    header = _header(original)
    if _is_plain(header):
        return BodyPart("text/rfc822-headers", "7bit", header)
    # RFC 6522 §4: broken or extended headers may be encoded as quoted-printable.
    return BodyPart("text/rfc822-headers", "quoted-printable", quoted_printable(header))


def quoted_printable(text: bytes) -> bytes:
    """RFC 2045 §6.7; lines of `text` may end with LF or CRLF, those of the result end with CRLF."""
    return quopri.encodestring(_NEW_LINE.sub(b"\n", text)).replace(b"\n", b"\r\n")


def _header(original: bytes) -> bytes:
    """The header fields, each with CRLF; what doesn't fit into 64 KB is left out field by field."""
    end = _END_OF_HEADER.search(original)
    header = _NEW_LINE.sub(b"\r\n", original[: end.start()] if end else original).strip(b"\r\n")
    kept, size = list[bytes](), 0
    for field in _NEW_FIELD.split(header):
        length = len(field) + 2
        if size + length <= HEADER_BYTES:
            kept.append(field)
            size += length
    return b"".join(field + b"\r\n" for field in kept)


def _is_plain(content: bytes) -> bool:
    if not content.isascii() or b"\0" in content:
        return False
    return all(len(line) <= LINE_BYTES for line in _NEW_LINE.split(content))
