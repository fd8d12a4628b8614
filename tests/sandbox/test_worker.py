"""The process that draws: what happens to it is no other fax's fate."""

import asyncio
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.documents.render import SourceDocument
from gateway.sandbox.drawing import Drawing
from gateway.sandbox.request import JobRequest
from gateway.sandbox.settings import Limits
from gateway.sandbox.validation import validated
from gateway.sandbox.worker import NotDrawn, Worker

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def drawing(job: Any, tmp_path: Path) -> Drawing:
    request: JobRequest = validated(job(), NOW, Limits())
    return Drawing(request, (SourceDocument("a.txt", b"one\ftwo"),), NOW, tmp_path)


def endless(drawing: Drawing) -> Drawing:
    return replace(drawing, documents=(SourceDocument("a.txt", b"page\f" * 500),))


def pids(worker: Worker) -> set[int]:
    return {worker._process.pid} if worker._process is not None else set()


def test_one_process_draws_fax_after_fax(drawing: Drawing, capfd: pytest.CaptureFixture[str]) -> None:
    broken = replace(drawing, documents=(SourceDocument("a.pdf", b"no PDF"),))
    unloadable = b'<img src="http://example.com/secret.png">text'
    noisy = replace(drawing, documents=(SourceDocument("a.html", unloadable),))

    async def scenario() -> None:
        worker = Worker()
        await worker.warm_up()
        first = pids(worker)
        assert [fax.pages for fax in await asyncio.gather(*(worker.draw(drawing) for _ in range(3)))] == [2, 2, 2]
        with pytest.raises(NotDrawn, match=r"a\.pdf: is a damaged PDF"):
            await worker.draw(broken)
        assert (await worker.draw(noisy)).pages == 1
        assert pids(worker) == first
        await worker.close()
        with pytest.raises(ProcessLookupError):
            os.kill(first.pop(), 0)

    asyncio.run(scenario())
    assert capfd.readouterr() == ("", "")  # what a library says of a document reaches no log


def test_a_process_that_ends_is_replaced(drawing: Drawing) -> None:
    async def scenario() -> None:
        worker = Worker()
        await worker.warm_up()
        drawn = asyncio.create_task(worker.draw(endless(drawing)))
        await asyncio.sleep(0.1)
        os.kill(pids(worker).pop(), signal.SIGKILL)
        with pytest.raises(NotDrawn, match="the process that drew it ended"):
            await drawn
        cancelled = asyncio.create_task(worker.draw(endless(drawing)))
        await asyncio.sleep(0.1)
        cancelled.cancel()
        assert (await worker.draw(drawing)).pages == 2
        assert cancelled.cancelled()
        await worker.close()

    asyncio.run(scenario())


def test_a_process_that_takes_too_long_is_ended(drawing: Drawing) -> None:
    async def scenario() -> None:
        worker = Worker(patience=timedelta(seconds=0.2))
        with pytest.raises(NotDrawn, match="it took longer than"):
            await worker.draw(endless(drawing))
        assert pids(worker) == set()
        await worker.close()

    asyncio.run(scenario())
