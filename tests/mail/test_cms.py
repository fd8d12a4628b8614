"""The way to the content of a CMS structure, in DER and in BER. Mails made by OpenSSL are among trees/."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.cms import Sealed, open_cms

DATA = "2a864886f70d010701"
SIGNED = "2a864886f70d010702"
ENVELOPED = "2a864886f70d010703"
AUTHENTICATED = "2a864886f70d0109100117"
COMPRESSED = "2a864886f70d0109100109"
DIGESTED = "2a864886f70d010705"
TEXT = b"Content-Type: text/plain\r\n\r\nGuten Tag"


def element(tag: int, *content: bytes) -> bytes:
    """With a definite length (X.690 §8.1.3.5)."""
    data = b"".join(content)
    if len(data) < 128:
        return bytes([tag, len(data)]) + data
    size = (len(data).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(data).to_bytes(size, "big") + data


def endless(tag: int, *content: bytes) -> bytes:
    """With an indefinite length (X.690 §8.1.3.6)."""
    return bytes([tag, 0x80]) + b"".join(content) + b"\0\0"


def oid(value: str) -> bytes:
    return element(0x06, bytes.fromhex(value))


VERSION, ALGORITHMS = element(0x02, b"\1"), element(0x31, element(0x30, oid("608648016503040201")))


def signed(content: bytes, kind: str = SIGNED) -> bytes:
    """`content`: an encoded OCTET STRING."""
    inside = element(0x30, VERSION, ALGORITHMS, element(0x30, oid(DATA), element(0xA0, content)), element(0x31))
    return element(0x30, oid(kind), element(0xA0, inside))


def signed_endless(content: bytes) -> bytes:
    algorithms = endless(0x31, endless(0x30, oid("608648016503040201")))
    inside = endless(0x30, VERSION, algorithms, endless(0x30, oid(DATA), endless(0xA0, content)), element(0x31))
    return endless(0x30, oid(SIGNED), endless(0xA0, inside))


WHOLE = element(0x04, TEXT)
PIECES = (element(0x04, TEXT[:10]), element(0x04, TEXT[10:]))


@pytest.mark.parametrize(
    "data",
    [
        signed(WHOLE),
        signed_endless(WHOLE),
        signed(element(0x24, *PIECES)),
        signed(endless(0x24, *PIECES)),
        signed_endless(endless(0x24, *PIECES)),
        signed_endless(endless(0x24, element(0x24, PIECES[0]), endless(0x24, PIECES[1]))),
        signed(WHOLE) + b"\r\n",
        signed(element(0x04, zlib.compress(TEXT)), COMPRESSED),
    ],
    ids=["DER", "BER", "pieces", "endless pieces", "all endless", "nested pieces", "line end", "compressed"],
)
def test_the_content_is_found_however_it_is_encoded(data: bytes) -> None:
    assert open_cms(data, most=100) == TEXT


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (element(0x30, oid(ENVELOPED), element(0xA0, element(0x30))), Sealed.ENCRYPTED),
        (endless(0x30, oid(AUTHENTICATED), endless(0xA0, endless(0x30))), Sealed.ENCRYPTED),
        (
            element(0x30, oid(SIGNED), element(0xA0, element(0x30, VERSION, element(0x31), element(0x30, oid(DATA))))),
            Sealed.CERTIFICATES_ONLY,
        ),
        (signed(element(0x04, b"x" * 101)), Sealed.TOO_LARGE),
        (signed(element(0x04, zlib.compress(b"x" * 1_000_000)), COMPRESSED), Sealed.TOO_LARGE),
        (signed(element(0x04, b"not zlib"), COMPRESSED), Sealed.UNREADABLE),
        (signed(WHOLE, DIGESTED), Sealed.UNREADABLE),
        (signed(WHOLE)[:-20], Sealed.UNREADABLE),
        (signed_endless(b"\x24\x80" * 1000), Sealed.UNREADABLE),
        (b"%PDF-1.7", Sealed.UNREADABLE),
        (b"", Sealed.UNREADABLE),
    ],
    ids=range(11),
)
def test_there_is_a_reason_why_there_is_no_content(data: bytes, why: Sealed) -> None:
    assert open_cms(data, most=100) is why


@given(st.binary(max_size=400))
def test_any_content_comes_out_as_it_went_in(content: bytes) -> None:
    assert open_cms(signed_endless(endless(0x24, element(0x04, content))), most=400) == content


@given(st.binary(max_size=60), st.integers(0, 120), st.integers(0, 10))
def test_any_damage_is_survived(noise: bytes, at: int, cut: int) -> None:
    data = signed_endless(WHOLE)
    assert isinstance(open_cms(data[:at] + noise + data[at + cut :], most=1000), bytes | Sealed)
