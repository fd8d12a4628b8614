"""Declared charset, byte order mark, strict UTF-8, then a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.charset import decode_text

GERMAN = "Sehr geehrte Damen und Herren, anbei die Größenliste für Müller & Söhne."
POLISH = "Szanowni Państwo, w załączeniu przesyłamy umowę; proszę o podpis i odesłanie."


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-8859-15", "cp850", "utf-16", "utf-7"])
def test_a_right_declaration_is_followed(charset: str) -> None:
    assert decode_text(GERMAN.encode(charset), charset)[0] == GERMAN


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (GERMAN.encode(), None, GERMAN),
        (GERMAN.encode(), "us-ascii", GERMAN),
        (GERMAN.encode("utf-8-sig"), "iso-8859-1", GERMAN),  # the mark tells the truth
        (GERMAN.encode("cp1252"), "utf-8", GERMAN),
        (GERMAN.encode("cp1252"), None, GERMAN),
        (POLISH.encode("cp1250"), None, POLISH),
        (b"5 \x80", "iso-8859-1", "5 €"),
        (b"", None, ""),
        (b"plain", "rot13", "plain"),
        (b"plain", "\0", "plain"),
    ],
)
def test_a_wrong_or_missing_one_is_made_up_for(data: bytes, declared: str | None, text: str) -> None:
    assert decode_text(data, declared)[0] == text


@given(st.binary(max_size=500), st.none() | st.text(max_size=20))
def test_any_bytes_are_a_text(data: bytes, declared: str | None) -> None:
    text, charset = decode_text(data, declared)
    assert isinstance(text, str)
    assert charset
