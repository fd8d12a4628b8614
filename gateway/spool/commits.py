"""Transactions whose end is certain: committed, or not.

A server may be lost between COMMIT and its answer. To run the work again could write a mail twice, to give it up could
lose one that was answered; so the server is asked, once it is back, what became of the transaction (PostgreSQL's
pg_xact_status). A SQLite file can't be lost so: what its COMMIT raises was not committed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

log = structlog.get_logger()

PATIENCE = 30.0  # seconds for the server to come back and tell
PAUSE = 0.5
# SQLSTATEs of a transaction that was undone for another one's sake: serialization_failure, deadlock_detected.
UNDONE_FOR_OTHERS = frozenset({"40001", "40P01"})

_TRANSACTION = text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
_BECAME = text("SELECT pg_xact_status(CAST(CAST(:transaction AS text) AS xid8))")


class CommitUnknown(SQLAlchemyError):
    """The server was lost while it committed, and has not come back: whether it did is not known."""


@contextmanager
def committed(connection: Connection) -> Iterator[None]:
    """A transaction: once the block is left without an error, it is committed and synced. Raises CommitUnknown."""
    mark = None
    try:
        with connection.begin():
            yield
            mark = _mark(connection)
    except OperationalError as error:
        if mark is None:  # it was not the COMMIT that failed
            raise
        connection.invalidate()
        connection.close()  # the pool has one
        if not _was_committed(connection.engine, mark, error):
            raise
        log.info("commit_confirmed", hint="the connection to the database was lost in it")


def met_another(error: Exception) -> bool:
    """Whether a transaction failed only because it met another one: it is worth another try."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in UNDONE_FOR_OTHERS


def _mark(connection: Connection) -> str | None:
    """What the server knows this transaction by; None where nothing was written, or nothing needs asking."""
    if connection.dialect.name != "postgresql":
        return None
    mark: str | None = connection.execute(_TRANSACTION).scalar_one()
    return mark


def _was_committed(engine: Engine, mark: str, error: OperationalError) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with engine.connect() as connection, connection.begin():
                became = connection.execute(_BECAME, {"transaction": mark}).scalar_one()
        except OperationalError:
            became = None
        if became in {"committed", "aborted"}:
            return bool(became == "committed")
        time.sleep(PAUSE)
    raise CommitUnknown(f"the database was lost while it committed, and is not back: {error}") from error
