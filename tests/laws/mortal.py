"""A daemon's life hangs on a fuse: it burns down with each step outside of its memory, and then nothing more happens.

What was committed stays, as on a disk; what a dead daemon still had in mind is never done. So a crash comes between any
two steps, and always at the same one when a story is told again.
"""

import sqlite3
from asyncio import sleep
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool


class Crash(BaseException):
    """As SIGKILL: no handler for errors of ours may see it."""


class Fuse:
    """`steps` until it blows; None: it doesn't."""

    def __init__(self, steps: int | None = None) -> None:
        self.steps = steps
        self.blown = False

    def burn(self) -> None:
        if self.steps is not None and not self.blown:
            self.steps -= 1
            self.blown = self.steps < 0
        if self.blown:
            raise Crash

    async def step(self) -> None:
        """Others may go first; perhaps this one never comes back."""
        await sleep(0)
        self.burn()


class Disk:
    """A spool's database in memory, that of the file `template`; it outlives the daemons."""

    def __init__(self, template: Path) -> None:
        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
            with closing(sqlite3.connect(template)) as source:
                source.backup(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            return connection

        self.engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
        event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        self.full_for = 0  # so many transactions can't be written

    def write(self, work: Callable[[Connection], Any]) -> Any:
        with self.engine.begin() as connection:
            result = work(connection)
            if self.full_for:
                self.full_for -= 1
                raise OperationalError("COMMIT", {}, Exception("database or disk is full"))
            return result

    def read(self, work: Callable[[Connection], Any]) -> Any:
        with self.engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        self.engine.dispose()


class MortalDatabase:
    """Stands where ``spool.database.Database`` stands, for one daemon."""

    is_shared = False

    def __init__(self, disk: Disk, fuse: Fuse) -> None:
        self._disk = disk
        self._fuse = fuse

    async def write(self, work: Callable[[Connection], Any]) -> Any:
        await self._fuse.step()
        result = self._disk.write(work)
        await self._fuse.step()  # it is committed, and the daemon may never learn it
        return result

    async def read(self, work: Callable[[Connection], Any]) -> Any:
        await self._fuse.step()
        return self._disk.read(work)

    async def shrink(self) -> None:
        await self._fuse.step()


class Inline(ThreadPoolExecutor):
    """A loop's threads, without threads: the same story goes the same way each time."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            done.set_exception(error)
        return done
