"""How many jobs and words stand in the spool, and how long the oldest has waited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from gateway.spool import schema
from gateway.spool.pauses import Switch, standing
from gateway.spool.states import FINAL, State


@dataclass(frozen=True, slots=True)
class Census:
    jobs: Mapping[State, int]  # every state, those without a job too
    oldest: Mapping[State, timedelta]  # since its mail came; of the states that are not final
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
        oldest[State(name)] = max(now - first, timedelta())
    waiting = select(func.count(), func.min(outbox.created_at)).where(
        outbox.sent_at.is_(None), outbox.refused_at.is_(None)
    )
    words, first = connection.execute(waiting).one()
    oldest_word = max(now - first, timedelta()) if first is not None else timedelta()
    return Census(counts, oldest, words, oldest_word, standing(connection))
