"""A text goes out unchanged with its charset declared, or as UTF-8; the same letters either way."""

import pytest

from gateway.documents.text import text_document

GERMAN = "Größe: 5 €\fnächste Seite"


@pytest.mark.parametrize(
    ("charset", "declared", "name"),
    [
        ("utf-8", "utf-8", "UTF-8"),
        ("utf-8", "UTF8", "UTF-8"),
        ("utf-16-le", "utf-16le", "UTF-16LE"),
        ("utf-16-be", "UTF-16BE", "UTF-16BE"),
        ("cp1252", "windows-1252", "Windows-1252"),
    ],
)
def test_a_charset_that_the_service_knows_is_declared_and_the_bytes_stay(
    charset: str, declared: str, name: str
) -> None:
    data = GERMAN.encode(charset)
    assert text_document(data, declared) == (data, name)


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (GERMAN.encode("cp1252"), "iso-8859-1", GERMAN),  # the euro sign isn't in it: Windows says so wrongly
        ("Größe".encode("iso-8859-15"), "iso-8859-15", "Größe"),
        ("Żółć".encode("iso-8859-2"), "iso-8859-2", "Żółć"),
        ("Größe".encode(), "us-ascii", "Größe"),
        ("Größe".encode(), None, "Größe"),
        ("Größe".encode("utf-8-sig"), None, "Größe"),
        ("Größe".encode("utf-16"), None, "Größe"),
        ("Größe ist wichtig für uns".encode("latin-1"), "utf-8", "Größe ist wichtig für uns"),
        ("Договор номер семь".encode("koi8-r"), "koi8-r", "Договор номер семь"),
        (b"", None, ""),
        (b"plain", "no-such-charset", "plain"),
    ],
)
def test_anything_else_becomes_utf_8(data: bytes, declared: str | None, text: str) -> None:
    assert text_document(data, declared) == (text.encode(), "UTF-8")
