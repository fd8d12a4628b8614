"""Exchange's way to write a fax address as a mail address: MS-OXCMAIL §2.1.3.1.8 (encode) and §2.2.3.1.2 (decode).

    encapsulated = "IMCEA" type "-" *( normal / slash / escaped )     ; "IMCEA" and type in any case
    normal       = ALPHA / DIGIT / "-" / "="
    slash        = "_"                                                 ; stands for "/"
    escaped      = "+" 2HEXDIG                                         ; one octet that is none of normal

An encoder never escapes a letter or a digit. So `IMCEAFAX-+3089...` was written by hand and meant Greece (+30), while a
decoder that takes every hex pair would read 089..., a German number: an escaped `normal` is refused, not decoded.
"""

import re

from gateway.address.errors import AddressError, quoted

_ENCAPSULATED = re.compile(r"imcea([^-]*)-(.*)", re.IGNORECASE | re.DOTALL)
_ENCODED = re.compile(r"(?:[A-Za-z0-9=_-]|\+[0-9A-Fa-f]{2})*")
_ESCAPED = re.compile(rb"\+([0-9A-Fa-f]{2})")
_ESCAPED_NORMAL = re.compile(r"\+(?:3[0-9D]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|2D)", re.IGNORECASE)


def decapsulate(local_part: str) -> str | None:
    """The FAX address inside an IMCEAFAX local part, None if it is not encapsulated at all.

    Raises AddressError for another address type and for what no encoder writes.
    """
    if not (match := _ENCAPSULATED.fullmatch(local_part)):
        return None
    address_type, encoded = match.groups()
    if address_type.upper() != "FAX":
        message = (
            f"{quoted(local_part)} is an Exchange address of the type {quoted(address_type)}, not FAX."
            " Give the recipient a fax address."
        )
        raise AddressError(message, rule="imcea-type")
    if not _ENCODED.fullmatch(encoded) or _ESCAPED_NORMAL.search(encoded):
        message = (
            f"{quoted(local_part)} is not Exchange's encoding of a fax number:"
            ' there a plus is written +2B, a space +20. Write the number alone, without "IMCEAFAX-".'
        )
        raise AddressError(message, rule="imcea-encoding")
    octets = encoded.replace("_", "/").encode("ascii")
    return _text(_ESCAPED.sub(lambda pair: bytes.fromhex(pair[1].decode("ascii")), octets))


def _text(octets: bytes) -> str:
    # The standard calls a pair "the single character that the two digits represent" and names no charset;
    # newer servers write UTF-8. Only a name can hold such characters: a number is ASCII and its lookalikes.
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")
