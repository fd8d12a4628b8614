"""The connection to the spool's database: one writer whose transactions are shared, many readers.

A commit on disk costs a sync; sessions that wait for one at the same moment go into one transaction (group commit),
and one that fails takes nothing of the others with it: then each runs again, in a transaction of its own.

Work on the database is a plain function on a connection, and runs in a thread of the database's own: a transaction
waits for nothing but the disk, and an event loop that went to a thread and back for each statement would spend ten
times as long.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[Connection], T]
Batch = Callable[[Connection, Sequence[Item]], Sequence[T]]  # a result for each item

# One transaction holds the writer for a few milliseconds at most, however many sessions wait.
LARGEST_GROUP = 64
READERS = 4
PAGES_GIVEN_BACK = 10_000


class SpoolLocked(Exception):
    """Another daemon has this SQLite spool open; two would fax everything twice."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the spool {path} is in use by another fax-gateway: stop that one first, or give this one another "
            "database.url"
        )


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
    """A SQLite spool that this process holds alone. Open it with ``Database.open``."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._writer_engine = _engine(path, begin="BEGIN IMMEDIATE", pool_size=1)
        self._reader_engine = _engine(path, begin="BEGIN", pool_size=READERS)
        self._writer_thread = ThreadPoolExecutor(1, thread_name_prefix="spool-writer")
        self._reader_threads = ThreadPoolExecutor(READERS, thread_name_prefix="spool-reader")
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
        for threads in (self._writer_thread, self._reader_threads):
            await asyncio.to_thread(threads.shutdown)
        self._reader_engine.dispose()
        self._writer_engine.dispose()
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

    async def read(self, work: Work[T]) -> T:
        """Runs `work` on a connection that sees one consistent moment and writes nothing."""

        def run() -> T:
            with self._reader_engine.connect() as connection, connection.begin():
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._reader_threads, run)

    async def shrink(self) -> None:
        """Gives pages that were freed back to the file system, some thousand at a time."""

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
            while len(group) < LARGEST_GROUP and not self._waiting.empty():
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
            with self._writer_engine.connect() as connection, connection.begin():
                results = _run(connection, group)
            return [_Outcome(result) for result in results]
        except Exception:  # noqa: BLE001 - one of them, or the commit: the second time tells whose it is
            return [self._commit_alone(request) for request in group]

    def _commit_alone(self, request: _Request) -> _Outcome:
        """In a transaction of its own. Not in a savepoint: on a full disk SQLite undoes the transaction around it."""
        try:
            with self._writer_engine.connect() as connection, connection.begin():
                (result,) = _run(connection, [request])
        except Exception as error:  # noqa: BLE001 - it belongs to that caller, not to the group
            return _Outcome(failure=error)
        return _Outcome(result)


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


def write_once(path: Path, work: Work[T]) -> T:
    """Runs `work` in one transaction beside a daemon that may have the spool: SQLite keeps both apart."""
    engine = _engine(path, begin="BEGIN IMMEDIATE", pool_size=1)
    try:
        with engine.connect() as connection, connection.begin():
            return work(connection)
    finally:
        engine.dispose()


@contextmanager
def snapshot(path: Path) -> Iterator[Connection]:
    """A connection that sees one moment for as long as it is open, beside a daemon that may have the spool."""
    engine = _engine(path, begin="BEGIN", pool_size=1)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def close_for_good(path: Path) -> None:
    """Puts what stands in the write-ahead log into the database file, which then is all of it and can be moved."""
    engine = _engine(path, begin="BEGIN", pool_size=1)
    try:
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()


def sqlite_url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _engine(path: Path, *, begin: str, pool_size: int) -> Engine:
    # A connection is used by one thread at a time, not always by the same.
    engine = create_engine(
        sqlite_url(path), pool_size=pool_size, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
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

    @event.listens_for(engine, "begin")
    def begin_ourselves(connection: Connection) -> None:
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


def is_in_use(path: Path) -> bool:
    """Whether a daemon has the spool, as /proc/locks tells (proc(5)): to try the lock could stop one that starts."""
    try:
        inode = path.with_name(path.name + ".lock").stat().st_ino
        held = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return False
    # "1: FLOCK  ADVISORY  WRITE 4711 fd:01:262161 0 EOF"; the device isn't that of stat(2) on every file system.
    return any("FLOCK" in line and f":{inode} " in line for line in held)
