"""What was said about a job, and what became of each word."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.spool import schema
from gateway.spool.outbox import Letter, letter_of


@dataclass(frozen=True, slots=True)
class Said:
    letter: Letter
    due_at: datetime
    last_error: str | None
    sent_at: datetime | None
    refused_at: datetime | None


def said_of(connection: Connection, job_id: str) -> list[Said]:
    """The oldest first."""
    table = schema.outbox.c
    rows = connection.execute(select(schema.outbox).where(table.job_id == job_id).order_by(table.created_at, table.id))
    return [Said(letter_of(row), row.due_at, row.last_error, row.sent_at, row.refused_at) for row in rows]
