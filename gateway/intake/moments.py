"""Moments as people write them in a header: RFC 5322 §3.3, RFC 3339 §5.6, or a time of the day. Pure."""

import re
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DURATION = re.compile(r"([1-9]\d{0,3})\s*(m|h|d)", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class BadMoment(ValueError):
    """The text says how a moment is written."""


def moment_of(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """In UTC. Without a zone of its own it is meant in `zone`; a time of the day is the next one. Raises BadMoment."""
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return _next(time_of_day(int(clock[1]), int(clock[2])), now, zone)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return _in_utc(read(text), zone)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    message = "write it like 2026-12-24 18:00, 2026-12-24T18:00:00+01:00, or 18:00"
    raise BadMoment(message)


def end_of(text: str, start: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """As ``moment_of``; a duration (30m, 2h, 1d) counts from `start`. Raises BadMoment."""
    duration = _DURATION.fullmatch(text)
    if duration is not None:
        return start + timedelta(**{_UNITS[duration[2].lower()]: int(duration[1])})
    try:
        return moment_of(text, now, zone)
    except BadMoment as bad:
        message = f"{bad}; or as a duration: 30m, 2h, 1d"
        raise BadMoment(message) from None


def _next(clock: time_of_day, now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    moment = datetime.combine(today, clock, zone).astimezone(UTC)
    return moment if moment > now else datetime.combine(today + timedelta(days=1), clock, zone).astimezone(UTC)


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
