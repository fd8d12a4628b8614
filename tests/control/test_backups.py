"""`db backup` at the daemon: who goes away in the middle of it leaves nothing open, and nobody makes two at once."""

import asyncio
import threading
from collections.abc import Generator
from typing import Any

import pytest

from gateway.control import backups as under_test
from gateway.control.backups import PartBegins, streamed
from gateway.control.caller import Caller
from gateway.control.protocol import Refused
from gateway.spool.backup.parts import Piece

JANA = Caller("jana", "control socket")


class Slow:
    """Pieces that come when they are let, and what became of the transaction around them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.let, self.closed = threading.Event(), threading.Event(), threading.Event()
        monkeypatch.setattr(under_test, "backup", lambda *_: self._pieces())

    def _pieces(self) -> Generator[Piece]:
        try:
            yield Piece("rows.jsonl", b"[]")
            self.asked.set()
            self.let.wait(10)
            yield Piece("rows.jsonl", b"[]")
        finally:
            self.closed.set()


def test_a_stop_while_a_piece_is_made_waits_for_it_and_ends_the_transaction(
    open_control: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch)

    async def scenario() -> None:
        async with open_control() as control:
            made = streamed(control.desk(), JANA)

            async def follow() -> None:
                try:
                    async for _ in made:
                        pass
                finally:
                    await made.aclose()

            task = asyncio.create_task(follow())
            await asyncio.to_thread(slow.asked.wait, 10)
            task.cancel()
            asyncio.get_running_loop().call_later(0.05, slow.let.set)
            with pytest.raises(asyncio.CancelledError):
                await task
            assert slow.closed.is_set()

    asyncio.run(scenario())


def test_one_backup_at_a_time(open_control: Any) -> None:
    async def scenario() -> None:
        async with open_control() as control:
            desk = control.desk()
            first = streamed(desk, JANA)
            assert await anext(first) == PartBegins(part="rows.jsonl")
            with pytest.raises(Refused, match="another backup is being made"):
                await anext(streamed(desk, JANA))
            await first.aclose()
            assert [each async for each in streamed(desk, JANA)]

    asyncio.run(scenario())


def test_a_backup_that_takes_too_long_is_refused(open_control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "LONGEST", -1.0)

    async def scenario() -> None:
        async with open_control() as control:
            with pytest.raises(Refused, match="write it to something faster"):
                await anext(streamed(control.desk(), JANA))

    asyncio.run(scenario())
