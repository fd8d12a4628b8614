"""Transactions whose end is certain: committed, or not.

A server may be lost between COMMIT and its answer. To run the work again could write a mail twice, to give it up could
lose one that was answered; so the server is asked, once it is back, what became of the transaction. Each leaves a mark
of its own in the row of whoever writes: if the row has it, it was committed. (A transaction's number would not do:
after a crash of the server it may be another one's.) A SQLite file can't be lost so: what its COMMIT raises was not
committed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import structlog
from sqlalchemy import Connection, Engine, delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, SQLAlchemyError

from gateway.spool.schema import writer as table

log = structlog.get_logger()

PATIENCE = 30.0  # seconds for the server to come back and tell
PAUSE = 0.5
KEPT = text("now() - interval '7 days'")  # the row of a writer that has gone without a word
# SQLSTATEs of a transaction that was undone for another one's sake: serialization_failure, deadlock_detected.
UNDONE_FOR_OTHERS = frozenset({"40001", "40P01"})
LOCK_NOT_AVAILABLE = "55P03"
# What the disk, a lock or the server did, no fault of the work: it may be done later.
PASSING = (OperationalError, InternalError)

# Nothing for a transaction that has written nothing.
_MARK = text(
    "UPDATE writer SET mark = :mark, marked_at = now() "
    "WHERE id = :id AND pg_current_xact_id_if_assigned() IS NOT NULL RETURNING mark"
)


class CommitUnknown(SQLAlchemyError):
    """The server was lost while it committed, and has not come back: whether it did is not known."""


class Writer:
    """Who writes to a spool, and asks what became of it. ``enter`` before the first transaction, ``leave`` last."""

    def __init__(self) -> None:
        self.id = token_hex(16)

    def enter(self, connection: Connection) -> None:
        if _is_server(connection):
            connection.execute(delete(table).where(table.c.marked_at < KEPT))
            connection.execute(insert(table).values(id=self.id, mark="", marked_at=func.now()))

    def leave(self, connection: Connection) -> None:
        if _is_server(connection):
            connection.execute(delete(table).where(table.c.id == self.id))

    @contextmanager
    def committed(self, connection: Connection) -> Iterator[None]:
        """A transaction: once the block is left without an error, it is committed and synced. Raises CommitUnknown."""
        mark = None
        try:
            with connection.begin():
                yield
                mark = self._mark(connection)
        except OperationalError as error:
            if mark is None:  # it was not the COMMIT that failed
                raise
            connection.invalidate()
            connection.close()  # the pool has one
            if not self._was_committed(connection.engine, mark, error):
                raise
            log.info("commit_confirmed", hint="the connection to the database was lost in it")

    def _mark(self, connection: Connection) -> str | None:
        """What this transaction is known by; None where nothing was written, or nothing needs asking."""
        if not _is_server(connection):
            return None
        mark: str | None = connection.execute(_MARK, {"id": self.id, "mark": token_hex(16)}).scalar()
        return mark

    def _was_committed(self, engine: Engine, mark: str, error: OperationalError) -> bool:
        # Waits for the lost session too, should it still be about to commit: that one has the row.
        asking = select(table.c.mark).where(table.c.id == self.id).with_for_update()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with engine.connect() as connection, connection.begin():
                    return connection.execute(asking).scalar() == mark
            except OperationalError:
                time.sleep(PAUSE)
        raise CommitUnknown(f"the database was lost while it committed, and is not back: {error}") from error


def met_another(error: Exception) -> bool:
    """Whether a transaction failed only because it met another one: it is worth another try."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in UNDONE_FOR_OTHERS


def concerns_all(error: Exception) -> bool:
    """Whether the next transaction would fail as this one: the database is gone, or somebody holds what all need."""
    if not isinstance(error, DBAPIError) or not hasattr(error.orig, "sqlstate"):  # SQLite's have none
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in {None, LOCK_NOT_AVAILABLE}


def _is_server(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
