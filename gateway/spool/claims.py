"""Who does what, where several daemons share a spool: each takes in hand what nobody has, and others leave it alone.

A row in hand names its owner. That is no promise of the promises: a transition is conditional on state and attempt
(``jobs.change``), so that of two who have the same job in hand one wins. It saves the other the work.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update

from gateway.spool import jobs, outbox, schema
from gateway.spool.job import Job
from gateway.spool.locks import Lock, exclusively
from gateway.spool.outbox import Letter
from gateway.spool.states import State

ASKED_FOR = (State.PREPARED, State.SUBMITTING)  # of those in hand: a request is under way, or about to be


def claim_jobs(
    connection: Connection,
    owner: str,
    states: Collection[State],
    at: datetime,
    limit: int,
    *,
    without: Collection[str] = (),
) -> list[Job]:
    """Jobs in `states` whose time has come, the longest waiting first; they are `owner`'s from now on.

    `without`: what he has in hand already. What he took and has dropped since comes to him again.
    """
    job = schema.job.c
    free = or_(job.owner.is_(None), job.owner == owner)
    wanted = select(job.id).where(job.state.in_(list(states)), job.due_at <= at, free)
    if without:
        wanted = wanted.where(job.id.not_in(list(without)))
    wanted = wanted.order_by(job.due_at, job.created_at).limit(limit).with_for_update(skip_locked=True)
    ids = list(connection.execute(wanted).scalars())
    if not ids:
        return []
    connection.execute(update(schema.job).where(job.id.in_(ids)).values(owner=owner))
    found = {each.id: each for each in jobs.load_many(connection, ids)}
    return [found[job_id] for job_id in ids]


def claim_for_submission(
    connection: Connection, owner: str, at: datetime, limit: int, *, concurrency: int, without: Collection[str]
) -> list[Job]:
    """As ``claim_jobs``, prepared ones, as far as all daemons together have no more than `concurrency` in hand."""
    exclusively(connection, Lock.CLAIMS)
    job = schema.job.c
    elsewhere = select(func.count()).where(job.owner.is_not(None), job.owner != owner, job.state.in_(ASKED_FOR))
    left = concurrency - connection.execute(elsewhere).scalar_one() - len(without)
    if left <= 0:
        return []
    return claim_jobs(connection, owner, [State.PREPARED], at, min(left, limit), without=without)


def next_due(connection: Connection, owner: str, states: Collection[State]) -> datetime | None:
    """When the next job in `states` that no other has in hand has something to do."""
    job = schema.job.c
    free = or_(job.owner.is_(None), job.owner == owner)
    wanted = select(func.min(job.due_at)).where(job.state.in_(list(states)), free)
    moment = connection.execute(wanted).scalar_one()
    return moment if isinstance(moment, datetime) else None


def claim_letters(connection: Connection, owner: str, at: datetime, limit: int) -> list[Letter]:
    """Words that are due and that no other is about to send; they are `owner`'s from now on."""
    table = schema.outbox.c
    free = or_(table.owner.is_(None), table.owner == owner)
    wanted: Select[tuple[str]] = select(table.id).where(outbox.is_due(at), free)
    ids = list(
        connection.execute(wanted.order_by(table.due_at).limit(limit).with_for_update(skip_locked=True)).scalars()
    )
    if not ids:
        return []
    claimed = update(schema.outbox).where(table.id.in_(ids)).values(owner=owner)
    connection.execute(claimed)
    rows = connection.execute(select(schema.outbox).where(table.id.in_(ids)).order_by(table.due_at))
    return [outbox.letter_of(row) for row in rows]


def submitting(connection: Connection, owner: str) -> list[str]:
    """Ids of jobs whose request `owner` has under way."""
    job = schema.job.c
    query = select(job.id).where(job.owner == owner, job.state == State.SUBMITTING)
    return list(connection.execute(query).scalars())


def orphaned(connection: Connection, limit: int) -> list[str]:
    """Ids of jobs whose request was under way at an owner who doesn't live any more."""
    job = schema.job.c
    # One statement: who has just come is seen with what he has just begun, or neither is.
    query = select(job.id).where(job.state == State.SUBMITTING, or_(job.owner.is_(None), _is_dead(job.owner)))
    # Whoever is just moving one knows more of it.
    return list(connection.execute(query.limit(limit).with_for_update(skip_locked=True)).scalars())


def let_go(connection: Connection) -> None:
    """What the dead had in hand, and had not begun, is anybody's."""
    job, letter = schema.job.c, schema.outbox.c
    unbegun = and_(job.owner.is_not(None), _is_dead(job.owner), job.state != State.SUBMITTING)
    connection.execute(update(schema.job).where(unbegun).values(owner=None))
    unsent = and_(letter.owner.is_not(None), _is_dead(letter.owner), letter.sent_at.is_(None))
    connection.execute(update(schema.outbox).where(unsent).values(owner=None))


def _is_dead(owner: ColumnElement[str | None]) -> ColumnElement[bool]:
    return owner.not_in(select(schema.daemon.c.id))
