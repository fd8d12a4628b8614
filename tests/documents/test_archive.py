"""The files of a ZIP archive are documents; what is locked, nested or unfolds too far is refused with its reason."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.archive import DAMAGED, EMPTY, NESTED, OFFICE_IN_DISGUISE, unpacked_archive
from gateway.documents.finding import DocumentLimits, Entry, Fault, Unpacked

LIMITS = DocumentLimits(documents=5, bytes=30_000_000)


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return target.getvalue()


def test_files_come_out_in_their_order() -> None:
    content = zipped(("b/Rechnung März.pdf", b"%PDF"), ("b/", b""), ("a.txt", b"Guten Tag"))
    entries = (Entry("b/Rechnung März.pdf", "", b"%PDF"), Entry("a.txt", "", b"Guten Tag"))
    assert unpacked_archive(content, LIMITS) == Unpacked(None, None, entries)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_usual_packing_is_opened(method: int) -> None:
    found = unpacked_archive(zipped(("a.txt", b"Guten Tag" * 99), method=method), LIMITS)
    assert isinstance(found, Unpacked)
    assert found.entries[0].data == b"Guten Tag" * 99


def test_what_systems_leave_in_archives_is_left_out() -> None:
    content = zipped(
        ("a.txt", b"a"), ("__MACOSX/._a.txt", b"x"), ("b/Thumbs.db", b"x"), (".DS_Store", b"x"), ("c.txt", b"")
    )
    found = unpacked_archive(content, LIMITS)
    assert isinstance(found, Unpacked)
    assert [each.name for each in found.entries] == ["a.txt"]
    assert [each.split(":")[0] for each in found.left_out] == ["__MACOSX/._a.txt", "b/Thumbs.db", ".DS_Store", "c.txt"]
    assert found.left_out[-1] == "c.txt: empty"


def test_names_in_utf8_are_read_whether_or_not_they_say_so() -> None:
    content = zipped(("Größe.txt", b"a")).replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00")  # the flag for UTF-8
    found = unpacked_archive(content, LIMITS)
    assert isinstance(found, Unpacked)
    assert found.entries[0].name == "Größe.txt"


def locked(content: bytes) -> bytes:
    """Bit 0 of the flags in the directory, which stand behind two versions (APPNOTE.TXT §4.3.12)."""
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + bytes([content[at] | 1]) + content[at + 1 :]


PLAIN = zipped(("a.txt", b"a" * 99))


@pytest.mark.parametrize(
    ("make", "said", "code"),
    [
        (lambda: locked(PLAIN), "encrypted", "5.6.1"),
        (lambda: zipped(*((f"{n}.txt", b"a") for n in range(6))), "too many files; at most 5", "5.6.0"),
        (lambda: zipped(*((f"__MACOSX/{n}", b"a") for n in range(1001)), ("a", b"a")), "too many files", "5.6.0"),
        (lambda: zipped(("a.txt", bytes(31_000_000))), "unfolds too far; at most 30 MB", "5.6.0"),
        (lambda: zipped(("a.txt", bytes(20_000_000))), "unfolds too far", "5.6.0"),  # 1000 times what it was
        (lambda: zipped(("b.zip", PLAIN)), NESTED, "5.6.0"),
        (lambda: zipped(("b.pdf", PLAIN)), NESTED, "5.6.0"),
        (lambda: zipped(("word/document.xml", b"<a/>")), OFFICE_IN_DISGUISE.reason, "5.6.0"),
        (lambda: zipped(("a/", b"")), EMPTY.reason, "5.6.0"),
        (zipped, EMPTY.reason, "5.6.0"),
        (lambda: PLAIN[:60], DAMAGED.reason, "5.6.0"),
        (lambda: PLAIN.replace(b"PK\x01\x02", b"PK\x01\x03"), DAMAGED.reason, "5.6.0"),
        (lambda: PLAIN.replace(b"\x08\x00", b"\x63\x00"), "packed in an unusual way", "5.6.0"),
    ],
    ids=range(13),
)
def test_what_is_refused_says_why(make: Callable[[], bytes], said: str, code: str) -> None:
    found = unpacked_archive(make(), LIMITS)
    assert isinstance(found, Fault)
    assert said in found.reason
    assert found.enhanced_code == code


def test_a_directory_that_claims_less_than_there_is_opens_nothing() -> None:
    content = zipped(("a.txt", bytes(50_000_000)))
    at = content.index(b"PK\x01\x02") + 24
    found = unpacked_archive(content[:at] + (99).to_bytes(4, "little") + content[at + 4 :], LIMITS)
    assert not isinstance(found, Unpacked) or len(found.entries[0].data) <= 99


def test_office_documents_are_no_archives_within_an_archive(office: Any) -> None:
    found = unpacked_archive(zipped(("a.docx", office.docx("a")), ("b.odt", office.odt("b"))), LIMITS)
    assert isinstance(found, Unpacked)
    assert [each.name for each in found.entries] == ["a.docx", "b.odt"]


@given(st.binary(max_size=99), st.integers(0, len(PLAIN)), st.binary(max_size=9))
def test_any_bytes_are_unpacked_or_refused(content: bytes, at: int, change: bytes) -> None:
    for each in (content, PLAIN[:at] + change + PLAIN[at + len(change) :]):
        assert isinstance(unpacked_archive(each, LIMITS), Unpacked | Fault)
