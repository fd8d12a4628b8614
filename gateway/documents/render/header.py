"""The header template of Fax4A (`renderingOptions.header`): parse it into tokens, expand those for one page.

Pure: the moment, the numbers and the names are passed in. Drawing is headline.py's.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique
from typing import Self, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.documents.render.almanac import month_name, weekday_name

_NOON = 12


class HeaderError(ValueError):
    """The template is wrong; the message names the place. The service answers such a job with 400."""


@unique
class Field(Enum):
    """Control characters that stand for a value; the names are Fax4A's letters."""

    YEAR = "Y"
    YEAR_SHORT = "y"
    MONTH = "m"
    MONTH_NAME_SHORT = "b"
    MONTH_NAME = "B"
    DAY = "d"
    WEEKDAY_SHORT = "a"
    WEEKDAY = "A"
    HOUR = "H"
    HOUR_12 = "I"
    HALF_DAY = "p"
    MINUTE = "M"
    SECOND = "S"
    OFFSET = "z"
    ZONE_NAME = "Z"
    PAGE = "P"
    PAGE_TOO = "R"
    PAGES = "T"
    NUMBER = "#"
    CSID = "C"
    PERSONAL = "K"


@unique
class Part(Enum):
    """Where on the line text goes; a line begins on the left."""

    LEFT = "left"
    CENTRE = "c"
    RIGHT = "r"


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Zone:
    """From here on times are of this zone."""

    name: str


@dataclass(frozen=True, slots=True)
class Language:
    """From here on months and weekdays are of this language; one that we have no names for is English."""

    tag: str


@dataclass(frozen=True, slots=True)
class NewLine:
    pass


Token = Literal | Field | Zone | Language | Part | NewLine


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderValues:
    """What one page's header is filled with; `moment` has a zone."""

    page: int
    pages: int
    number: str
    csid: str
    personal: str
    moment: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRow:
    left: str = ""
    centre: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """A parsed template."""

    tokens: tuple[Token, ...]

    @classmethod
    def parse(cls, template: str) -> Self:
        """Raises HeaderError: an unknown control character, a lone %, an unknown time zone."""
        tokens: list[Token] = []
        at = 0
        for match in _CONTROL.finditer(template):
            if match.start() > at:
                tokens.append(Literal(template[at : match.start()]))
            tokens.append(_token(match))
            at = match.end()
        if at < len(template):
            tokens.append(Literal(template[at:]))
        return cls(tuple(tokens))

    @property
    def rows(self) -> int:
        return 1 + sum(isinstance(token, NewLine) for token in self.tokens)

    def expand(self, values: HeaderValues) -> tuple[HeaderRow, ...]:
        rows: list[dict[Part, str]] = [dict.fromkeys(Part, "")]
        part, language, moment = Part.LEFT, "en", values.moment
        for token in self.tokens:
            match token:
                case Literal(text):
                    rows[-1][part] += text
                case Field():
                    rows[-1][part] += _value(token, values, moment, language)
                case Zone(name):
                    moment = moment.astimezone(ZoneInfo(name))
                case Language(tag):
                    language = tag
                case Part():
                    part = token
                case NewLine():
                    rows.append(dict.fromkeys(Part, ""))
                    part = Part.LEFT
                case _:
                    assert_never(token)
        return tuple(HeaderRow(left=row[Part.LEFT], centre=row[Part.CENTRE], right=row[Part.RIGHT]) for row in rows)


_CONTROL = re.compile(
    r"%(?:tz=(?P<zone>[A-Za-z0-9_+\-/]*)|l=(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z]{2}\b)?)|(?P<letter>.?))", re.DOTALL
)
_LETTERS: dict[str, Token] = {
    **{field.value: field for field in Field},
    "c": Part.CENTRE,
    "r": Part.RIGHT,
    "n": NewLine(),
    "%": Literal("%"),
}


def _token(match: re.Match[str]) -> Token:
    place = f"at character {match.start() + 1}"
    if match["zone"] is not None:
        return Zone(_known_zone(match["zone"], place))
    if match["language"] is not None:
        return Language(re.split("[-_]", match["language"])[0].lower())
    letter = match["letter"]
    token = _LETTERS.get(letter)
    if token is None:
        what = f"an unknown control character %{letter}" if letter.strip() else "a lone %"
        raise HeaderError(f"{what} {place}: write %% for a percent sign")
    return token


def _known_zone(name: str, place: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise HeaderError(f"an unknown time zone {name!r} {place}") from error
    return name


def _value(field: Field, values: HeaderValues, moment: datetime, language: str) -> str:
    match field:
        case Field.PAGE | Field.PAGE_TOO:
            text = str(values.page)
        case Field.PAGES:
            text = str(values.pages)
        case Field.NUMBER:
            text = values.number
        case Field.CSID:
            text = values.csid
        case Field.PERSONAL:
            text = values.personal
        case Field.MONTH_NAME | Field.MONTH_NAME_SHORT:
            text = month_name(moment, language, short=field is Field.MONTH_NAME_SHORT)
        case Field.WEEKDAY | Field.WEEKDAY_SHORT:
            text = weekday_name(moment, language, short=field is Field.WEEKDAY_SHORT)
        case Field.HALF_DAY:  # not strftime's, which is empty in many locales
            text = "AM" if moment.hour < _NOON else "PM"
        case _:
            text = moment.strftime(f"%{field.value}")  # digits, offset, zone: alike in every locale
    return text
