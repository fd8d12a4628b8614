"""Backoff from 1 s, doubling, 60 s at most, jitter, Retry-After."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.backoff import FIRST, LONGEST, delay


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1000, 60)])
def test_each_failure_doubles_the_wait_up_to_a_minute(failures: int, seconds: int) -> None:
    wanted = timedelta(seconds=seconds)
    assert wanted * 2 / 3 <= delay(failures, Random(1)) <= wanted


@given(st.integers(min_value=0, max_value=10**6), st.integers())
def test_no_wait_is_shorter_than_the_first_nor_longer_than_the_longest(failures: int, seed: int) -> None:
    assert FIRST * 2 / 3 <= delay(failures, Random(seed)) <= LONGEST


def test_jobs_that_failed_together_do_not_come_back_together() -> None:
    chance = Random(1)
    assert len({delay(4, chance) for _ in range(20)}) == 20


def test_the_servers_retry_after_is_a_lower_bound() -> None:
    assert delay(1, Random(1), timedelta(minutes=5)) == timedelta(minutes=5)
    assert delay(7, Random(1), timedelta(seconds=1)) >= timedelta(seconds=40)
