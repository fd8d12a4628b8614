"""What an office document is, and what of it LibreOffice never sees."""

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.finding import Fault, Sound
from gateway.documents.office import (
    BOMB,
    CONVERTED,
    DAMAGED,
    ENCRYPTED,
    ENTITIES,
    FOREIGN,
    inspect_office,
    office_format,
)

BIFF = struct.pack("<HHHH", 0x0809, 4, 0x0600, 0x0005)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">{LAUGHS}]><w>&l9;</w>'


def fib(flags: int) -> bytes:
    return struct.pack("<HHHHHH", 0xA5EC, 0x00C1, 0, 0x0407, 0, flags)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda office: office.docx("a"), "docx"),
        (lambda office: office.xlsx([["a"]]), "xlsx"),
        (lambda office: office.zipped({"[Content_Types].xml": "", "ppt/presentation.xml": "<a/>"}), "pptx"),
        (lambda office: office.odt("a"), "odt"),
        (lambda office: office.zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet-template"}), "ods"),
        (lambda office: office.rtf("a"), "rtf"),
        (lambda office: office.ole({"WordDocument": fib(0)}), "doc"),
        (lambda office: office.ole({"Workbook": BIFF}), "xls"),
        (lambda office: office.ole({"PowerPoint Document": b""}), "ppt"),
    ],
    ids=range(9),
)
def test_every_kind_is_known_by_its_content(office: Any, make: Callable[[Any], bytes], kind: str) -> None:
    content = make(office)
    assert office_format(content) == kind
    assert inspect_office(content) == Sound(0, CONVERTED)


def current_user(token: int) -> bytes:
    return struct.pack("<HHIII", 0, 0x0FF6, 20, 20, token)


@pytest.mark.parametrize(
    "make",
    [
        lambda office: office.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}),
        lambda office: office.ole({"WordDocument": fib(0x0100)}),
        lambda office: office.ole({"Workbook": BIFF + struct.pack("<HHHI", 0x002F, 6, 1, 0)}),
        lambda office: office.ole({"PowerPoint Document": b"", "Current User": current_user(0xF3D1C4DF)}),
        lambda office: office.ole({"PowerPoint Document": b"", "EncryptedSummary": b""}),
        lambda office: office.odt("a", manifest="<manifest:encryption-data/>"),
        lambda office: office.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "encrypted-package": "x"}),
    ],
    ids=range(7),
)
def test_what_is_encrypted_is_refused_as_that(office: Any, make: Callable[[Any], bytes]) -> None:
    assert inspect_office(make(office)) == ENCRYPTED
    assert ENCRYPTED.enhanced_code == "5.6.1"


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda office: office.zipped({"[Content_Types].xml": "", "Documents/1/Pages/1.fpage": "<a/>"}), FOREIGN),
        (lambda office: office.zipped({"mimetype": "application/epub+zip"}), FOREIGN),
        (lambda office: office.ole({"__properties_version1.0": b"x", "WordDocument": fib(0)}), FOREIGN),
        (lambda office: office.ole({"Catalog": b"x"}), FOREIGN),
        (lambda office: office.docx("a")[:400], DAMAGED),
        (lambda office: office.ole({"WordDocument": fib(0)})[:600], DAMAGED),
        (lambda office: b"plain text", DAMAGED),
        (lambda office: office.docx("a", word__styles_xml=""), None),
        (lambda office: office.zipped({"word/document.xml": BILLION_LAUGHS}), ENTITIES),
        (lambda office: office.zipped({"word/document.xml": BILLION_LAUGHS.encode("utf-16")}), ENTITIES),
        (lambda office: office.zipped({"xl/workbook.xml": "", "xl/a.rels": " " * (1 << 20) + LAUGHS}), ENTITIES),
        (lambda office: office.zipped({"word/document.xml": "", "a.xml": " " * ((1 << 20) - 4) + LAUGHS}), ENTITIES),
        (lambda office: office.zipped({"word/document.xml": bytes(300_000_000)}), BOMB),
        (lambda office: office.zipped({f"word/{n}": b"" for n in range(10_001)}), BOMB),
    ],
    ids=range(14),
)
def test_what_libreoffice_should_not_see_is_refused(
    office: Any, make: Callable[[Any], bytes], fault: Fault | None
) -> None:
    assert inspect_office(make(office)) == (fault or Sound(0, CONVERTED))


def test_what_is_really_there_is_counted_not_what_the_directory_says(office: Any) -> None:
    content = office.zipped({"word/document.xml": b"<a/>", "word/b.xml": bytes(300_000_000)})
    at = content.rindex(b"PK\x01\x02") + 24
    lying = content[:at] + (9).to_bytes(4, "little") + content[at + 4 :]
    with zipfile.ZipFile(io.BytesIO(lying)) as package:
        assert package.getinfo("word/b.xml").file_size == 9
    assert isinstance(inspect_office(lying), Fault)


@given(st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf", b""]), st.binary(max_size=600))
def test_any_bytes_have_a_verdict(magic: bytes, rest: bytes) -> None:
    assert isinstance(inspect_office(magic + rest), Fault | Sound)


@given(st.data())
def test_a_container_with_any_byte_changed_has_a_verdict(office: Any, data: st.DataObject) -> None:
    content = data.draw(st.sampled_from([office.docx("a"), office.odt("a"), office.ole({"WordDocument": fib(0)})]))
    at = data.draw(st.integers(0, len(content) - 1))
    changed = content[:at] + data.draw(st.binary(min_size=1, max_size=4)) + content[at + 4 :]
    assert isinstance(inspect_office(changed), Fault | Sound)
