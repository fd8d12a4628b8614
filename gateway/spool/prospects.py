"""What an operation would do to a job, told before it is done: the questions that an operator has to answer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from gateway.spool import operations
from gateway.spool.job import Job
from gateway.spool.lineage import NotRetried, retried
from gateway.spool.operations import TOO_LATE, Operation
from gateway.spool.states import ALLOWED, Event, State


class Action(StrEnum):
    RETRY = "retry"
    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"


class Answer(StrEnum):
    POSSIBLE = "possible"
    ASKS = "asks"  # it may arrive twice: only who says so does it
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Prospect:
    answer: Answer
    reason: str = ""  # why not, or what is uncertain
    numbers: tuple[str, ...] = ()  # whom a retry faxes


OPERATIONS: Mapping[Action, Operation] = MappingProxyType(
    {
        Action.RETRY: operations.retry,
        Action.CANCEL: operations.cancel,
        Action.HOLD: operations.hold,
        Action.RELEASE: operations.release,
    }
)
# What is done where somebody has said that it may arrive twice.
SURE_OPERATIONS: Mapping[Action, Operation] = MappingProxyType(
    {
        Action.RETRY: operations.retry_though_it_may_duplicate,
        Action.RELEASE: operations.release_though_it_may_duplicate,
    }
)


def prospect(job: Job, action: Action) -> Prospect:
    match action:
        case Action.RETRY:
            return _retry(job)
        case Action.CANCEL:
            if job.state in TOO_LATE:
                return Prospect(Answer.IMPOSSIBLE, TOO_LATE[job.state])
            if job.standing.perhaps_there:
                return Prospect(Answer.IMPOSSIBLE, TOO_LATE[State.IN_DOUBT])
            return _allowed(job, Event.CANCELLED)
        case Action.HOLD:
            if job.state is State.SUBMITTING:
                return Prospect(Answer.IMPOSSIBLE, TOO_LATE[State.SUBMITTING])
            return _allowed(job, Event.HELD)
        case Action.RELEASE:
            found = _allowed(job, Event.RELEASED)
            asks = found.answer is Answer.POSSIBLE and job.standing.restored
            return Prospect(Answer.ASKS, operations.PERHAPS_SENT_SINCE) if asks else found
        case _:
            assert_never(action)


def possible(job: Job) -> tuple[Action, ...]:
    """What may be offered."""
    return tuple(action for action in Action if prospect(job, action).answer is not Answer.IMPOSSIBLE)


def _allowed(job: Job, event: Event) -> Prospect:
    if job.state in ALLOWED[event]:
        return Prospect(Answer.POSSIBLE)
    return Prospect(Answer.IMPOSSIBLE, f"a job that is {job.state.value} can't be {event.value}")


def _retry(job: Job) -> Prospect:
    try:
        return Prospect(Answer.POSSIBLE, numbers=tuple(each.number for each in retried(job, may_duplicate=False)))
    except NotRetried as reason:
        why = str(reason)
    try:
        numbers = tuple(each.number for each in retried(job, may_duplicate=True))
    except NotRetried as reason:
        return Prospect(Answer.IMPOSSIBLE, str(reason))
    return Prospect(Answer.ASKS, why, numbers)
