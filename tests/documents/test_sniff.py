"""libmagic decides the binary types; among texts, declared type and extension choose."""

import io
import os
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.containers import ole_format, zip_names
from gateway.documents.sniff import HEAD_BYTES, Kind, sniff

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
TIFF = b"II*\0\x08\0\0\0" + bytes(60)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(60)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(60)
ZIP = b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(60)
TNEF = b"\x78\x9f\x3e\x22\x01\0\x01\x06\x90\x08\0\x04\0\0\0\0\0\x01\0\x01\0"
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
        (b"[boot loader]\r\ntimeout=30\r\n", "application/octet-stream", "boot.ini", None, Kind.TEXT),
        (b"x", "application/octet-stream", "a.txt", None, Kind.TEXT),
        (b"\x01\x02\x03", "application/octet-stream", "a.bin", None, Kind.UNSUPPORTED),
        (PNG, "image/png", "logo.png", None, Kind.IMAGE),
        (PNG, "application/pdf", "fake.pdf", None, Kind.IMAGE),
        (JPEG, "image/jpeg", None, None, Kind.IMAGE),
        (ZIP, "application/pdf", "a.pdf", None, Kind.ARCHIVE),
        (b"{\\rtf1\\ansi Guten Tag}", "text/plain", "a.txt", None, Kind.OFFICE),
        (TNEF, "application/octet-stream", None, None, Kind.WINMAIL),
        (TNEF, "application/ms-tnef", "winmail.dat", None, Kind.WINMAIL),
        (TEXT, "application/ms-tnef", "winmail.dat", None, Kind.TEXT),
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
    ("head", "description"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"\x1f\x8b\x08\0" + bytes(20), "a gzip archive"),
    ],
)
def test_what_is_refused_is_called_by_its_name(head: bytes, description: str) -> None:
    found = sniff(head, declared_type="application/octet-stream", filename=None, charset=None)
    assert found.description == description


def zipped(*entries: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["[Content_Types].xml", "word/document.xml"], Kind.OFFICE),
        (["_rels/.rels", "docProps/core.xml", "xl/workbook.xml"], Kind.OFFICE),
        (["ppt/presentation.xml"], Kind.OFFICE),
        (["word/letter.pdf", "xl/list.pdf"], Kind.ARCHIVE),  # somebody's folders
        (["mimetype.txt", "a.pdf"], Kind.ARCHIVE),
        (["a.docx"], Kind.ARCHIVE),
    ],
)
@pytest.mark.parametrize("filename", [None, "a.zip", "a.bin"])
def test_a_zip_container_is_known_by_its_entries(names: list[str], kind: Kind, filename: str | None) -> None:
    content = zipped(*((name, b"<a/>") for name in names))
    assert sniff(content, declared_type="application/zip", filename=filename, charset=None).kind is kind


@pytest.mark.parametrize(
    ("mimetype", "kind"),
    [
        (b"application/vnd.oasis.opendocument.text", Kind.OFFICE),
        (b"application/vnd.oasis.opendocument.spreadsheet-template", Kind.OFFICE),
        (b"application/vnd.oasis.opendocument.presentation", Kind.OFFICE),
        (b"application/epub+zip", Kind.UNSUPPORTED),
    ],
)
def test_an_open_document_is_known_by_its_mimetype(mimetype: bytes, kind: Kind) -> None:
    content = zipped(("mimetype", mimetype), ("content.xml", b"<a/>"))
    assert sniff(content, declared_type="application/octet-stream", filename=None, charset=None).kind is kind


def test_an_archive_whose_entries_are_not_all_seen_is_what_it_is_called() -> None:
    head = zipped(("media/image1.png", os.urandom(HEAD_BYTES)))[:HEAD_BYTES]
    for filename, kind in ("Brief.DOCX", Kind.OFFICE), ("list.xlsm", Kind.OFFICE), ("a.zip", Kind.ARCHIVE):
        assert sniff(head, declared_type="application/octet-stream", filename=filename, charset=None).kind is kind


def test_an_ole_container_is_known_by_its_directory_where_that_is_seen(ole: Any) -> None:
    def kind_of(content: bytes) -> Kind:
        return sniff(content, declared_type="application/octet-stream", filename=None, charset=None).kind

    assert kind_of(ole({"WordDocument": b"text"})) is Kind.OFFICE
    assert kind_of(ole({"EncryptedPackage": b"secret"})) is Kind.OFFICE
    assert kind_of(ole({"__properties_version1.0": b"", "WordDocument": b""})) is Kind.UNSUPPORTED
    assert kind_of(ole({"WordDocument": b"text"})[:512]) is Kind.OFFICE  # whoever opens it will see


@given(
    st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x78\x9f\x3e\x22"]), st.binary(max_size=600)
)
def test_a_container_of_any_bytes_has_a_verdict(magic: bytes, rest: bytes) -> None:
    content = magic + rest + magic + rest
    found = sniff(content, declared_type="application/octet-stream", filename="a.doc", charset=None)
    assert found.kind in Kind
    assert ole_format(content) is None or magic.startswith(b"\xd0")
    assert all(isinstance(name, str) for name in zip_names(content))


@given(st.binary(max_size=300), st.sampled_from(["text/plain", "text/html", "application/octet-stream", "", "x/y"]))
def test_any_bytes_have_a_verdict(head: bytes, declared_type: str) -> None:
    found = sniff(head, declared_type=declared_type, filename="a\0b", charset="no-such-charset")
    assert found.kind in Kind
    assert found.description
