"""May a fax go out at this moment? `[times]`: hours of the week, in a zone that has summer time or not. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.config.times import Outside, Span
from gateway.policy.verdict import Denied, Look

RULE = "times.allow"
_DAYS_AHEAD = 15  # summer time may leave a span out: then the week after it counts


@dataclass(frozen=True, slots=True)
class TimesPolicy:
    """`allow` empty: always."""

    allow: tuple[Span, ...] = ()
    outside: Outside = "refuse"
    timezone: str = "UTC"


ALWAYS: Final = TimesPolicy()


@dataclass(frozen=True, slots=True)
class Deferred:
    """The fax goes out when the times begin."""

    until: datetime


def judge_time(moment: datetime, policy: TimesPolicy) -> Deferred | Denied | None:
    """What the times say of a fax that is to go out at `moment`; None: nothing against it."""
    if not policy.allow:
        return None
    opens = next_moment(moment, policy)
    if opens == moment:
        return None
    if opens is not None and policy.outside == "defer":
        return Deferred(opens)
    shown = f"; the next time is {shown_moment(opens, policy.timezone)}" if opens is not None else ""
    spans = ", ".join(map(str, policy.allow))
    return Denied(RULE, f"faxes go out at these times only: {spans} ({policy.timezone}; times.allow){shown}.")


def look_at_time(moment: datetime, policy: TimesPolicy) -> Look | None:
    """The same for people; None: there are no times."""
    if not policy.allow:
        return None
    shown = shown_moment(moment, policy.timezone)
    match judge_time(moment, policy):
        case Denied() as verdict:
            return Look(RULE, f"{shown} is outside", verdict)
        case Deferred(until):
            return Look(RULE, f"{shown} is outside: the fax goes out at {shown_moment(until, policy.timezone)}")
        case None:
            return Look(RULE, f"{shown} is inside")


def next_moment(moment: datetime, policy: TimesPolicy) -> datetime | None:
    """`moment` itself where a fax may go out then, else when the next span begins (UTC); None: never."""
    following = sorted(_windows(moment, policy))
    if any(begin <= moment < end for begin, end in following):
        return moment
    return next((begin for begin, _ in following if begin > moment), None)


def shown_moment(moment: datetime, timezone: str) -> str:
    """``Mon 2026-11-30 08:00 CET``."""
    return f"{moment.astimezone(ZoneInfo(timezone)):%a %Y-%m-%d %H:%M %Z}"


def _windows(moment: datetime, policy: TimesPolicy) -> Iterator[tuple[datetime, datetime]]:
    """The spans of the days around `moment`, from the day before: one may last past midnight. In UTC."""
    zone = ZoneInfo(policy.timezone)
    today = moment.astimezone(zone).date()
    for ahead in range(-1, _DAYS_AHEAD):
        midnight = datetime.combine(today + timedelta(days=ahead), time())
        for span in policy.allow:
            if midnight.weekday() in span.days:
                # What a clock on the wall shows, and only then a moment: the day may have 23 or 25 hours.
                begin, end = ((midnight + each).replace(tzinfo=zone).astimezone(UTC) for each in (span.begin, span.end))
                if begin < end:  # else summer time leaves it out
                    yield begin, end
