"""Jobs that time alone may change now: found by their deadlines, so that those that only wait cost nothing.

``delivery/deadlines.py`` decides; this query leaves out no job that is due, and brings few others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, union

from gateway.spool import schema
from gateway.spool.states import State

UNSUBMITTED = (State.RECEIVED, State.PREPARED, State.HELD)
WAITING = (*UNSUBMITTED, State.IN_DOUBT, State.SUBMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What lies at or before these moments is due; None: nothing of the kind is."""

    now: datetime  # a job's own deadlines (RFC 2852)
    warned: datetime  # start of what isn't submitted, and its sender wasn't told
    expired: datetime  # start of what isn't submitted
    in_doubt: datetime | None  # the last send
    submitted: datetime | None  # jobValid.end


@dataclass(frozen=True, slots=True)
class Overdue:
    id: str
    since: datetime  # the moment that its deadlines count from: its last send, else its 250


def overdue(connection: Connection, before: Before) -> list[Overdue]:
    """The jobs that may be due, the oldest first."""
    job = schema.job.c
    due = union(*(select(job.id).where(each) for each in _conditions(before)))
    since = func.coalesce(job.sent_at, job.created_at)
    query = select(job.id, since.label("since")).where(job.id.in_(due)).order_by(job.start_at)
    return [Overdue(row.id, row.since) for row in connection.execute(query)]


def _conditions(before: Before) -> Sequence[ColumnElement[bool]]:
    """Each can be answered by one index: a job is rarely due by two of them."""
    job = schema.job.c
    unsubmitted, waiting = job.state.in_(UNSUBMITTED), job.state.in_(WAITING)
    unwarned = and_(job.start_at <= before.warned, job.warned_at.is_(None))
    found = [
        and_(unsubmitted, or_(job.start_at <= before.expired, unwarned)),
        and_(unsubmitted, job.ends_by <= before.now),
        and_(waiting, job.late_by <= before.now, job.late_told_at.is_(None)),
    ]
    if before.in_doubt is not None:
        found.append(and_(job.state == State.IN_DOUBT, job.sent_at <= before.in_doubt))
    if before.submitted is not None:
        found.append(and_(job.state == State.SUBMITTED, job.valid_until <= before.submitted))
    return found
