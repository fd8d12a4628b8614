"""How long a guesser waits, and that nobody can lock everybody out."""

import pytest

from gateway.web.throttle import MOST_REMEMBERED, WINDOW, Throttle, keys_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("address", "name", "waits"),
    [
        ("192.0.2.1", "anna", True),
        ("192.0.2.1", "ANNA", True),
        ("192.0.2.2", "anna", False),
        ("192.0.2.1", "otto", False),
    ],
)
def test_a_pair_waits_after_five_failures(address: str, name: str, waits: bool) -> None:
    throttle = Throttle(Clock())
    for _ in range(5):
        assert throttle.wait(keys_of("192.0.2.1", "anna")) == 0
        throttle.failed(keys_of("192.0.2.1", "anna"))
    assert (throttle.wait(keys_of(address, name)) > 0) == waits


def test_an_address_waits_after_twenty_whatever_the_names() -> None:
    throttle = Throttle(Clock())
    for number in range(20):
        throttle.failed(keys_of("2001:db8::1", f"name{number}"))
    assert throttle.wait(keys_of("2001:db8::ffff", "other")) == WINDOW  # of the same /64
    assert throttle.wait(keys_of("2001:db8:0:1::1", "other")) == 0


def test_the_window_passes() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(5):
        throttle.failed(keys_of("192.0.2.1", "anna"))
        clock.now += 10
    assert throttle.wait(keys_of("192.0.2.1", "anna")) == WINDOW - 50
    clock.now = WINDOW
    assert throttle.wait(keys_of("192.0.2.1", "anna")) == 0


def test_a_success_begins_anew_for_the_pair() -> None:
    throttle = Throttle(Clock())
    for _ in range(4):
        throttle.failed(keys_of("192.0.2.1", "anna"))
    throttle.succeeded(keys_of("192.0.2.1", "anna"))
    throttle.failed(keys_of("192.0.2.1", "anna"))
    assert throttle.wait(keys_of("192.0.2.1", "anna")) == 0


def test_an_office_behind_one_address_is_not_locked_out_by_its_logins() -> None:
    throttle = Throttle(Clock())
    for number in range(100):
        keys = keys_of("192.0.2.1", f"name{number % 30}")
        assert throttle.wait(keys) == 0
        throttle.failed(keys)  # counted before it is checked
        throttle.succeeded(keys)


def test_memory_is_bounded() -> None:
    throttle = Throttle(Clock())
    for number in range(MOST_REMEMBERED):
        throttle.failed(keys_of(f"address{number}", "x"))
    assert len(throttle._failures) == MOST_REMEMBERED
