"""How many jobs and words stand in the spool, and how long the oldest has waited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from gateway.spool import schema
from gateway.spool.pauses import Switch, standing
from gateway.spool.states import FINAL, Event, State

# What an attempt that perhaps arrived ended with.
_DOUBTFUL = (Event.PERHAPS_ARRIVED, Event.ACCEPTED_EARLIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    jobs: Mapping[State, int]  # every state, those without a job too
    oldest: Mapping[State, timedelta]  # since its mail came; of the states that are not final
    oldest_open: timedelta  # since the first of all these could have gone out: a scheduled one waits for its time
    oldest_doubt: timedelta  # since the first attempt that left a job in doubt
    words_waiting: int
    oldest_word: timedelta
    paused: Sequence[Switch]  # what an operator has paused


def take_census(connection: Connection, now: datetime) -> Census:
    job, outbox = schema.job.c, schema.outbox.c
    counted = select(job.state, func.count()).group_by(job.state)  # by an index alone, however many have ended
    counts = dict.fromkeys(State, 0) | {State(name): count for name, count in connection.execute(counted)}
    open_states = set(State) - FINAL
    first_of = select(job.state, func.min(job.created_at)).where(job.state.in_(open_states)).group_by(job.state)
    oldest = dict.fromkeys(open_states, timedelta())
    for name, first in connection.execute(first_of):
        oldest[State(name)] = _since(first, now)
    startable = select(func.min(job.start_at)).where(job.state.in_(open_states), job.start_at <= now)
    oldest_open = _since(connection.execute(startable).scalar(), now)
    attempt = schema.attempt.c
    doubtful = (
        select(func.min(attempt.started_at))
        .join(schema.job, attempt.job_id == job.id)
        .where(job.state == State.IN_DOUBT, attempt.outcome.in_(_DOUBTFUL))
    )
    oldest_doubt = _since(connection.execute(doubtful).scalar(), now)
    waiting = select(func.count(), func.min(outbox.created_at)).where(
        outbox.sent_at.is_(None), outbox.refused_at.is_(None)
    )
    words, first = connection.execute(waiting).one()
    return Census(
        jobs=counts,
        oldest=oldest,
        oldest_open=oldest_open,
        oldest_doubt=oldest_doubt,
        words_waiting=words,
        oldest_word=_since(first, now),
        paused=standing(connection),
    )


def _since(first: datetime | None, now: datetime) -> timedelta:
    """Not below zero, where the clock was set back; zero where there is nothing."""
    return max(now - first, timedelta()) if first is not None else timedelta()
