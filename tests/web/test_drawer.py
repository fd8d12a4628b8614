"""The process that draws pages: what comes back is checked, and what takes too long is ended."""

import asyncio
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.documents.converter.packages import packages
from gateway.documents.render import HeaderLine, RenderOptions, SourceDocument
from gateway.web.drawer import Drawer, NotDrawn, _read
from gateway.web.drawing import HEAD, PIECE, Documents
from gateway.web.trials import MINUTES, MOST, Trials

PNG = b"\x89PNG\r\n\x1a\n"


def text(content: str) -> Documents:
    return Documents((SourceDocument("a.txt", content.encode()),))


def test_documents_become_pages_once() -> None:
    async def run() -> None:
        drawer = Drawer()
        documents = Documents(
            (SourceDocument("cover.html", b"<p>Gr\xc3\xbc\xc3\x9fe</p>"), SourceDocument("a.txt", b"one\x0ctwo"))
        )
        pages = await drawer.draw("job", documents)
        assert len(pages) == 3
        assert all(page.startswith(PNG) for page in pages)
        begun = time.monotonic()
        assert await drawer.draw("job", documents) is pages
        assert time.monotonic() - begun < 0.1
        assert drawer.remembered("job") is pages
        assert drawer.remembered("other") is None

    asyncio.run(run())


def test_the_line_above_the_page_is_drawn_too() -> None:
    """It crosses to the process as it is; what it says of the fax stands beside it."""
    moment = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    line = RenderOptions(header=HeaderLine.parse("%Y%r%C"), csid="+49 89 1", moment=moment)

    async def drawn(printing: RenderOptions) -> bytes:
        (page,) = await Drawer().draw("job", replace(text("x"), printing=printing))
        return page

    def ink_above(page: bytes) -> int:
        with Image.open(BytesIO(page)) as image:
            return image.convert("L").crop((0, 0, image.width, 60)).histogram()[0]

    assert ink_above(asyncio.run(drawn(RenderOptions()))) == 0 < ink_above(asyncio.run(drawn(line)))


@pytest.mark.parametrize(
    ("documents", "reason"),
    [
        (Documents((SourceDocument("a.xyz", b"x"),)), "a.xyz"),
        (Documents((SourceDocument("a.pdf", b"%PDF-1.7 nonsense"),)), "a.pdf"),
        (Documents(()), "ValueError"),
    ],
    ids=["type", "damaged", "none"],
)
def test_why_nothing_can_be_shown(documents: Documents, reason: str) -> None:
    with pytest.raises(NotDrawn, match=reason):
        asyncio.run(Drawer().draw("job", documents))


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(NotDrawn, match=r"longer than 0\.05 s"):
        asyncio.run(Drawer(patience=0.05).draw("job", text("x")))


def test_the_directory_of_the_spool_is_not_on_the_path_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on it may be read by whoever takes the process over."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), "", *sys.path])
    monkeypatch.chdir(tmp_path)
    assert packages()
    assert str(tmp_path) not in packages()
    assert asyncio.run(Drawer().draw("job", text("x")))


def answered(is_drawn: bool, *pieces: bytes, count: int | None = None) -> bytes:
    head = HEAD.pack(is_drawn, len(pieces) if count is None else count)
    return head + b"".join(PIECE.pack(len(piece)) + piece for piece in pieces)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x01",
        answered(True, PNG + b"x", count=2),
        answered(True, PNG + b"x") + b"more",
        answered(True, PNG + b"x")[:-1],
        answered(True, b"<script>"),
        answered(False),
        answered(False, b"\xff" * 5000),
    ],
    ids=["nothing", "head", "fewer", "more", "cut", "no PNG", "no reason", "long reason"],
)
def test_an_answer_of_a_process_that_was_taken_over_is_not_believed(answer: bytes) -> None:
    with pytest.raises(NotDrawn) as failure:
        _read(answer)
    assert len(str(failure.value)) <= 300


def test_tried_mails_are_kept_for_some_minutes() -> None:
    clock: Any = iter([0.0, 60.0, MINUTES * 60.0 + 1])
    trials = Trials(lambda: next(clock))
    key = trials.keep("jana", ((b"one", b"two"),))
    assert trials.page(key, "jana", 0, 2) == b"two"
    assert trials.page(key, "jana", 0, 2) is None
    still = Trials(lambda: 0.0)
    keys = [still.keep("jana", ((b"page",),)) for _ in range(MOST + 1)]
    assert [still.page(each, "jana", 0, 1) for each in keys].count(None) == 1
