"""A text goes out unchanged with its charset declared, or as UTF-8; the same letters either way."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.text import COLUMNS, Text, text_document

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
    assert text_document(data, declared) == Text(data, name)


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
    assert text_document(data, declared) == Text(text.encode(), "UTF-8")


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        ("short\r\n" + "x" * COLUMNS + "\r\n", None),
        ("word " * 20 + "end\fnext page", "word " * 15 + "word\nword word word word end\fnext page"),
        ("x" * (COLUMNS + 1), "x" * COLUMNS + "\nx"),
        ("a\t" * 11, "a       " * 9 + "a\na"),
        ("first\n" + "y" * 81 + "\nlast", "first\n" + "y" * 80 + "\ny\nlast"),
    ],
    ids=["as wide as a page", "words", "no words", "tabs", "between others"],
)
def test_lines_wider_than_a_page_are_wrapped_at_words(text: str, wrapped: str | None) -> None:
    expected = Text(text.encode(), "UTF-8") if wrapped is None else Text(wrapped.encode(), "UTF-8", wrapped=True)
    assert text_document(text.encode(), "utf-8") == expected


def test_a_line_without_end_takes_no_time() -> None:
    began = time.process_time()
    text = text_document(b"x" * 5_000_000, None)
    assert time.process_time() - began < 2
    assert text.data.count(b"x") == 5_000_000


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_wrapping_loses_no_letter(text: str) -> None:
    made = text_document(text.encode(), "utf-8")
    assert "".join(made.data.decode().split()) == "".join(text.encode().decode("utf-8-sig").split())
