"""What tracking asks of the spool, in rows as light as ten thousand open jobs need them.

A job is tracked as long as a report may still end it: submitted, in doubt, unknown (a late report updates it), and held
out of one of these: `hold` keeps the former state, and a restored job is held (docs/architecture.md, "Doubt").
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from gateway.spool import schema
from gateway.spool.jobs import Note, record
from gateway.spool.states import State

OPEN = (State.SUBMITTED, State.IN_DOUBT, State.UNKNOWN, State.HELD)
PERHAPS_THERE = (State.SUBMITTING, State.SUBMITTED, State.IN_DOUBT)  # of a held job's former states
# Reports stay 30 days at the service (Fax4A): a job that is `unknown` is looked for as long.
REPORTS_STAY = timedelta(days=30)
# No next look lies farther ahead; one that does was set before the machine's clock was set back.
FARTHEST_LOOK = timedelta(hours=1)
PARAMETERS = 500  # in one list: older SQLites take 999 in a statement


@dataclass(frozen=True, slots=True)
class Tracked:
    """A job to look for; without `wire_id` only a data centre's list tells of it."""

    id: str
    account_id: str | None
    wire_id: str | None
    since: datetime  # the last send


@dataclass(frozen=True, slots=True)
class Known:
    """A job that a report names, by its customerDefinedId or by its jobId."""

    id: str
    state: State
    wire_id: str | None


def due_looks(connection: Connection, at: datetime, limit: int) -> list[Tracked]:
    """Jobs whose next look has come, the longest waiting first."""
    job = schema.job.c
    come = or_(job.due_at <= at, job.due_at > at + FARTHEST_LOOK)
    query = (
        select(job.id, job.account_id, job.wire_id, job.sent_at, job.created_at)
        .where(job.state.in_(OPEN), _is_tracked(at), come)
        .order_by(job.due_at)
        .limit(limit)
    )
    return [
        Tracked(row.id, row.account_id, row.wire_id, row.sent_at or row.created_at) for row in connection.execute(query)
    ]


def _is_tracked(at: datetime) -> ColumnElement[bool]:
    job = schema.job.c
    held = and_(
        job.state == State.HELD, or_(job.former.in_(PERHAPS_THERE), job.perhaps_arrived, job.restored_at.is_not(None))
    )
    sent_lately = func.coalesce(job.sent_at, job.restored_at) > at - REPORTS_STAY
    unknown = and_(job.state == State.UNKNOWN, sent_lately, job.erased_at.is_(None))
    return or_(job.state.in_([State.SUBMITTED, State.IN_DOUBT]), held, unknown)


def known(connection: Connection, job_ids: Collection[str], wire_ids: Collection[str]) -> list[Known]:
    """The jobs that have one of these ids, or one of these jobIds."""
    job = schema.job.c
    found: dict[str, Known] = {}
    for column, ids in ((job.id, job_ids), (job.wire_id, wire_ids)):
        for some in _portions(ids):
            for row in connection.execute(select(job.id, job.state, job.wire_id).where(column.in_(some))):
                found[row.id] = Known(row.id, State(row.state), row.wire_id)
    return list(found.values())


def record_once(connection: Connection, job_id: str, name: str, note: Note) -> bool:
    """A line of the job's story that stands there once however often it is found out; False: it stood already."""
    connection.execute(select(schema.job.c.id).where(schema.job.c.id == job_id).with_for_update())
    event = schema.event.c
    same = and_(event.job_id == job_id, event.name == name, event.detail == note.detail)
    if connection.execute(select(event.id).where(same).limit(1)).first() is not None:
        return False
    record(connection, job_id, name, note)
    return True


def _portions(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    all_ids = list(ids)
    for start in range(0, len(all_ids), PARAMETERS):
        yield all_ids[start : start + PARAMETERS]
