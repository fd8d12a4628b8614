"""meta.jobValid: from when until when a job may be dialled; moments with their zone, or ISO 8601 durations. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.sandbox.wire import Complaint

# ISO 8601 §5.5.2; a month counts 30 days here and a year 365.
DURATION = re.compile(
    r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?"
)
DAYS = (365, 30, 7, 1)
DEFAULT_VALIDITY = "P30D"  # Fax4A: "expires one month later"


def validity(value: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """Start and end; raises Complaint."""
    start = now if value.get("start") is None else _moment(value["start"])
    end = _end(DEFAULT_VALIDITY if value.get("end") is None else value["end"], start)
    if end <= now:
        raise Complaint("Job Expiration: the end of jobValid is past")
    if end <= start:
        raise Complaint("Job Expiration: the end of jobValid is not after its start")
    return start, end


def _end(value: Any, start: datetime) -> datetime:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return _moment(value)
    numbers = [int(each or 0) for each in match.groups()]
    days = sum(number * length for number, length in zip(numbers, DAYS, strict=False))
    hours, minutes, seconds = numbers[4:]
    try:
        return start + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise Complaint(f"Job Expiration: '{value}' ends too late") from None


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise Complaint("Job Expiration: jobValid holds something that is not a string")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Complaint(f"Job Expiration: '{value}' is neither an ISO 8601 time nor a duration") from None
    if moment.utcoffset() is None:
        raise Complaint(f"Job Expiration: '{value}' has no time zone")
    return moment
