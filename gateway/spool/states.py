"""The life of a job as a pure state machine: states, events, and what each event does to each state.

``step`` is the only place that decides where a job goes next; the store commits what it says, in one transaction with
the event row and the words to the sender. docs/architecture.md shows the same table, and a test compares the two.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never


class State(StrEnum):
    RECEIVED = "received"  # the mail is on disk, its documents aren't made yet
    PREPARED = "prepared"  # documents made, waiting for its turn at the API
    SUBMITTING = "submitting"  # the connection stands, the request may be on its way
    SUBMITTED = "submitted"  # the API has answered with a jobId
    HELD = "held"  # waits for an operator
    IN_DOUBT = "in_doubt"  # an attempt perhaps arrived
    SENT = "sent"  # every recipient is OK
    PARTLY_SENT = "partly_sent"  # neither all delivered nor all surely not
    FAILED = "failed"  # surely not delivered to anybody
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # could not be submitted in time
    UNKNOWN = "unknown"  # perhaps arrived, and no report tells


FINAL = frozenset(
    {State.SENT, State.PARTLY_SENT, State.FAILED, State.CANCELLED, State.EXPIRED, State.UNKNOWN},
)


class Event(StrEnum):
    """What can happen to a job; the names stand in the event rows."""

    PREPARED = "prepared"
    UNPREPARABLE = "unpreparable"  # its documents can't be made
    STARTED = "started"  # the connection stands, the first byte may leave
    NOT_ARRIVED = "not_arrived"
    MISCONFIGURED = "misconfigured"  # 401, 403, ...: the account pauses
    REJECTED = "rejected"  # a permanent 4xx
    SPLIT = "split"  # a 400 on several recipients: each gets a job of its own
    ACCEPTED = "accepted"
    ACCEPTED_EARLIER = "accepted_earlier"  # 409
    PERHAPS_ARRIVED = "perhaps_arrived"  # includes a crash and a lapsed lease
    FOUND = "found"  # a job in doubt was found at a data centre before its report
    REPORTED_SENT = "reported_sent"
    REPORTED_PARTLY = "reported_partly"
    REPORTED_FAILED = "reported_failed"
    REPORT_OVERDUE = "report_overdue"  # 2 h after jobValid.end, or in_doubt_after in doubt
    EXPIRED = "expired"  # delivery.expire_after is over
    HELD = "held"
    RELEASED = "released"
    CANCELLED = "cancelled"
    RESTORED = "restored"  # from a backup: what became of it since, nobody here knows


class Word(StrEnum):
    """What we tell the sender ourselves; where ReportMail is the word, none of ours is due."""

    FAILED = "failed"
    EXPIRED = "expired"
    DOUBT = "doubt"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the machine needs to know of a job."""

    state: State
    former: State | None = None  # of a held job: where release returns to
    perhaps_arrived: bool = (
        False  # some attempt perhaps arrived: never again `failed`, `expired`, `cancelled` unreported
    )
    restored: bool = False  # from a backup: it may have been sent by the daemon that came after that

    @property
    def perhaps_there(self) -> bool:
        """Whether the fax service may have it: then nothing but a report says that it was not sent."""
        return self.perhaps_arrived or self.restored or self.former is State.SUBMITTED


@dataclass(frozen=True, slots=True)
class Transition:
    standing: Standing
    word: Word | None = None


class ForbiddenTransition(Exception):
    """The event can't happen in this state; nothing was changed."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"a job that is {state.value} can't be {event.value}")
        self.state = state
        self.event = event


# Where an event may find a job. `step` adds what depends on the job's past.
ALLOWED: dict[Event, frozenset[State]] = {
    Event.PREPARED: frozenset({State.RECEIVED}),
    Event.UNPREPARABLE: frozenset({State.RECEIVED}),
    Event.STARTED: frozenset({State.PREPARED, State.IN_DOUBT}),
    Event.NOT_ARRIVED: frozenset({State.SUBMITTING}),
    Event.MISCONFIGURED: frozenset({State.SUBMITTING}),
    Event.REJECTED: frozenset({State.SUBMITTING}),
    Event.SPLIT: frozenset({State.SUBMITTING}),
    Event.ACCEPTED: frozenset({State.SUBMITTING}),
    Event.ACCEPTED_EARLIER: frozenset({State.SUBMITTING}),
    Event.PERHAPS_ARRIVED: frozenset({State.SUBMITTING}),
    Event.FOUND: frozenset({State.IN_DOUBT}),
    Event.REPORTED_SENT: frozenset({State.SUBMITTED, State.IN_DOUBT, State.HELD, State.UNKNOWN}),
    Event.REPORTED_PARTLY: frozenset({State.SUBMITTED, State.IN_DOUBT, State.HELD, State.UNKNOWN}),
    Event.REPORTED_FAILED: frozenset({State.SUBMITTED, State.IN_DOUBT, State.HELD, State.UNKNOWN}),
    Event.REPORT_OVERDUE: frozenset({State.SUBMITTED, State.IN_DOUBT}),
    Event.EXPIRED: frozenset({State.RECEIVED, State.PREPARED, State.HELD, State.IN_DOUBT}),
    Event.HELD: frozenset({State.RECEIVED, State.PREPARED, State.SUBMITTING, State.IN_DOUBT}),
    Event.RELEASED: frozenset({State.HELD}),
    Event.CANCELLED: frozenset({State.RECEIVED, State.PREPARED, State.HELD}),
    Event.RESTORED: frozenset(State) - FINAL,
}


def step(standing: Standing, event: Event) -> Transition:  # noqa: C901, PLR0911, PLR0912 - a table, one row an event
    """What `event` makes of a job, and the word that is due with it.

    Raises ForbiddenTransition where the event can't happen.
    """
    if standing.state not in ALLOWED[event]:
        raise ForbiddenTransition(standing.state, event)
    perhaps = standing.perhaps_there
    # An attempt that perhaps arrived is never forgotten: the job can't go back among those that surely did not. Who has
    # released a restored job takes a second fax into account: its own attempts may go on.
    waiting = State.IN_DOUBT if standing.perhaps_arrived else State.PREPARED
    match event:
        case Event.PREPARED:
            return _to(standing, State.PREPARED)
        case Event.STARTED:
            return _to(standing, State.SUBMITTING)
        case Event.NOT_ARRIVED | Event.MISCONFIGURED:
            return _to(standing, waiting)
        case Event.UNPREPARABLE:
            if perhaps:
                return _to(standing, State.UNKNOWN, Word.DOUBT)
            return _to(standing, State.FAILED, Word.FAILED)
        case Event.REJECTED:
            return _in_doubt(standing) if perhaps else _to(standing, State.FAILED, Word.FAILED)
        case Event.SPLIT:
            if perhaps:
                raise ForbiddenTransition(standing.state, event)
            return _to(standing, State.FAILED)
        case Event.ACCEPTED | Event.FOUND:
            return _to(standing, State.SUBMITTED)
        case Event.ACCEPTED_EARLIER | Event.PERHAPS_ARRIVED:
            return _in_doubt(standing)
        case Event.REPORTED_SENT:
            return _to(standing, State.SENT)
        case Event.REPORTED_PARTLY:
            return _to(standing, State.PARTLY_SENT)
        case Event.REPORTED_FAILED:
            return _to(standing, State.FAILED)
        case Event.REPORT_OVERDUE:
            return _to(standing, State.UNKNOWN, Word.DOUBT)
        case Event.EXPIRED:
            if perhaps:
                return _to(standing, State.UNKNOWN, Word.DOUBT)
            return _to(standing, State.EXPIRED, Word.EXPIRED)
        case Event.HELD:
            # A job is held out of `submitting` only by an answer that says it did not arrive.
            former = waiting if standing.state is State.SUBMITTING else standing.state
            return _held(standing, former)
        case Event.RESTORED:
            known = standing if standing.state is not State.SUBMITTING else _in_doubt(standing).standing
            return _held(replace(known, restored=True), known.former if known.state is State.HELD else known.state)
        case Event.RELEASED:
            return _to(standing, standing.former or waiting)
        case Event.CANCELLED:
            if perhaps:
                raise ForbiddenTransition(standing.state, event)
            return _to(standing, State.CANCELLED, Word.CANCELLED)
        case _:
            assert_never(event)


def _to(standing: Standing, state: State, word: Word | None = None) -> Transition:
    return Transition(replace(standing, state=state, former=None), word)


def _in_doubt(standing: Standing) -> Transition:
    return _to(replace(standing, perhaps_arrived=True), State.IN_DOUBT)


def _held(standing: Standing, former: State | None) -> Transition:
    return Transition(replace(standing, state=State.HELD, former=former))


def edges() -> frozenset[tuple[State, Event, State]]:
    """Every edge that `step` allows, from all standings: the table of docs/architecture.md."""
    found = set()
    for event, states in ALLOWED.items():
        for state in states:
            for standing in _standings(state):
                try:
                    found.add((state, event, step(standing, event).standing.state))
                except ForbiddenTransition:
                    continue
    return frozenset(found)


def _standings(state: State) -> list[Standing]:
    # A job in doubt or unknown has an attempt that perhaps arrived, or (unknown) one that was accepted.
    certain = [] if state is State.IN_DOUBT else [Standing(state)]
    arrived = [] if state in {State.RECEIVED, State.PREPARED} else [Standing(state, perhaps_arrived=True)]
    found = certain + arrived
    if state is State.HELD:
        formers = (State.RECEIVED, State.PREPARED, State.IN_DOUBT)
        found = [Standing(state, former, perhaps_arrived=former is State.IN_DOUBT) for former in formers]
        found.append(Standing(state, State.SUBMITTED, restored=True))  # only a backup's can be held
    return found + [replace(standing, restored=True) for standing in found]
