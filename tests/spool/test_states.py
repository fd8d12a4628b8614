"""docs/architecture.md, "States": which event takes a job where, and which word is due with it."""

import re
from itertools import product
from pathlib import Path

import pytest

from gateway.spool.states import ALLOWED, FINAL, Event, ForbiddenTransition, Standing, State, Word, edges, step

DOUBTFUL = Standing(State.SUBMITTING, perhaps_arrived=True)
ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


@pytest.mark.parametrize(
    ("before", "event", "after", "word"),
    [
        (Standing(State.RECEIVED), Event.PREPARED, State.PREPARED, None),
        (Standing(State.RECEIVED), Event.UNPREPARABLE, State.FAILED, Word.FAILED),
        (Standing(State.PREPARED), Event.STARTED, State.SUBMITTING, None),
        (Standing(State.SUBMITTING), Event.ACCEPTED, State.SUBMITTED, None),
        (Standing(State.SUBMITTING), Event.NOT_ARRIVED, State.PREPARED, None),
        (Standing(State.SUBMITTING), Event.MISCONFIGURED, State.PREPARED, None),
        (Standing(State.SUBMITTING), Event.REJECTED, State.FAILED, Word.FAILED),
        (Standing(State.SUBMITTING), Event.PERHAPS_ARRIVED, State.IN_DOUBT, None),
        (Standing(State.SUBMITTING), Event.ACCEPTED_EARLIER, State.IN_DOUBT, None),
        (Standing(State.SUBMITTED), Event.REPORTED_SENT, State.SENT, None),
        (Standing(State.SUBMITTED), Event.REPORTED_PARTLY, State.PARTLY_SENT, None),
        (Standing(State.SUBMITTED), Event.REPORTED_FAILED, State.FAILED, None),
        (Standing(State.SUBMITTED), Event.REPORT_OVERDUE, State.UNKNOWN, Word.DOUBT),
        (Standing(State.PREPARED), Event.EXPIRED, State.EXPIRED, Word.EXPIRED),
        (Standing(State.HELD, State.PREPARED), Event.EXPIRED, State.EXPIRED, Word.EXPIRED),
        (Standing(State.HELD, State.RECEIVED), Event.RELEASED, State.RECEIVED, None),
        (Standing(State.PREPARED), Event.CANCELLED, State.CANCELLED, Word.CANCELLED),
        (Standing(State.UNKNOWN, perhaps_arrived=True), Event.REPORTED_SENT, State.SENT, None),
    ],
)
def test_an_event_takes_a_job_where_the_law_says(
    before: Standing, event: Event, after: State, word: Word | None
) -> None:
    transition = step(before, event)
    assert transition.standing.state is after
    assert transition.word is word


@pytest.mark.parametrize("event", [Event.NOT_ARRIVED, Event.MISCONFIGURED, Event.REJECTED])
def test_a_job_that_perhaps_arrived_stays_in_doubt_whatever_a_later_attempt_says(event: Event) -> None:
    transition = step(DOUBTFUL, event)
    assert transition.standing == Standing(State.IN_DOUBT, perhaps_arrived=True)
    assert transition.word is None


@pytest.mark.parametrize("event", [Event.SPLIT, Event.CANCELLED])
def test_a_job_that_perhaps_arrived_is_never_split_nor_cancelled(event: Event) -> None:
    state = State.SUBMITTING if event is Event.SPLIT else State.HELD
    with pytest.raises(ForbiddenTransition):
        step(Standing(state, State.IN_DOUBT, perhaps_arrived=True), event)


def test_a_deadline_makes_a_job_that_perhaps_arrived_unknown_and_not_expired() -> None:
    transition = step(Standing(State.IN_DOUBT, perhaps_arrived=True), Event.EXPIRED)
    assert transition.standing.state is State.UNKNOWN
    assert transition.word is Word.DOUBT


def test_no_edge_forgets_that_an_attempt_perhaps_arrived() -> None:
    for event, states in ALLOWED.items():
        for state in states:
            before = Standing(state, State.IN_DOUBT if state is State.HELD else None, perhaps_arrived=True)
            try:
                after = step(before, event).standing
            except ForbiddenTransition:
                continue
            assert after.perhaps_arrived, (state, event)


def test_no_job_that_perhaps_arrived_ends_as_failed_expired_or_cancelled_without_a_report() -> None:
    reports = {Event.REPORTED_SENT, Event.REPORTED_PARTLY, Event.REPORTED_FAILED}
    for event in set(Event) - reports:
        for state in ALLOWED[event] - {State.RECEIVED}:  # nothing of a received job was ever sent
            before = Standing(state, State.IN_DOUBT if state is State.HELD else None, perhaps_arrived=True)
            try:
                after = step(before, event).standing.state
            except ForbiddenTransition:
                continue
            assert after not in {State.FAILED, State.EXPIRED, State.CANCELLED}, event


def test_the_only_edges_out_of_a_final_state_are_reports_on_unknown() -> None:
    out = {(before, event) for before, event, _ in edges() if before in FINAL}
    assert {before for before, _ in out} == {State.UNKNOWN}
    assert {event for _, event in out} == {Event.REPORTED_SENT, Event.REPORTED_PARTLY, Event.REPORTED_FAILED}


def test_every_final_state_without_a_report_has_its_word() -> None:
    told_by_report = {Event.REPORTED_SENT, Event.REPORTED_PARTLY, Event.REPORTED_FAILED}
    for before, event, after in edges():
        if after in FINAL and event not in told_by_report and event is not Event.SPLIT:
            perhaps = after is State.UNKNOWN
            former = State.IN_DOUBT if perhaps else State.PREPARED
            standing = Standing(before, former if before is State.HELD else None, perhaps_arrived=perhaps)
            assert step(standing, event).word is not None, (before, event)


def test_an_event_in_a_state_that_does_not_know_it_changes_nothing_and_says_so() -> None:
    with pytest.raises(ForbiddenTransition, match="a job that is sent can't be cancelled"):
        step(Standing(State.SENT), Event.CANCELLED)


def test_every_state_can_be_reached_from_received_and_every_other_can_end() -> None:
    after: dict[State, set[State]] = {state: set() for state in State}
    for before, _, then in edges():
        after[before].add(then)
    reached, frontier = {State.RECEIVED}, [State.RECEIVED]
    while frontier:
        fresh = after[frontier.pop()] - reached
        reached |= fresh
        frontier += fresh
    assert reached == set(State)
    assert all(after[state] for state in set(State) - FINAL)


def test_the_architecture_shows_exactly_these_edges() -> None:
    """A row an event: `from` `from` → `to` `to`; more of them behind a semicolon."""
    row = re.compile(r"^\| `(\w+)`[^|]*\| ([^|]*→[^|]*)\|", re.MULTILINE)
    shown = [
        (State(before), Event(event), State(then))
        for event, moves in row.findall(ARCHITECTURE.read_text(encoding="utf-8"))
        for move in moves.split(";")
        for before, then in product(*(re.findall(r"`(\w+)`", side) for side in move.split("→")))
    ]
    assert set(shown) == edges()
    assert len(shown) == len(edges()), "an edge has one place"
