"""Issue: a job is first looked for 2 s after its submission and at least every 10 s in its first 5 minutes."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.tracking.schedule import SELDOM, pause_until_next_look


@given(st.floats(min_value=0, max_value=299.9))
def test_in_its_first_five_minutes_a_job_is_looked_for_at_least_every_ten_seconds(age: float) -> None:
    assert pause_until_next_look(timedelta(seconds=age)) <= timedelta(seconds=10)


@given(st.floats(min_value=0, max_value=10**6), st.floats(min_value=0, max_value=10**6))
def test_an_older_job_is_never_looked_for_more_often_than_a_fresh_one(one: float, other: float) -> None:
    younger, older = sorted((one, other))
    assert pause_until_next_look(timedelta(seconds=younger)) <= pause_until_next_look(timedelta(seconds=older))


def test_the_oldest_are_looked_for_all_the_same() -> None:
    assert pause_until_next_look(timedelta(days=20)) == SELDOM
