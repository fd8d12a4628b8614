"""libmagic decides the binary types; among texts, declared type and extension choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.sniff import Kind, sniff

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
TIFF = b"II*\0\x08\0\0\0" + bytes(60)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(60)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(60)
ZIP = b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(60)
HTML = b"<html><body><p>Guten Tag</p></body></html>"
FRAGMENT = b"<p>a, b, c</p>\n<p>d, e, f</p>\n"
TEXT = b"Guten Tag\r\n"


@pytest.mark.parametrize(
    ("head", "declared_type", "filename", "charset", "kind"),
    [
        (PDF, "application/pdf", "a.pdf", None, Kind.PDF),
        (PDF, "application/octet-stream", None, None, Kind.PDF),  # a scanner
        (PDF, "text/plain", "a.txt", None, Kind.PDF),
        (b"\0junk\xff\xfe" + PDF, "application/pdf", "a.pdf", None, Kind.PDF),
        (TIFF, "application/octet-stream", "scan", None, Kind.TIFF),
        (b"MM\0*" + bytes(60), "image/tiff", "scan.tif", None, Kind.TIFF),
        (HTML, "text/html", None, None, Kind.HTML),
        (HTML, "application/octet-stream", "page.HTM", None, Kind.HTML),
        (HTML, "text/plain", "page.html", None, Kind.TEXT),  # its sender says that it is text
        (FRAGMENT, "text/html", None, None, Kind.HTML),
        (TEXT, "text/html", None, None, Kind.HTML),
        (TEXT, "text/plain", None, None, Kind.TEXT),
        (TEXT, "application/octet-stream", "log", None, Kind.TEXT),
        (b'{"a": [1, 2]}', "application/json", "a.json", None, Kind.TEXT),
        (b"<?xml version='1.0'?><a/>", "application/xml", "a.xml", None, Kind.TEXT),
        (b"a;b;c\r\n1;2;3\r\n", "text/csv", "a.csv", None, Kind.TEXT),
        (b"int main(void) { return 0; }\n#include <stdio.h>\n", "text/plain", "a.c", None, Kind.TEXT),
        ("Größe".encode("utf-16-le"), "text/plain", None, "utf-16le", Kind.TEXT),
        ("Größe ist wichtig".encode("cp437"), "text/plain", None, "cp437", Kind.TEXT),
        ("Größe ist wichtig für uns".encode("cp437"), "text/plain", None, None, Kind.TEXT),
        (PNG, "image/png", "logo.png", None, Kind.IMAGE),
        (PNG, "application/pdf", "fake.pdf", None, Kind.IMAGE),
        (JPEG, "image/jpeg", None, None, Kind.IMAGE),
        (ZIP, "application/pdf", "a.pdf", None, Kind.UNSUPPORTED),
        (b"{\\rtf1\\ansi Guten Tag}", "text/plain", "a.txt", None, Kind.UNSUPPORTED),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "text/plain", "a.txt", None, Kind.UNSUPPORTED),
        (bytes(range(256)), "application/octet-stream", None, None, Kind.UNSUPPORTED),
        (b"From: a@example.com\r\n\r\nhi", "message/rfc822", None, None, Kind.UNSUPPORTED),
    ],
)
def test_a_document_is_what_it_really_is(
    head: bytes, declared_type: str, filename: str | None, charset: str | None, kind: Kind
) -> None:
    assert sniff(head, declared_type=declared_type, filename=filename, charset=charset).kind is kind


@pytest.mark.parametrize(
    ("head", "description"), [(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"), (ZIP, "a ZIP archive")]
)
def test_what_is_refused_is_called_by_its_name(head: bytes, description: str) -> None:
    found = sniff(head, declared_type="application/octet-stream", filename=None, charset=None)
    assert found.description == description


@given(st.binary(max_size=300), st.sampled_from(["text/plain", "text/html", "application/octet-stream", "", "x/y"]))
def test_any_bytes_have_a_verdict(head: bytes, declared_type: str) -> None:
    found = sniff(head, declared_type=declared_type, filename="a\0b", charset="no-such-charset")
    assert found.kind in Kind
    assert found.description
