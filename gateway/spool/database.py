"""The connection to the spool's database: one writer whose transactions are shared, many readers.

A commit on disk costs a sync; sessions that wait for one at the same moment go into one transaction (group commit),
each in a savepoint of its own, so that one that fails takes nothing of the others with it.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

# One transaction holds the writer for a few milliseconds at most, however many sessions wait.
LARGEST_GROUP = 64


class SpoolLocked(Exception):
    """Another daemon has this SQLite spool open; two would fax everything twice."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the spool {path} is in use by another fax-gateway: stop that one first, or give this one another "
            "database.url"
        )


@dataclass(frozen=True, slots=True)
class _Request:
    work: Work[Any]
    done: asyncio.Future[Any]


class Database:
    """A SQLite spool that this process holds alone. Open it with ``Database.open``."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._writer_engine = _engine(path, begin="BEGIN IMMEDIATE", pool_size=1)
        self._reader_engine = _engine(path, begin="BEGIN", pool_size=4)
        self._waiting: asyncio.Queue[_Request] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Takes the spool's lock; raises SpoolLocked where another daemon has it. The schema must stand already."""
        return cls(path, take_lock(path))

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_groups(), name="spool-writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        while not self._waiting.empty():
            self._waiting.get_nowait().done.cancel()
        await self._reader_engine.dispose()
        await self._writer_engine.dispose()
        os.close(self._lock)

    async def write(self, work: Work[T]) -> T:
        """Runs `work` in a transaction and returns its result once that is committed and synced.

        What `work` raises is raised here, and nothing of it is kept.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Request(work, done))
        return await done

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent moment and writes nothing."""
        async with self._reader_engine.connect() as connection, connection.begin():
            yield connection

    async def _write_groups(self) -> None:
        while True:
            group = [await self._waiting.get()]
            while len(group) < LARGEST_GROUP and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            # A caller that was cancelled meanwhile wants nothing written any more.
            group = [request for request in group if not request.done.cancelled()]
            try:
                await self._commit(group)
            except asyncio.CancelledError:
                for request in group:
                    request.done.cancel()
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is (disk full, locked), the callers must hear it
                for request in group:
                    if not request.done.done():
                        request.done.set_exception(error)

    async def _commit(self, group: list[_Request]) -> None:
        outcomes: list[tuple[_Request, Any, Exception | None]] = []
        async with self._writer_engine.connect() as connection, connection.begin():
            for request in group:
                try:
                    async with connection.begin_nested():
                        outcomes.append((request, await request.work(connection), None))
                except Exception as error:  # noqa: BLE001 - it belongs to that caller, not to the group
                    outcomes.append((request, None, error))
        for request, result, failure in outcomes:
            if request.done.done():
                continue
            if failure is None:
                request.done.set_result(result)
            else:
                request.done.set_exception(failure)


def sqlite_url(path: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(path))


def _engine(path: Path, *, begin: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(sqlite_url(path), pool_size=pool_size, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(dbapi_connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver's own transactions would start too late for savepoints: BEGIN is ours.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns: the 250 depends on it
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA busy_timeout = 5000")  # milliseconds; only a backup or a checkpoint makes us wait
        cursor.execute("PRAGMA secure_delete = ON")  # what is purged is overwritten
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_ourselves(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def take_lock(path: Path) -> int:
    """The descriptor that holds the spool's lock until it is closed; raises SpoolLocked."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file of its own: SQLite's locks on the database file are lost when any descriptor of it is closed.
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise SpoolLocked(path) from None
    return lock
