"""Whether the spool takes a write now, found out by one: a row that is taken back, and an unnamed file, both synced.

It costs what a small mail costs, so it is made when somebody asks, its answer holds for some seconds, and one at a
time is under way: a disk that hangs holds one thread, however often somebody asks.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import SQLAlchemyError

from gateway.spool import schema
from gateway.spool.database import Database

FRESH = 5.0  # seconds that an answer holds
LONGEST = 5.0  # seconds; a write that takes longer is none
_PIECE = b"\0" * 4096


class WriteTest:
    """`directory`: where the content of large mails goes."""

    def __init__(self, database: Database, directory: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._fault: str | None = None
        self._ended_at: float | None = None
        self._running: asyncio.Task[None] | None = None

    async def fault(self) -> str | None:
        """What the disk or the database says; None: it was written."""
        if self._ended_at is not None and self._clock() - self._ended_at < FRESH:
            return self._fault
        if self._running is None:
            self._running = asyncio.create_task(self._try())
        running = self._running
        await asyncio.wait([running], timeout=LONGEST)
        return self._fault if running.done() else f"it has taken nothing for {LONGEST:.0f} seconds"

    async def close(self) -> None:
        """Before the database is closed."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _try(self) -> None:
        self._fault = "the write broke off"
        try:
            await asyncio.to_thread(self._write_file)
            await self._database.write(_write_row)
        except (OSError, SQLAlchemyError) as error:
            self._fault = str(error.__cause__ or error).partition("\n")[0]
        else:
            self._fault = None
        finally:
            self._ended_at, self._running = self._clock(), None

    def _write_file(self) -> None:
        """In the file system alone, without a name (open(2), O_TMPFILE): a crash leaves nothing."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._directory, buffering=0) as file:
            file.write(_PIECE)
            os.fsync(file.fileno())


def _write_row(connection: Connection) -> None:
    """Both in one transaction: nobody ever sees it, and the commit writes its page all the same."""
    row = {"at": datetime.now(UTC), "actor": "write test", "activity": "none", "paused": False}
    made = connection.execute(insert(schema.pause).values(row)).inserted_primary_key
    if made is not None:
        connection.execute(delete(schema.pause).where(schema.pause.c.id == made.id))
