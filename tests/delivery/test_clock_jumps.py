"""A clock that is set: what it gained is credited to moments from before, and taken back when it is set back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.clock_jumps import MOST, TOLERANCE, ClockJumps, steady_clock

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
NONE = timedelta(0)


class Machine:
    """A clock that can be set, beside one that can't."""

    def __init__(self) -> None:
        self.now, self.steady = START, 0.0
        self.jumps = ClockJumps(lambda: self.now, lambda: self.steady)

    def wait(self, time: timedelta) -> None:
        self.now += time
        self.steady += time.total_seconds()
        self.jumps.look()

    def set_by(self, change: timedelta) -> None:
        self.now += change
        self.jumps.look()


@pytest.mark.parametrize(
    ("changes", "since", "credit"),
    [
        ((), START, NONE),
        ((HOUR * 5,), START, HOUR * 5),
        ((HOUR * 5,), START + HOUR * 2, HOUR * 3),  # a moment that the jump went over
        ((HOUR * 5,), START + HOUR * 5, NONE),  # after it
        ((HOUR * -5,), START, NONE),  # deadlines come later as it is
        ((HOUR * 5, HOUR * -5), START, NONE),  # a mistake, and its correction
        ((HOUR * 5, HOUR * -2), START, HOUR * 3),
        ((HOUR * 5, HOUR * 2), START, HOUR * 7),
        ((HOUR * 5, HOUR * 2, HOUR * -3), START, HOUR * 4),
        ((HOUR * -5, HOUR * 5), START, NONE),
        ((HOUR * -5, HOUR * 5), START - HOUR * 2, HOUR * 2),  # from while it was wrong
        ((TOLERANCE,), START, NONE),
    ],
)
def test_credit(changes: tuple[timedelta, ...], since: datetime, credit: timedelta) -> None:
    machine = Machine()
    for change in changes:
        machine.set_by(change)
    assert machine.jumps.credit(since) == credit


def test_time_that_passes_is_no_jump() -> None:
    machine = Machine()
    for hours in (1, 1000):  # a round may come late
        machine.wait(HOUR * hours)
    assert machine.jumps.credit(START) == NONE


@given(st.lists(st.tuples(st.integers(0, 10**5), st.integers(-(10**6), 10**6)), max_size=30))
def test_no_deadline_comes_before_its_time_has_passed(story: list[tuple[int, int]]) -> None:
    """The age that a job is judged by is never more than the time that has really gone by since."""
    machine = Machine()
    for waits, change in story:
        machine.wait(timedelta(seconds=waits))
        machine.set_by(timedelta(seconds=change))
        age = machine.now - START - machine.jumps.credit(START)
        # each jump within the tolerance may go unseen
        assert age <= timedelta(seconds=machine.steady) + TOLERANCE * len(story) * 2


def test_what_is_remembered_is_bounded() -> None:
    machine = Machine()
    for _ in range(MOST * 3):
        machine.set_by(HOUR)
    assert machine.jumps.total == HOUR * MOST


def test_the_steady_clock_goes_on() -> None:
    assert 0 < steady_clock() <= steady_clock()
