"""Jobs in doubt that may be sent once more, and what the data centres' lists say (docs/architecture.md, "Doubt")."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.spool import schema
from gateway.spool.job import Job
from gateway.spool.jobs import load_all, query
from gateway.spool.states import State
from gateway.spool.upsert import Upsert

_NOTE = Upsert.or_replace(schema.list_read, ["account_id", "datacenter"], ["read_at"])


def note_list_read(connection: Connection, account_id: str, datacenter: str, read_at: datetime) -> None:
    """After everything in it has been filed: what it did not hold at `read_at` was not there."""
    row = {"account_id": account_id, "datacenter": datacenter, "read_at": read_at}
    connection.execute(_NOTE.for_(connection), row)


def lists_read(connection: Connection, account_id: str) -> Mapping[str, datetime]:
    """By data centre; one whose list was never read whole is not there."""
    table = schema.list_read.c
    rows = connection.execute(select(table.datacenter, table.read_at).where(table.account_id == account_id))
    return {row.datacenter: row.read_at for row in rows}


def unaccepted(connection: Connection, account_id: str, sent_before: datetime) -> list[Job]:
    """In doubt, and nobody has said that it is there; the longest waiting first."""
    job = schema.job.c
    wanted = query().where(
        job.state == State.IN_DOUBT,
        job.account_id == account_id,
        job.accepted_at.is_(None),
        job.sent_at <= sent_before,
    )
    return load_all(connection, wanted.order_by(job.sent_at))
