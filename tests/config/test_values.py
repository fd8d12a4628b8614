"""Durations and addresses are read as they are written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.values import LONGEST_DURATION, ListenAddress, parse_duration, show_duration


@given(st.integers(min_value=0, max_value=int(LONGEST_DURATION.total_seconds())))
def test_a_duration_that_is_shown_is_read_as_the_same(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(show_duration(duration)) == duration


@pytest.mark.parametrize("text", ["", "10", "10 m", "1.5h", "-1s", "h", "1w", "1h30m", "30s\n", 10, None, "١٠s"])
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="write a duration as a whole number"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["127.0.0.1:25", "[::1]:25", "fax.example.com:0", "*:25"])
def test_an_address_that_is_shown_is_read_as_the_same(text: str) -> None:
    assert str(ListenAddress.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":25",
        "25",
        "a:",
        "a:x",
        "a:+1",
        "a:65536",
        "::1:25",
        "[::1]",
        "[::1]25",
        "[a]:25",
        "[127.0.0.1]:25",
        "a b:25",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        ListenAddress.parse(text)


@given(st.text())
def test_every_address_that_is_read_is_read_as_the_same_again(text: str) -> None:
    try:
        address = ListenAddress.parse(text)
    except ValueError:
        return
    assert ListenAddress.parse(str(address)) == address
