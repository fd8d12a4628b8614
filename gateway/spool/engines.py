"""Connections to a spool's database, of either kind, made so that a commit is on disk when it returns.

`hide_parameters`: an error of SQLAlchemy goes to the log, and parameters are numbers, subjects and mails.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.spool.place import Place, Server

# What a PostgreSQL session of ours never does longer, in milliseconds. A daemon that is stopped in the middle of a
# transaction (SIGSTOP, a frozen machine) would hold its locks for ever, and the other daemons would wait for it.
IDLE_IN_TRANSACTION = 8_000
LOCK_WAIT = 12_000
MIGRATION_LOCK_WAIT = 5_000  # while it waits everybody waits behind it; it comes again
CONNECT_WAIT = 5  # seconds
# A server that is gone without a word is noticed after so many milliseconds (tcp(7), TCP_USER_TIMEOUT).
UNACKNOWLEDGED = 15_000


def writer_engine(place: Place) -> Engine:
    """One connection, whose transactions may write."""
    if isinstance(place, Server):
        # Each statement sees what others have committed before it: conditions are written for that (jobs.change).
        return _server(place, pool_size=1, isolation="READ COMMITTED")
    return _file(place, begin="BEGIN IMMEDIATE", pool_size=1)


def reader_engine(place: Place, connections: int) -> Engine:
    """Each transaction sees one moment."""
    if isinstance(place, Server):
        engine = _server(place, pool_size=connections, isolation="REPEATABLE READ")
        return engine.execution_options(postgresql_readonly=True)
    return _file(place, begin="BEGIN", pool_size=connections)


def migration_engine(place: Place) -> Engine:
    """For changes of the schema."""
    if isinstance(place, Server):
        return _server(place, pool_size=1, isolation="READ COMMITTED", lock_wait=MIGRATION_LOCK_WAIT)
    return _file(place, begin="BEGIN IMMEDIATE", pool_size=1, for_migration=True)


def looking_engine(place: Place) -> Engine:
    """For a look at the schema."""
    if isinstance(place, Server):
        return _server(place, pool_size=1, isolation="READ COMMITTED")
    return create_engine(sqlite_url(place))


def may_idle(connection: Connection) -> None:
    """Its transaction is a backup's or a restore's: it waits for files and for who takes the bytes, and locks no row.

    A restore locks those of a database that nobody uses yet.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def sqlite_url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _file(path: Path, *, begin: str, pool_size: int, for_migration: bool = False) -> Engine:
    engine = create_engine(
        sqlite_url(path),
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"check_same_thread": False},  # it is used by one thread at a time, not always by the same
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver's own transactions would start too late for savepoints: BEGIN is ours.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        if for_migration:
            cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before anything stands in a new file
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # a commit is on disk when it returns: the 250 depends on it
        # Off while tables are made anew: Alembic renames them (sqlite.org/lang_altertable.html, §7).
        cursor.execute(f"PRAGMA foreign_keys = {'OFF' if for_migration else 'ON'}")
        cursor.execute("PRAGMA busy_timeout = 5000")  # milliseconds; only a backup or a checkpoint makes us wait
        cursor.execute("PRAGMA secure_delete = ON")  # what is purged is overwritten
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_ourselves(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _server(server: Server, *, pool_size: int, isolation: Any, lock_wait: int = LOCK_WAIT) -> Engine:
    settings = {
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION,
        "lock_timeout": lock_wait,
    }
    return create_engine(
        make_url(server.url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        isolation_level=isolation,
        hide_parameters=True,
        connect_args={
            "application_name": "fax-gateway",
            "connect_timeout": CONNECT_WAIT,
            "keepalives_idle": 10,
            "tcp_user_timeout": UNACKNOWLEDGED,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )
