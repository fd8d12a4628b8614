"""The key that push tokens are made with: made once, kept in the spool, shared by all daemons that have it."""

from secrets import token_bytes

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from gateway.spool import schema

LENGTH = 32  # bytes, as long as what SHA-256 gives (RFC 2104 §3)
ONLY = 1  # the id of its row


def push_key(connection: Connection) -> bytes:
    """Makes it where there is none yet; whoever comes first makes it for all."""
    made = upsert(schema.push_key).values(id=ONLY, key=token_bytes(LENGTH))
    connection.execute(made.on_conflict_do_nothing())
    key: bytes = connection.execute(select(schema.push_key.c.key).where(schema.push_key.c.id == ONLY)).scalar_one()
    return key
