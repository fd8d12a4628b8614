"""The header template of fax4a.md (`renderingOptions.header`): parse it into tokens, expand those for one page.

Pure: the moment, the numbers and the names are passed in. Drawing is headline.py's.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique
from typing import Self, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class HeaderError(ValueError):
    """The template is wrong; the message names the place. The service answers such a job with 400."""


@unique
class Field(Enum):
    """Control characters that stand for a value; the names are fax4a.md's letters."""

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
    r"%(?:tz=(?P<zone>[A-Za-z0-9_+\-/]*)|l=(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z]{2}\b)?)?|(?P<letter>.?))",
    re.DOTALL,
)
_FIELDS = {field.value: field for field in Field}


def _token(match: re.Match[str]) -> Token:
    place = f"at character {match.start() + 1}"
    if match["zone"] is not None:
        return Zone(_known_zone(match["zone"], place))
    if match["language"] is not None:
        return Language(match["language"][:2].lower())
    match match["letter"]:
        case "%":
            return Literal("%")
        case "c":
            return Part.CENTRE
        case "r":
            return Part.RIGHT
        case "n":
            return NewLine()
        case "":
            raise HeaderError(f"a lone % {place}: write %% for a percent sign")
        case None:
            raise HeaderError(f"%l= without a language {place}")
        case letter if letter in _FIELDS:
            return _FIELDS[letter]
        case letter:
            raise HeaderError(f"an unknown control character %{letter} {place}")


def _known_zone(name: str, place: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise HeaderError(f"an unknown time zone {name!r} {place}") from error
    return name


def _value(field: Field, values: HeaderValues, moment: datetime, language: str) -> str:
    match field:
        case Field.PAGE | Field.PAGE_TOO:
            return str(values.page)
        case Field.PAGES:
            return str(values.pages)
        case Field.NUMBER:
            return values.number
        case Field.CSID:
            return values.csid
        case Field.PERSONAL:
            return values.personal
        case Field.MONTH_NAME | Field.MONTH_NAME_SHORT:
            names, short = _MONTHS.get(language, _MONTHS["en"])
            return _named(names[moment.month - 1], None if field is Field.MONTH_NAME else short)
        case Field.WEEKDAY | Field.WEEKDAY_SHORT:
            names, short = _WEEKDAYS.get(language, _WEEKDAYS["en"])
            return _named(names[moment.weekday()], None if field is Field.WEEKDAY else short)
        case Field.HALF_DAY:
            return "AM" if moment.hour < 12 else "PM"  # noqa: PLR2004 - noon; strftime's follows the process's locale
        case _:
            return moment.strftime(f"%{field.value}")


def _named(name: str, letters: int | None) -> str:
    return name if letters is None else name[:letters]


# Names and the length of their short form. strftime's names follow the process's locale, and a bare machine has only C.
_MONTHS: dict[str, tuple[tuple[str, ...], int]] = {
    "en": (
        tuple("January February March April May June July August September October November December".split()),
        3,
    ),
    "de": (
        tuple("Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()),
        3,
    ),
    "fr": (
        tuple("janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()),
        4,
    ),
    "it": (
        tuple("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()),
        3,
    ),
    "es": (
        tuple("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()),
        3,
    ),
}
_WEEKDAYS: dict[str, tuple[tuple[str, ...], int]] = {
    "en": (tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()), 3),
    "de": (tuple("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()), 2),
    "fr": (tuple("lundi mardi mercredi jeudi vendredi samedi dimanche".split()), 3),
    "it": (tuple("lunedì martedì mercoledì giovedì venerdì sabato domenica".split()), 3),
    "es": (tuple("lunes martes miércoles jueves viernes sábado domingo".split()), 3),
}
