"""How the daemon's workers go on: round after round, whatever one of them meets."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import NoReturn

import structlog

log = structlog.get_logger()

FIRST_PAUSE = 1.0  # seconds
LONGEST_PAUSE = 60.0


async def rounds(worker: str, work: Callable[[], Awaitable[object]]) -> NoReturn:
    """Calls `work`, which waits for its own time, until cancelled."""
    while True:
        await until_done(worker, work)


async def until_done(worker: str, work: Callable[[], Awaitable[object]]) -> None:
    """Calls `work` until it is through.

    A round that breaks (a full disk, a locked database, a mistake of ours) is logged and the next one begins after a
    pause that grows: what was accepted stands in the spool, and must go on when the trouble is over.
    """
    for broken in count():
        try:
            await work()
        except Exception:
            pause = min(FIRST_PAUSE * 2 ** min(broken, 10), LONGEST_PAUSE)
            log.exception("round_broken", worker=worker, in_a_row=broken + 1, next_in_s=pause)
            await asyncio.sleep(pause)
        else:
            return
