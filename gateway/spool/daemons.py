"""The daemons that share a spool: each has a row that it renews; one that doesn't is held for dead.

By the database's clock alone: those of the daemons' machines may differ, and be set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, text, update

from gateway.spool.schema import daemon as table

# A daemon that was killed is noticed within LEASE + RENEWED_EVERY; one that only waits for its disk must not be.
LEASE = timedelta(seconds=30)
RENEWED_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Daemon:
    id: str
    host: str
    schema: int
    started_at: datetime
    renewed_at: datetime


def register(connection: Connection, daemon_id: str, host: str, schema: int) -> None:
    now = func.now()
    connection.execute(
        insert(table).values(id=daemon_id, host=host[:255], schema=schema, started_at=now, renewed_at=now)
    )


def renew(connection: Connection, daemon_id: str) -> bool:
    """False: it was held for dead, and others have taken what it had in hand."""
    renewed = update(table).where(table.c.id == daemon_id).values(renewed_at=func.now())
    return connection.execute(renewed).rowcount == 1


def is_registered(connection: Connection, daemon_id: str) -> bool:
    """Until the end of this transaction, too."""
    query = select(table.c.id).where(table.c.id == daemon_id).with_for_update(read=True, key_share=True)
    return connection.execute(query).first() is not None


def bury(connection: Connection) -> Sequence[str]:
    """Removes those that have not renewed for too long; returns their ids. Nobody else does so in this moment."""
    dead = delete(table).where(table.c.renewed_at < func.now() - LEASE).returning(table.c.id)
    return list(connection.execute(dead).scalars())


def leave(connection: Connection, daemon_id: str) -> None:
    connection.execute(delete(table).where(table.c.id == daemon_id))


def living(connection: Connection) -> list[Daemon]:
    """Those that have renewed in time, buried or not."""
    rows = connection.execute(select(table, func.now().label("now")).order_by(table.c.started_at, table.c.id))
    return [
        Daemon(row.id, row.host, row.schema, row.started_at, row.renewed_at)
        for row in rows
        if row.now - row.renewed_at < LEASE
    ]


# A frozen daemon's session that the server still waits for in the middle of a message: no timeout of the server's
# counts there (PostgreSQL §20.11.1), and what it has locked it would hold for ever.
_END_STUCK = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = current_user AND application_name = 'fax-gateway' "
    "AND pid <> pg_backend_pid() AND state = 'active' AND wait_event = 'ClientRead' "
    "AND query_start < now() - make_interval(secs => :seconds)"
)


def end_stuck(connection: Connection) -> int:
    """Ends sessions of daemons of this database that have stood still for as long as a lease; returns how many."""
    if connection.dialect.name != "postgresql":
        return 0
    return len(connection.execute(_END_STUCK, {"seconds": LEASE.total_seconds()}).all())
