"""What waits for a moment that only a wrong clock has set: the machine's clock was set back, and it would wait as long.

A start does the same, whatever the clock: backoffs begin anew then (docs/architecture.md, "Answers to a send"), and the
clock may have been set while nobody looked.
"""

from datetime import datetime

from sqlalchemy import Connection, Update, and_, or_, update

from gateway.spool import schema
from gateway.spool.states import State


def bring_forward(connection: Connection, now: datetime) -> int:
    """Makes due at `now` what was to be done later, but for faxes whose sender has named a time; returns how much."""
    return sum(connection.execute(statement).rowcount for statement in (_jobs(now), _letters(now), _deletions(now)))


def _jobs(now: datetime) -> Update:
    """Documents to make, faxes to send, reports to look for."""
    job = schema.job.c
    begins = or_(job.start_at <= now, job.start_at <= job.created_at)  # else a time was named
    waits = or_(
        job.state.in_([State.RECEIVED, State.SUBMITTED, State.IN_DOUBT]), and_(job.state == State.PREPARED, begins)
    )
    return update(schema.job).where(waits, job.due_at > now).values(due_at=now)


def _letters(now: datetime) -> Update:
    outbox = schema.outbox.c
    waits = and_(outbox.sent_at.is_(None), outbox.refused_at.is_(None))
    return update(schema.outbox).where(waits, outbox.due_at > now).values(due_at=now)


def _deletions(now: datetime) -> Update:
    return update(schema.deletion).where(schema.deletion.c.due_at > now).values(due_at=now)
