"""`db backup`: the spool as a stream, which the command writes where it may, with its own rights."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from functools import partial
from typing import Literal

from gateway.control.caller import Caller
from gateway.control.desk import Desk
from gateway.control.protocol import LONGEST_CHUNK, Item, Request
from gateway.spool import audit
from gateway.spool.audit import Deed
from gateway.spool.backup.parts import Piece, backup
from gateway.spool.database import snapshot
from gateway.spool.erasures import ErasureLog, log_path


class BackUp(Request):
    do: Literal["db backup"] = "db backup"


class PartBegins(Item):
    """The bytes that follow belong to it."""

    part: str


async def streamed(desk: Desk, caller: Caller) -> AsyncGenerator[PartBegins | bytes, None]:
    at = desk.clock()
    deed = Deed(at=at, login=caller.name, address=caller.address, action="backup")
    await desk.spool.write(lambda connection: audit.note(connection, [deed]))
    pieces = backup(partial(snapshot, desk.place), desk.contents, ErasureLog(log_path(desk.place)), at)
    part = None
    try:
        while (piece := await asyncio.to_thread(_following, pieces)) is not None:
            if piece.part != part:
                part = piece.part
                yield PartBegins(part=part)
            for start in range(0, len(piece.data), LONGEST_CHUNK):
                yield piece.data[start : start + LONGEST_CHUNK]
    finally:
        await asyncio.to_thread(pieces.close)  # the transaction of one who went away


def _following(pieces: Iterator[Piece]) -> Piece | None:
    return next(pieces, None)
