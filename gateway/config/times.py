"""``[times]``: the hours of the week in which faxes may go out."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from gateway.config.values import Section

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NUMBER_OF = {name.casefold(): number for number, name in enumerate(DAYS)}
_SPAN = re.compile(r"(\S+)\s+(\d\d?):([0-5]\d)\s*-\s*(\d\d?):([0-5]\d)")
_DAY = timedelta(days=1)
Outside = Literal["refuse", "defer"]


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of some days of the week, 0 is Monday; from midnight of such a day, `end` may be on the next one."""

    days: frozenset[int]
    begin: timedelta
    end: timedelta
    text: str

    def __str__(self) -> str:
        return self.text


def parse_span(text: object) -> Span:
    """``Mon-Fri 08:00-18:00``, ``Sat,Sun 10:00-12:00``, ``daily 22:00-06:00``."""
    if isinstance(text, Span):
        return text
    match = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
    days = _days(match[1].casefold()) if match is not None else frozenset()
    if match is None or not days:
        raise ValueError('write days and hours: "Mon-Fri 08:00-18:00", "Sat,Sun 10:00-12:00", "daily 22:00-06:00"')
    begin = timedelta(hours=int(match[2]), minutes=int(match[3]))
    end = timedelta(hours=int(match[4]), minutes=int(match[5]))
    if begin >= _DAY or end > _DAY:
        raise ValueError("a day has the hours 00:00 to 24:00")
    return Span(days, begin, end if end > begin else end + _DAY, match[0])


def _days(text: str) -> frozenset[int]:
    """Empty where it is no list of days."""
    if text == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for item in text.split(","):
        first, _, last = item.partition("-")
        if first not in _NUMBER_OF or (last or first) not in _NUMBER_OF:
            return frozenset()
        begin, end = _NUMBER_OF[first], _NUMBER_OF[last or first]
        found |= {number % 7 for number in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)


def known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError('no such time zone; write it as "Europe/Berlin"') from error
    return name


def _zone_or_none(name: str) -> str:
    return known_zone(name) if name else name


TimeSpan = Annotated[Span, PlainValidator(parse_span), PlainSerializer(str), WithJsonSchema({"type": "string"})]
MaybeZone = Annotated[str, AfterValidator(_zone_or_none)]


class Times(Section):
    """When faxes may go out (docs/policy.md)."""

    allow: tuple[TimeSpan, ...] = Field(
        (),
        description="Days and hours in which a fax may go out; empty: always.",
        examples=[["Mon-Fri 08:00-18:00", "Sat 09:00-12:00"]],
    )
    outside: Outside = Field(
        "refuse", description="What becomes of a mail outside: refused, or sent when they begin.", examples=["defer"]
    )
    timezone: MaybeZone = Field(
        "", description="Zone of these hours; empty: the profile's timezone.", examples=["Europe/Berlin"]
    )


class ProfileTimes(Section):
    """What a profile sets of [times]; unset: as there."""

    allow: tuple[TimeSpan, ...] | None = None
    outside: Outside | None = None
    timezone: MaybeZone | None = None
