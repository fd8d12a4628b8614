"""The key that push tokens are made with: made once, kept in the spool, shared by all daemons that have it."""

from secrets import token_bytes

from sqlalchemy import Connection, select

from gateway.spool import schema
from gateway.spool.upsert import Upsert

LENGTH = 32  # bytes, as long as what SHA-256 gives (RFC 2104 §3)
ONLY = 1  # the id of its row
_MAKE = Upsert.or_nothing(schema.push_key)


def push_key(connection: Connection) -> bytes:
    """Makes it where there is none yet; whoever comes first makes it for all."""
    connection.execute(_MAKE.for_(connection), {"id": ONLY, "key": token_bytes(LENGTH)})
    key: bytes = connection.execute(select(schema.push_key.c.key).where(schema.push_key.c.id == ONLY)).scalar_one()
    return key
