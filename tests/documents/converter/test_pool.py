"""Converter processes: what breaks or stops in one costs one document its verdict, and nothing else."""

import os
import select
import signal
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway.documents.converter import Converters, look_at_once
from gateway.documents.converter import pool as pool_module
from gateway.documents.converter.messages import Question
from gateway.documents.converter.pool import BROKE, DOCUMENTS_EACH, ENDLESS, KEPT, Closed
from gateway.documents.converter.worker import Start, Worker
from gateway.documents.finding import DocumentLimits, Fault, Sound, Unsettled
from gateway.documents.render import Paper, Resolution
from gateway.documents.render.bilevel import has_ink
from gateway.documents.render.paper import Sheet
from gateway.documents.render.pdf import PdfPages
from gateway.documents.sniff import Kind
from tests.documents.converter.watch import Watch

LIMITS = DocumentLimits()
PATIENCE = 30.0  # seconds
HELD = 300_000_000  # bytes


@pytest.fixture
def converters(start: Start) -> Iterator[Converters]:
    with Converters(start) as converters:
        yield converters


@pytest.fixture
def children() -> Iterator[Converters]:
    """For tests whose subject is the process itself, and whose price is high."""
    with Converters() as converters:
        yield converters


def idle(converters: Converters) -> list[int]:
    return [worker.process for worker in converters._idle]


def end_from_outside(worker: Worker) -> None:
    """As the kernel does that needs memory."""
    os.kill(worker.process, signal.SIGKILL)
    assert select.select([worker._socket], [], [], PATIENCE)[0]


def test_a_verdict_is_that_of_the_functions(converters: Converters, documents: Any) -> None:
    look = converters.look_within(LIMITS, PATIENCE)
    assert look(Kind.PDF, documents.compressed(pages=3)) == Sound(3)
    assert look(Kind.PDF, documents.locked(user="x")).enhanced_code == "5.6.1"  # type: ignore[union-attr] # a Fault
    assert look(Kind.TIFF, documents.tiff()) == Sound(1)
    assert look(Kind.IMAGE, b"GIF89a") == Fault("is a damaged picture")
    assert len(idle(converters)) == 1


def test_a_page_is_printed_with_our_fonts_and_fetches_nothing(converters: Converters) -> None:
    convert = converters.convert_within(LIMITS, "A4", PATIENCE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        picture = f'<img src="http://127.0.0.1:{server.getsockname()[1]}/x.png">'
        page = f"<h1>Größe: 5 €, Żółć, Договор</h1>{picture}".encode()
        made = convert(Kind.HTML, page, Sound(0))
        with pytest.raises(TimeoutError):
            server.accept()
    assert isinstance(made, bytes)
    with PdfPages("a.pdf", made) as pages:
        assert pages.count == 1
        assert has_ink(pages.draw(0, Sheet(Paper.A4, Resolution.LOW)))
    assert b"Roboto" in made


def test_a_page_of_which_nothing_would_be_seen_is_a_fault(converters: Converters) -> None:
    convert = converters.convert_within(LIMITS, "A4", PATIENCE)
    made = convert(Kind.HTML, b'<p style="color:white">unseen</p>', Sound(0))
    assert made == Fault("has text on page 1, of which nothing would be visible")


def test_what_can_be_said_at_once_needs_no_process(converters: Converters, documents: Any) -> None:
    assert converters.look_within(LIMITS, 0)(Kind.PDF, documents.pdf(pages=2)) == Sound(2)
    assert look_at_once(Kind.PDF, documents.pdf()) == Sound(1)
    assert look_at_once(Kind.PDF, documents.compressed()) == Unsettled()
    assert look_at_once(Kind.IMAGE, documents.saved(documents.picture(), "PNG")) == Unsettled()
    assert idle(converters) == []


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.TIFF, Kind.IMAGE])
def test_what_was_promised_is_made(converters: Converters, documents: Any, kind: Kind) -> None:
    content = {
        Kind.PDF: documents.locked,
        Kind.TIFF: lambda: documents.tiff(documents.picture(), documents.picture(), compression="tiff_lzw"),
        Kind.IMAGE: lambda: documents.saved(documents.picture(), "JPEG"),
    }[kind]()
    found = converters.look_within(LIMITS, PATIENCE)(kind, content)
    assert isinstance(found, Sound)
    assert found.rewrite is not None
    made = converters.convert_within(LIMITS, "A4", PATIENCE)(kind, content, found)
    assert isinstance(made, bytes)
    sent_as = Kind.TIFF if kind is Kind.TIFF else Kind.PDF
    assert converters.look_within(LIMITS, PATIENCE)(sent_as, made) == Sound(found.pages)


def test_what_was_made_but_not_as_promised_is_no_document(converters: Converters, documents: Any) -> None:
    made = converters.convert_within(LIMITS, "A4", PATIENCE)
    assert made(Kind.PDF, documents.locked(), Sound(2, "it was locked")) == BROKE
    small = DocumentLimits(bytes=100)
    assert converters.convert_within(small, "A4", PATIENCE)(Kind.PDF, documents.locked(), Sound(1, "x")) == BROKE


def test_no_time_left_is_no_verdict(converters: Converters, documents: Any) -> None:
    look = converters.look_within(LIMITS, 0)
    assert look(Kind.PDF, documents.compressed()) == Unsettled()
    assert converters.convert_within(LIMITS, "A4", 0)(Kind.PDF, documents.locked(), Sound(1, "x")) == ENDLESS


def test_a_process_that_does_not_answer_in_time_is_ended(converters: Converters, documents: Any) -> None:
    look = converters.look_within(LIMITS, PATIENCE)
    assert look(Kind.PDF, documents.compressed()) == Sound(1)
    (pid,) = idle(converters)
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    assert converters.look_within(LIMITS, 0.3)(Kind.PDF, documents.compressed()) == Unsettled()
    assert time.monotonic() - began < 5
    assert not Path(f"/proc/{pid}").exists()
    assert look(Kind.PDF, documents.compressed()) == Sound(1)


def test_a_process_that_ended_while_nobody_asked_is_replaced(converters: Converters, documents: Any) -> None:
    look = converters.look_within(LIMITS, PATIENCE)
    look(Kind.PDF, documents.compressed())
    (worker,) = converters._idle
    end_from_outside(worker)
    assert look(Kind.PDF, documents.compressed()) == Sound(1)
    assert converters._idle != [worker]


def test_a_process_that_ends_over_a_document_is_that_documents_fault(
    start_program: Callable[[str], Start], documents: Any
) -> None:
    dies = "import socket; s = socket.socket(fileno=0); socket.recv_fds(s, 4096, 1)"
    for program, verdict in (
        (dies, BROKE),
        (f"{dies}; s.send(b'nonsense'); s.recv(1)", BROKE),
        (f"{dies}; import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", ENDLESS),
    ):
        with Converters(start_program(program)) as converters:
            assert converters.look_within(LIMITS, PATIENCE)(Kind.PDF, documents.compressed()) == verdict
            assert idle(converters) == []


def test_no_process_lives_for_ever(converters: Converters, documents: Any) -> None:
    look = converters.look_within(LIMITS, PATIENCE)
    content = documents.compressed()
    assert look(Kind.PDF, content) == Sound(1)
    first = idle(converters)
    for _ in range(DOCUMENTS_EACH - 2):
        assert look(Kind.PDF, content) == Sound(1)
    assert idle(converters) == first
    look(Kind.PDF, content)
    assert idle(converters) == []


def test_threads_ask_side_by_side(converters: Converters, documents: Any) -> None:
    look = converters.look_within(LIMITS, PATIENCE)
    contents = [documents.compressed(pages=1 + number % 3) for number in range(30)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda content: look(Kind.PDF, content), contents))
    assert found == [Sound(1 + number % 3) for number in range(30)]
    assert 0 < len(idle(converters)) <= KEPT


def test_the_end_waits_for_no_document(converters: Converters, documents: Any) -> None:
    """And it is no document's fault."""
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(converters.look_within(LIMITS, PATIENCE), Kind.PDF, documents.objects_packed(b"0 ", 60))
        while not converters._busy:
            time.sleep(0.001)
        converters.close()
        with pytest.raises(Closed):
            asked.result(5)
        assert not converters._busy


def test_the_end_leaves_no_process(documents: Any, start: Start) -> None:
    with Converters(start) as converters:
        converters.look_within(LIMITS, PATIENCE)(Kind.PDF, documents.compressed())
        (pid,) = idle(converters)
    assert not Path(f"/proc/{pid}").exists()


def test_a_process_has_nothing_of_ours(documents: Any, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAX_GATEWAY__RETARUS__PASSWORD", "secret")
    until = time.monotonic() + PATIENCE
    worker = start(office=False, deadline=until)
    try:
        worker.ask(Question("inspect", Kind.PDF, LIMITS), documents.compressed(), until)
        process = Path(f"/proc/{worker.process}")
        assert b"secret" not in (process / "environ").read_bytes()
        kinds = sorted(str(each.readlink()).split(":")[0] for each in (process / "fd").iterdir())
        assert kinds == ["/dev/null", "/dev/null", "/dev/null", "/dev/null", "socket"]
    finally:
        worker.end()


def huge_png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(5_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wide_tiff(content: bytes) -> bytes:
    """Its page claims to be 100,000 pixels wide and high (TIFF 6.0, ImageWidth, ImageLength)."""
    for tag, side in ((256, 60), (257, 80)):
        entry = next(each for kind in (3, 4) if (each := struct.pack("<HHII", tag, kind, 1, side)) in content)
        content = content.replace(entry, struct.pack("<HHII", tag, 4, 1, 100_000))
    return content


@pytest.mark.once
@pytest.mark.parametrize("bomb", ["zeros", "spaces", "many", "page", "far", "png", "tiff"])
def test_a_bomb_is_refused_in_little_time_and_memory(children: Converters, documents: Any, bomb: str) -> None:
    bombs: dict[str, Callable[[], tuple[Kind, bytes]]] = {
        "zeros": lambda: (Kind.PDF, documents.objects_packed(b"0 ", 60)),
        "spaces": lambda: (Kind.PDF, documents.objects_packed(b" ", 250)),
        "many": lambda: (Kind.PDF, documents.objects_packed(b"<<>>", 2, streams=80)),
        "page": lambda: (Kind.PDF, documents.packed_twice()),
        "far": lambda: (Kind.PDF, documents.packed_far(2000)),
        "png": lambda: (Kind.IMAGE, huge_png(100_000)),
        "tiff": lambda: (Kind.TIFF, wide_tiff(documents.tiff(documents.picture(60, 80, "1")))),
    }
    kind, content = bombs[bomb]()
    look = children.look_within(LIMITS, PATIENCE)
    assert look(Kind.PDF, documents.compressed()) == Sound(1)
    with Watch(children) as watch:
        assert isinstance(look(kind, content), Fault)
    assert watch.worked < 5
    assert 0 < watch.most_memory < HELD


@pytest.mark.once
def test_a_small_bomb_among_the_documents_keeps_nobody_waiting(children: Converters, documents: Any) -> None:
    bombs = [documents.objects_packed(b"<<>>", 2, streams=12)] * (pool_module.MOST - 1)
    with ThreadPoolExecutor(len(bombs)) as threads:
        look = children.look_within(LIMITS, PATIENCE)
        waiting = [threads.submit(look, Kind.PDF, bomb) for bomb in bombs]
        while children._places._value > 1:
            time.sleep(0.001)
        assert look(Kind.PDF, documents.compressed()) == Sound(1)
        assert not all(each.done() for each in waiting)
