"""What only one of several daemons does at a time, on a spool that they share. A SQLite spool has one writer anyway."""

from collections.abc import Iterable
from enum import IntEnum

from sqlalchemy import Connection, text

# Ours among the advisory locks of the database (PostgreSQL §13.3.5), and those of handovers.
OURS = 0x66617800  # "fax"
HANDOVERS = 0x66617801
AT_MOST = 1024  # locks of one transaction: the server has room for some thousand

_LOCK = text(
    "SELECT count(pg_advisory_xact_lock(:space, key)) "
    "FROM (SELECT key FROM unnest(CAST(:keys AS int[])) AS key ORDER BY key) AS in_order"
)


class Lock(IntEnum):
    SCHEMA = 1  # its upgrade
    CLAIMS = 2  # how many requests are under way, over all daemons
    HOUSEKEEPING = 3
    QUOTAS = 4  # what was used, and what one more mail would


def exclusively(connection: Connection, lock: Lock) -> None:
    """Until the end of this transaction; waits for whoever has it."""
    _lock(connection, OURS, [lock.value])


def handovers_exclusively(connection: Connection, keys: Iterable[str]) -> None:
    """As ``exclusively``, for handover keys (64 hexadecimal digits): the same mail may come to two daemons at once.

    Some keys share a lock. In one order, so that two who want the same ones never wait for each other.
    """
    _lock(connection, HANDOVERS, {int(key[:8], 16) % AT_MOST for key in keys})


def _lock(connection: Connection, space: int, keys: Iterable[int]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"space": space, "keys": list(keys)})
