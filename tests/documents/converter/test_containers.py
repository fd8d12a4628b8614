"""Containers are unpacked and office documents looked at in converter processes, where bombs cost little."""

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.documents import office as office_module
from gateway.documents.converter import Converters, Start, look_at_once
from gateway.documents.converter.pool import BROKE
from gateway.documents.finding import DocumentLimits, Entry, Fault, Sound, Unpacked, Unsettled
from gateway.documents.libreoffice import NOT_INSTALLED
from gateway.documents.sniff import Kind
from tests.documents.converter.watch import Watch

LIMITS = DocumentLimits()
PATIENCE = 30.0  # seconds
HELD = 300_000_000  # bytes


@pytest.fixture
def converters() -> Iterator[Converters]:
    with Converters() as converters:
        yield converters


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look doesn't need LibreOffice, only to be asked."""
    monkeypatch.setattr("gateway.documents.converter.pool.office_available", lambda: True)


def test_containers_come_back_as_documents(start: Start, office: Any, outlook: Any) -> None:
    with Converters(start) as converters:
        containers_come_back(converters, office, outlook)


def containers_come_back(converters: Converters, office: Any, outlook: Any) -> None:
    unpack = converters.unpack_within(LIMITS, PATIENCE)
    archive = office.zipped({"a/Größe.txt": b"Guten Tag", "b.bin": bytes(100_000)})
    assert unpack(Kind.ARCHIVE, archive) == Unpacked(
        None, None, (Entry("a/Größe.txt", "", b"Guten Tag"), Entry("b.bin", "", bytes(100_000)))
    )
    text = outlook.attribute(1, 0x800C, 2, b"Guten Tag\0")
    winmail = outlook.winmail(text, outlook.attachment(b"a.txt", b"Anlage"))
    assert unpack(Kind.WINMAIL, winmail) == Unpacked("Guten Tag", None, (Entry("a.txt", "", b"Anlage"),))
    assert len(converters._idle) == 1


def test_what_cannot_be_unpacked_is_refused(converters: Converters) -> None:
    unpack = converters.unpack_within(LIMITS, PATIENCE)
    assert isinstance(unpack(Kind.ARCHIVE, b"PK\3\4"), Fault)
    assert isinstance(unpack(Kind.WINMAIL, b"\x78\x9f\x3e\x22"), Fault)
    assert converters.unpack_within(LIMITS, 0)(Kind.ARCHIVE, b"PK\3\4") == Unsettled()


@pytest.mark.parametrize(
    "answer",
    [
        "s.send(b'{}')",
        's.send(b\'{"pages": 1, "rewrite": null}\')',
        "import os; m = os.memfd_create('x'); os.write(m, b'nonsense'); socket.send_fds(s, [b'{}'], [m])",
        "import os; socket.send_fds(s, [b'{}'], [os.pipe()[0]])",
        "s.shutdown(socket.SHUT_WR); import time; time.sleep(60)",
        "import os; m = os.memfd_create('x'); os.truncate(m, 1 << 40); socket.send_fds(s, [b'{}'], [m])",
    ],
    ids=range(6),
)
def test_a_process_that_lies_is_not_believed(start_program: Callable[[str], Start], answer: str) -> None:
    heard = "import socket; s = socket.socket(fileno=0); socket.recv_fds(s, 4096, 1)"
    with Converters(start_program(f"{heard}; {answer}; s.recv(1)")) as converters:
        assert converters.unpack_within(LIMITS, PATIENCE)(Kind.ARCHIVE, b"PK\3\4") == BROKE


def test_an_office_document_is_looked_at_before_it_is_converted(converters: Converters, office: Any) -> None:
    look = converters.look_within(LIMITS, PATIENCE)
    assert look(Kind.OFFICE, office.docx("Guten Tag")) == Sound(0, office_module.CONVERTED)
    assert look(Kind.OFFICE, office.ole({"EncryptedPackage": b"x"})) == office_module.ENCRYPTED


@pytest.mark.parametrize("answer", ['{"pages": 1, "rewrite": "x"}', '{"pages": 0, "rewrite": null}'], ids=range(2))
def test_no_process_counts_the_pages_of_an_office_document(start_program: Callable[[str], Start], answer: str) -> None:
    heard = "import socket; s = socket.socket(fileno=0); socket.recv_fds(s, 4096, 1)"
    with Converters(start_program(f"{heard}; s.send(b'{answer}'); s.recv(1)")) as converters:
        assert converters.look_within(LIMITS, PATIENCE)(Kind.OFFICE, b"{\\rtf1}") == BROKE


def test_without_libreoffice_it_is_refused_at_once(
    converters: Converters, office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.documents.converter.pool.office_available", lambda: False)
    assert converters.look_within(LIMITS, 0)(Kind.OFFICE, office.docx("a")) == NOT_INSTALLED
    assert look_at_once(Kind.OFFICE, b"") == NOT_INSTALLED
    found = Sound(0, office_module.CONVERTED)
    assert converters.convert_within(LIMITS, "A4", PATIENCE)(Kind.OFFICE, office.docx("a"), found) == NOT_INSTALLED
    assert converters._idle == []


def zipped(*entries: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return target.getvalue()


def gigabytes(name: str, count: int) -> bytes:
    """An archive of a few megabytes whose files all are the same packed zeros, 1 GB in all for each ten."""
    block = zipped((name, bytes(100_000_000)))
    local, directory = block[: block.index(b"PK\x01\x02")], block[block.index(b"PK\x01\x02") : block.rindex(b"PK\5\6")]
    out, entries = b"", b""
    for number in range(count):
        entries += directory[:42] + len(out).to_bytes(4, "little") + directory[46:]
        out += local if number < 3 else b""  # the directory points to the first again and again
        if number >= 3:
            entries = entries[: -len(directory)] + directory[:42] + bytes(4) + directory[46:]
    end = b"PK\5\6\0\0\0\0" + count.to_bytes(2, "little") * 2
    return out + entries + end + len(entries).to_bytes(4, "little") + len(out).to_bytes(4, "little") + b"\0\0"


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    document = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{entities}]><w>&l9;</w>'
    return zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document.encode()))


def nested(depth: int) -> bytes:
    """42.zip: sixteen archives, each with sixteen, and so on down to a file of zeros."""
    content = zipped(("0.dll", bytes(100_000_000)))
    for _ in range(depth):
        content = zipped(*((f"lib {number}.zip", content) for number in range(16)))
    return content


BOMBS: dict[str, Callable[[Any], tuple[Kind, bytes]]] = {
    "ratio": lambda _: (Kind.ARCHIVE, zipped(("a.txt", bytes(300_000_000)))),
    "overlapping": lambda _: (Kind.ARCHIVE, gigabytes("a.txt", 40)),
    "claims little": lambda _: (Kind.ARCHIVE, claiming_little(zipped(("a.txt", bytes(300_000_000))))),
    "nested": lambda _: (Kind.ARCHIVE, nested(2)),
    "names": lambda _: (Kind.ARCHIVE, zipped(*((f"{number}", b"") for number in range(20_000)))),
    "winmail": lambda outlook: (Kind.WINMAIL, outlook.claims_everything()),
    "winmail values": lambda outlook: (Kind.WINMAIL, outlook.claims_every_value()),
    "winmail recipients": lambda outlook: (
        Kind.WINMAIL,
        outlook.winmail(outlook.attribute(1, 0x9004, 6, b"\xff\xff\xff\xff" + bytes(4_000_000))),
    ),
    "laughs": lambda _: (Kind.OFFICE, laughs()),
    "document": lambda _: (Kind.OFFICE, zipped(("word/document.xml", bytes(300_000_000)))),
    "document claims little": lambda _: (
        Kind.OFFICE,
        claiming_little(zipped(("word/document.xml", bytes(300_000_000)))),
    ),
    "document of gigabytes": lambda _: (Kind.OFFICE, gigabytes("word/document.xml", 40)),
}


def claiming_little(content: bytes) -> bytes:
    """Its directory and its header say of a file that it has 99 bytes (APPNOTE.TXT §4.4.9)."""
    directory = content.index(b"PK\x01\x02") + 24
    small = (99).to_bytes(4, "little")
    content = content[:22] + small + content[26:]
    return content[:directory] + small + content[directory + 4 :]


@pytest.mark.once
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_little_time_and_memory(converters: Converters, outlook: Any, bomb: str) -> None:
    kind, content = BOMBS[bomb](outlook)
    with Watch(converters) as watch:
        if kind is Kind.OFFICE:
            found: object = converters.look_within(LIMITS, PATIENCE)(kind, content)
        else:
            found = converters.unpack_within(LIMITS, PATIENCE)(kind, content)
    assert isinstance(found, Fault)
    assert watch.worked < 5
    assert 0 < watch.most_memory < HELD


def test_what_loops_is_ended_and_costs_nobody_else_anything(converters: Converters, outlook: Any) -> None:
    unpack = converters.unpack_within(LIMITS, PATIENCE)
    for content in (outlook.claims_everything(), outlook.claims_every_value()):
        assert len(content) == 118
        assert isinstance(unpack(Kind.WINMAIL, content), Fault)
        assert isinstance(unpack(Kind.WINMAIL, outlook.winmail()), Unpacked)
