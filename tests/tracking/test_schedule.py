"""Issue: a job is first looked for 2 s after its submission and at least every 10 s in its first 5 minutes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.consequences import FIRST_LOOK
from gateway.tracking.schedule import SELDOM, pause_until_next_look

SECOND = timedelta(seconds=1)


def test_the_first_look_comes_two_seconds_after_the_submission() -> None:
    assert timedelta(seconds=2) == FIRST_LOOK


@given(st.floats(min_value=-(10**6), max_value=299.9))
def test_in_its_first_five_minutes_a_job_is_looked_for_at_least_every_ten_seconds(age: float) -> None:
    assert SECOND * 2 <= pause_until_next_look(timedelta(seconds=age)) <= SECOND * 10


@given(st.floats(min_value=0, max_value=10**6), st.floats(min_value=0, max_value=10**6))
def test_an_older_job_is_never_looked_for_more_often_than_a_fresh_one(one: float, other: float) -> None:
    younger, older = sorted((one, other))
    assert pause_until_next_look(timedelta(seconds=younger)) <= pause_until_next_look(timedelta(seconds=older))


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(minutes=5), SECOND * 30),
        (timedelta(hours=1), SECOND * 120),
        (timedelta(hours=2), SECOND * 300),
        (timedelta(hours=26), SECOND * 300),  # the oldest submitted one: 24 h, and 2 h for its report
        (timedelta(days=20), SELDOM),
    ],
)
def test_old_ones_are_looked_for_seldom_but_all_the_same(age: timedelta, pause: timedelta) -> None:
    assert pause_until_next_look(age) == pause


def test_the_looks_of_a_day_that_one_job_costs(open_spool: Any, samples: Any, tracking: Any) -> None:
    """The next look is computed from the age: some hundred questions in a day, not 8,640."""

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool)
            part = tracking.tracker(spool)
            looks = []
            for step in range(24 * 360):  # every ten seconds
                if step < 400 or step % 30 == 0:
                    await part.look()
                    looks.append(len(tracking.centres.questions("get")))
                tracking.clock.wait(SECOND * 10)
            assert looks[29] == 2 * 30, "every round of its first five minutes"
            assert 2 * 300 <= looks[-1] <= 2 * 450

    asyncio.run(scenario())
