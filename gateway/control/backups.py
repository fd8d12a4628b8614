"""`db backup`: the spool as a stream, which the command writes where it may, with its own rights."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import Literal

from gateway.control.caller import Caller
from gateway.control.desk import Desk
from gateway.control.protocol import LONGEST_CHUNK, Item, Refused, Request
from gateway.spool import audit
from gateway.spool.audit import Deed
from gateway.spool.backup.parts import Piece, backup
from gateway.spool.database import snapshot
from gateway.spool.erasures import ErasureLog, log_path

LONGEST = 4 * 60 * 60.0  # seconds: as long as one who hardly reads may keep old rows from being cleared away


class BackUp(Request):
    do: Literal["db backup"] = "db backup"


class PartBegins(Item):
    """The bytes that follow belong to it."""

    part: str


async def streamed(desk: Desk, caller: Caller) -> AsyncGenerator[PartBegins | bytes, None]:
    """One at a time: each keeps a transaction open."""
    if desk.backing_up.locked():
        raise Refused("another backup is being made: try again when it has ended")
    async with desk.backing_up, aclosing(_streamed(desk, caller)) as made:
        async for each in made:
            yield each


async def _streamed(desk: Desk, caller: Caller) -> AsyncGenerator[PartBegins | bytes, None]:
    at = desk.clock()
    deed = Deed(at=at, login=caller.name, address=caller.address, action="backup")
    await desk.spool.write(lambda connection: audit.note(connection, [deed]))
    pieces = backup(partial(snapshot, desk.place), desk.contents, ErasureLog(log_path(desk.place)), at)
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, thread_name_prefix="backup")
    deadline = loop.time() + LONGEST
    part = None
    try:
        while (piece := await loop.run_in_executor(thread, _following, pieces)) is not None:
            if loop.time() > deadline:
                raise Refused(f"the backup has taken {LONGEST / 3600:g} hours: write it to something faster")
            if piece.part != part:
                part = piece.part
                yield PartBegins(part=part)
            for start in range(0, len(piece.data), LONGEST_CHUNK):
                yield piece.data[start : start + LONGEST_CHUNK]
    finally:
        # The transaction of one who went away. The thread comes to it once it has left the piece that it is making.
        await loop.run_in_executor(thread, pieces.close)
        thread.shutdown(wait=False)


def _following(pieces: Iterator[Piece]) -> Piece | None:
    return next(pieces, None)
