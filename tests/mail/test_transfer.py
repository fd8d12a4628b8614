"""Transfer encodings that are broken: what decodes is kept."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.transfer import decode_base64, decode_transfer, encoding_name


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        (b"R3V0ZW4gVGFn", b"Guten Tag"),
        (b"R3V0\r\nZW4g\r\nVGFn\r\n", b"Guten Tag"),
        (b"R3V0*ZW4g!VGFn", b"Guten Tag"),
        (b"R3V0ZW4gVGFnLg", b"Guten Tag."),  # its padding is lost
        (b"R3V0ZW4gVGFnL", b"Guten Tag"),  # cut off
        (b"R3V0ZW4gVA==VGFn", b"Guten TTag"),  # joined from two
        (b"R3V0ZW4gVGFn\r\n_____\r\nthe list at\r\nlists@example.com\r\n", b"Guten Tag"),
        (b"", b""),
        (b"====", b""),
    ],
)
def test_broken_base64_costs_what_is_broken_and_no_more(encoded: bytes, decoded: bytes) -> None:
    assert decode_base64(encoded) == decoded


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("base64", "base64"),
        ("BASE64;", "base64"),
        ('"quoted-printable"', "quoted-printable"),
        ("8bit (no comment)", "8bit"),
        ("", ""),
        ("text/html; charset=utf-8", "text/html"),
    ],
)
def test_the_name_of_an_encoding_is_read_leniently(header: str, name: str) -> None:
    assert encoding_name(header) == name


@pytest.mark.parametrize(
    ("encoding", "data", "decoded"),
    [
        ("quoted-printable", b"a=ZZb=3Dc=\r\n=C3", b"a=ZZb=c\xc3"),
        ("spam", b"=3D", b"=3D"),
        ("x-uuencode", b"begin 644 a\r\n#0V%T\r\n`\r\nend\r\n", b"Cat"),
        ("x-uuencode", b"no such thing", b"no such thing"),
    ],
)
def test_an_encoding_is_undone(encoding: str, data: bytes, decoded: bytes) -> None:
    assert decode_transfer(data, encoding) == decoded


@given(st.binary(max_size=300))
def test_what_is_well_formed_comes_back(data: bytes) -> None:
    assert decode_base64(base64.encodebytes(data)) == data


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "uuencode", "7bit", "nonsense"]))
def test_any_bytes_decode_to_something(data: bytes, encoding: str) -> None:
    assert isinstance(decode_transfer(data, encoding), bytes)
