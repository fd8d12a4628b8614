"""How many pushes an address may send, and how often a refusal is said."""

from http import HTTPStatus

import pytest
import structlog

from gateway.tracking.push.rates import MOST_ADDRESSES, Rates
from gateway.tracking.push.refusals import Refusals, Refused


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def admitted(rates: Rates, address: str, tries: int) -> int:
    return sum(rates.admits(address) for _ in range(tries))


def test_ten_seconds_worth_at_once_and_then_as_many_as_time_brings(clock: Clock) -> None:
    rates = Rates(5, clock)
    assert admitted(rates, "192.0.2.1", 100) == 50
    clock.now += 2
    assert admitted(rates, "192.0.2.1", 100) == 10
    clock.now += 3600
    assert admitted(rates, "192.0.2.1", 100) == 50


@pytest.mark.parametrize(
    ("address", "other", "one"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:0:0:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "192.0.2.1", False),
    ],
)
def test_each_address_has_its_own(clock: Clock, address: str, other: str, one: bool) -> None:
    rates = Rates(1, clock)
    assert admitted(rates, address, 20) == 10
    assert admitted(rates, other, 20) == (0 if one else 10)


def test_memory_is_bounded(clock: Clock) -> None:
    rates = Rates(1, clock)
    for number in range(MOST_ADDRESSES + 100):
        rates.admits(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(rates._buckets) == MOST_ADDRESSES


def test_a_refusal_is_said_once_a_minute_with_its_count(clock: Clock) -> None:
    refusals = Refusals(clock)
    with structlog.testing.capture_logs() as log:
        for _ in range(30):
            refusals.say(Refused(HTTPStatus.NOT_FOUND, "nothing here"), "192.0.2.1")
            clock.now += 3
        refusals.say(Refused(HTTPStatus.BAD_REQUEST, "no report"), "192.0.2.2")
    assert [(each["status"], each["count"], each["client"]) for each in log] == [
        (404, 1, "192.0.2.1"),
        (404, 20, "192.0.2.1"),
        (400, 1, "192.0.2.2"),
    ]
