"""`[times]`: is a moment inside, and when is the next one that is; summer time begins and ends."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.times import parse_span
from gateway.policy.times import Deferred, TimesPolicy, judge_time, look_at_time, next_moment, shown_moment
from gateway.policy.verdict import Denied


def policy(*spans: str, outside: str = "refuse", timezone: str = "Europe/Berlin") -> TimesPolicy:
    return TimesPolicy(tuple(map(parse_span, spans)), outside, timezone)  # type: ignore[arg-type] # from tests


OFFICE = policy("Mon-Fri 08:00-18:00", "Sat 09:00-12:00")
NIGHT = policy("Fri 22:00-06:00")


@pytest.mark.parametrize(
    ("times", "moment", "opens"),
    [
        (OFFICE, "2026-11-26T07:00Z", "2026-11-26T07:00Z"),  # Thursday, 8 o'clock in Berlin
        (OFFICE, "2026-11-26T06:59Z", "2026-11-26T07:00Z"),
        (OFFICE, "2026-11-26T16:59Z", "2026-11-26T16:59Z"),
        (OFFICE, "2026-11-26T17:00Z", "2026-11-27T07:00Z"),  # the end is outside
        (OFFICE, "2026-11-27T17:00Z", "2026-11-28T08:00Z"),  # Saturday begins at 9
        (OFFICE, "2026-11-28T11:00Z", "2026-11-30T07:00Z"),
        (OFFICE, "2026-07-02T05:30Z", "2026-07-02T06:00Z"),  # in summer 8 o'clock is 6 UTC
        (OFFICE, "2026-03-28T11:00Z", "2026-03-30T06:00Z"),  # summer time begins on the Sunday between
        (NIGHT, "2026-11-28T04:59Z", "2026-11-28T04:59Z"),  # Saturday morning belongs to Friday
        (NIGHT, "2026-11-28T05:00Z", "2026-12-04T21:00Z"),
        (policy("Sun 02:00-02:30"), "2026-03-29T00:30Z", "2026-03-29T01:00Z"),  # that day goes from 2 o'clock to 3
        (policy("Sun 02:00-03:00"), "2026-03-29T00:30Z", "2026-04-05T00:00Z"),  # the whole span is left out
        (policy("Sun 01:00-04:00"), "2026-10-25T02:30Z", "2026-10-25T02:30Z"),  # the day has 2 o'clock twice
        (policy("daily 00:00-24:00"), "2026-11-26T23:30Z", "2026-11-26T23:30Z"),
        (policy("Sat-Mon 10:00-11:00", timezone="UTC"), "2026-11-29T10:30Z", "2026-11-29T10:30Z"),
        (policy("mon,wed 10:00-11:00", timezone="UTC"), "2026-11-30T11:00Z", "2026-12-02T10:00Z"),
    ],
)
def test_the_next_moment(times: TimesPolicy, moment: str, opens: str) -> None:
    assert next_moment(datetime.fromisoformat(moment), times) == datetime.fromisoformat(opens)


def test_outside_is_refused_with_the_next_moment_or_deferred_to_it() -> None:
    late = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
    verdict = judge_time(late, OFFICE)
    assert isinstance(verdict, Denied)
    assert (verdict.code, verdict.enhanced_code, verdict.rule) == (550, "5.7.1", "times.allow")
    assert "the next time is Sat 2026-11-28 09:00 CET" in verdict.sentence
    deferring = policy("Mon-Fri 08:00-18:00", outside="defer")
    assert judge_time(late, deferring) == Deferred(datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
    look = look_at_time(late, deferring)
    assert look is not None
    assert look.found.endswith("the fax goes out at Mon 2026-11-30 08:00 CET")


def test_without_times_it_is_always_time() -> None:
    now = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
    assert judge_time(now, TimesPolicy()) is None
    assert look_at_time(now, TimesPolicy()) is None
    assert shown_moment(now, "UTC") == "Sun 2026-11-29 03:00 UTC"


@given(
    st.lists(st.sampled_from(["Mon-Fri 08:00-18:00", "Sun 02:00-03:00", "Sat 23:00-01:00", "Wed,Thu 00:00-24:00"])),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_what_opens_is_open_and_not_before(spans: list[str], moment: datetime, timezone: str) -> None:
    times = policy(*spans, timezone=timezone)
    opens = next_moment(moment, times)
    assert (opens is None) == (not spans)
    if opens is not None:
        assert opens >= moment
        assert next_moment(opens, times) == opens
