"""The connection to the spool's database: one writer whose transactions are shared, many readers.

A commit on disk costs a sync; sessions that wait for one at the same moment go into one transaction (group commit),
and one that fails takes nothing of the others with it: then each runs again, in a transaction of its own.

Work on the database is a plain function on a connection, and runs in a thread of the database's own: a transaction
waits for nothing but the disk, and an event loop that went to a thread and back for each statement would spend ten
times as long.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.spool.commits import CommitUnknown, Writer, concerns_all, met_another
from gateway.spool.engines import may_idle, reader_engine, writer_engine
from gateway.spool.lock import take_lock
from gateway.spool.place import Place, Server

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[Connection], T]
Batch = Callable[[Connection, Sequence[Item]], Sequence[T]]  # a result for each item

# One transaction holds the writer for a few milliseconds at most, however many sessions wait.
LARGEST_GROUP = 64
# On a server mails stand in their rows: so many may be some hundred megabytes.
LARGEST_GROUP_OF_SHARED = 16
READERS = 4
PAGES_GIVEN_BACK = 10_000
TRIES = 5  # of a transaction that another daemon's got in the way of


@dataclass(frozen=True, slots=True)
class _Request:
    """One item for a batch; `done` gets the batch's result for it."""

    batch: Batch[Any, Any]
    item: Any
    done: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one request of a group whose transaction has been committed."""

    result: Any = None
    failure: Exception | None = None


class Database:
    """A spool that is open: a SQLite file that this process holds alone, or a database that others have open too."""

    def __init__(self, place: Place, lock: int | None) -> None:
        self.place = place
        self._lock = lock
        self._writer_engine = writer_engine(place)
        self._reader_engine = reader_engine(place, READERS)
        self._who = Writer()
        self._urgent_engine = writer_engine(place)
        self._writer_thread = ThreadPoolExecutor(1, thread_name_prefix="spool-writer")
        self._urgent_thread = ThreadPoolExecutor(1, thread_name_prefix="spool-urgent")
        self._reader_threads = ThreadPoolExecutor(READERS, thread_name_prefix="spool-reader")
        self._largest_group = LARGEST_GROUP_OF_SHARED if self.is_shared else LARGEST_GROUP
        self._waiting: asyncio.Queue[_Request] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, place: Place) -> Self:
        """Takes a SQLite spool's lock; raises SpoolLocked where another daemon has it."""
        return cls(place, take_lock(place) if isinstance(place, Path) else None)

    @property
    def is_shared(self) -> bool:
        """Whether other daemons may have it open at the same time."""
        return isinstance(self.place, Server)

    async def __aenter__(self) -> Self:
        """The schema must stand by now."""
        if self.is_shared:
            await self.write_apart(self._who.enter)
        self._writer = asyncio.create_task(self._write_groups(), name="spool-writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        while not self._waiting.empty():
            self._waiting.get_nowait().done.cancel()
        if self.is_shared:
            with suppress(SQLAlchemyError):  # its row goes some day, too
                await self.write_apart(self._who.leave)
        for threads in (self._writer_thread, self._urgent_thread, self._reader_threads):
            await asyncio.to_thread(threads.shutdown)
        for engine in (self._reader_engine, self._urgent_engine, self._writer_engine):
            engine.dispose()
        if self._lock is not None:
            os.close(self._lock)

    async def write(self, work: Work[T]) -> T:
        """Runs `work` in a transaction and returns its result once that is committed and synced.

        What `work` raises is raised here, and nothing of it is kept. It runs a second time where another one of its
        group has failed: it may change nothing but the database.
        """
        return await self.write_together(_each_alone, work)

    async def write_together(self, batch: Batch[Item, T], item: Item) -> T:
        """As ``write``, for work that is cheaper done for many: `batch` gets the items that wait at the same moment."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Request(batch, item, done))
        return await done

    async def write_apart(self, work: Work[T]) -> T:
        """As ``write``, waiting for nobody's group; for what may be done twice. Seldom: on SQLite one waits for all."""

        def run() -> T:
            with self._urgent_engine.connect() as connection, connection.begin():
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._urgent_thread, run)

    async def read(self, work: Work[T]) -> T:
        """Runs `work` on a connection that sees one consistent moment and writes nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._reader_threads, self._read, work)

    def _read(self, work: Work[T]) -> T:
        try:
            return self._read_once(work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._read_once(work)  # the server was restarted: on a new connection it goes on

    def _read_once(self, work: Work[T]) -> T:
        with self._reader_engine.connect() as connection, connection.begin():
            return work(connection)

    async def shrink(self) -> None:
        """Gives pages that were freed back to the file system, some thousand at a time; PostgreSQL does it itself."""
        if self.is_shared:
            return

        def run() -> None:
            with closing(self._writer_engine.raw_connection()) as connection:
                # SQLite frees a page a step, and of the driver's methods only this one takes every step.
                driver: Any = connection.driver_connection
                driver.executescript(f"PRAGMA incremental_vacuum({PAGES_GIVEN_BACK})")

        await asyncio.get_running_loop().run_in_executor(self._writer_thread, run)

    async def _write_groups(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            group = [await self._waiting.get()]
            while len(group) < self._largest_group and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            # A caller that was cancelled meanwhile wants nothing written any more.
            group = [request for request in group if not request.done.cancelled()]
            try:
                outcomes = await loop.run_in_executor(self._writer_thread, self._commit, group)
            except asyncio.CancelledError:
                for request in group:
                    request.done.cancel()
                raise
            for request, outcome in zip(group, outcomes, strict=True):
                _tell(request.done, outcome)

    def _commit(self, group: Sequence[_Request]) -> list[_Outcome]:
        """One transaction for all, or where that can't be kept one for each; what raises is undone alone."""
        try:
            return [_Outcome(result) for result in self._transact(group)]
        except CommitUnknown as unknown:
            return [_Outcome(failure=unknown) for _ in group]
        except Exception:  # noqa: BLE001 - one of them, or the commit: the second time tells whose it is
            return self._commit_each(group)

    def _commit_each(self, group: Sequence[_Request]) -> list[_Outcome]:
        """Where the database is gone or locked, it is so for all: each would wait for it anew."""
        outcomes: list[_Outcome] = []
        for request in group:
            last = outcomes[-1].failure if outcomes else None
            lost = last is not None and concerns_all(last)
            outcomes.append(_Outcome(failure=last) if lost else self._commit_alone(request))
        return outcomes

    def _commit_alone(self, request: _Request) -> _Outcome:
        """In a transaction of its own. Not in a savepoint: on a full disk SQLite undoes the transaction around it."""
        for tries in count(1):
            try:
                (result,) = self._transact([request])
            except Exception as error:  # noqa: BLE001 - it belongs to that caller, not to the group
                if tries < TRIES and met_another(error):
                    continue
                return _Outcome(failure=error)
            return _Outcome(result)
        raise AssertionError

    def _transact(self, group: Sequence[_Request]) -> list[Any]:
        with self._writer_engine.connect() as connection, self._who.committed(connection):
            return _run(connection, group)


def _run(connection: Connection, group: Sequence[_Request]) -> list[Any]:
    """The results in the order of `group`; requests of one batch are done together."""
    batches: dict[Batch[Any, Any], list[int]] = {}
    for index, request in enumerate(group):
        batches.setdefault(request.batch, []).append(index)
    results: list[Any] = [None] * len(group)
    for batch, indexes in batches.items():
        found = batch(connection, [group[index].item for index in indexes])
        for index, result in zip(indexes, found, strict=True):
            results[index] = result
    return results


def _each_alone(connection: Connection, works: Sequence[Work[Any]]) -> Sequence[Any]:
    return [work(connection) for work in works]


def _tell(done: asyncio.Future[Any], outcome: _Outcome) -> None:
    if done.done():
        return
    if outcome.failure is None:
        done.set_result(outcome.result)
    else:
        done.set_exception(outcome.failure)


def write_once(place: Place, work: Work[T]) -> T:
    """Runs `work` in one transaction beside daemons that may have the spool: the database keeps them apart.

    Whoever asked for it looks himself whether it was done where a server was lost meanwhile.
    """
    engine = writer_engine(place)
    try:
        with engine.connect() as connection, connection.begin():
            return work(connection)
    finally:
        engine.dispose()


def write_much(place: Place, work: Work[T]) -> T:
    """As ``write_once``, for a transaction that may take long (``may_idle``); raises CommitUnknown."""
    engine, who = writer_engine(place), Writer()
    try:
        with engine.connect() as connection, connection.begin():
            who.enter(connection)
        with engine.connect() as connection, who.committed(connection):
            may_idle(connection)
            done = work(connection)
        with engine.connect() as connection, connection.begin():
            who.leave(connection)
        return done
    finally:
        engine.dispose()


@contextmanager
def snapshot(place: Place) -> Iterator[Connection]:
    """A connection that sees one moment for as long as it is open, beside daemons that may have the spool."""
    engine = reader_engine(place, 1)
    try:
        with engine.connect() as connection, connection.begin():
            may_idle(connection)
            yield connection
    finally:
        engine.dispose()


def close_for_good(path: Path) -> None:
    """Puts what stands in the write-ahead log into the database file, which then is all of it and can be moved."""
    engine = reader_engine(path, 1)
    try:
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
