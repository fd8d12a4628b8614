"""A worker goes on, whatever a round meets."""

import asyncio
from typing import Any

from gateway.spool import rounds as module
from gateway.spool.rounds import rounds, until_done


def test_a_round_that_breaks_is_followed_by_the_next(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    calls = 0
    done = asyncio.Event()

    async def work() -> None:
        nonlocal calls
        calls += 1
        if calls < 4:
            raise OSError("disk full")
        done.set()
        await asyncio.sleep(10)

    async def scenario() -> None:
        worker = asyncio.create_task(rounds("test", work))
        await asyncio.wait_for(done.wait(), 5)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        assert worker.cancelled()

    asyncio.run(scenario())
    assert calls == 4


def test_what_is_to_be_done_once_is_tried_until_it_is(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    left = [OSError("disk full"), OSError("disk full")]

    async def work() -> None:
        if left:
            raise left.pop()

    asyncio.run(asyncio.wait_for(until_done("test", work), 5))
    assert left == []
