"""``[numbers]``: how numbers are read, which may be faxed to; numbers that stand in the configuration or in a file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneNumberFormat
from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from gateway.config.values import Flag, Section, matching

# E.164: 15 digits at most, and no country code begins with 0.
Prefix = Annotated[
    str, matching(re.compile(r"\+(?:[1-9][0-9]{0,14})?"), 'write the begin of a number in E.164: "+49", "+" for all')
]
_WHOLE = re.compile(r"\+[1-9][0-9]{4,14}")
_SEPARATORS = str.maketrans("", "", " ./-\u00a0")
_LONGEST_COUNTRY_CODE = 3  # ITU-T E.164 §6.2.1
MOST_NAMED = 5  # bad lines of a file that one error names


class NumberType(StrEnum):
    """What a number is for, by its country's numbering plan: the types of phonenumbers."""

    FIXED_LINE = "fixed-line"
    MOBILE = "mobile"
    FIXED_LINE_OR_MOBILE = "fixed-line-or-mobile"  # the plan doesn't tell them apart, as in the US
    TOLL_FREE = "toll-free"
    PREMIUM_RATE = "premium-rate"
    SHARED_COST = "shared-cost"
    VOIP = "voip"
    PERSONAL_NUMBER = "personal-number"
    PAGER = "pager"
    UAN = "uan"  # one number for all places of a company
    VOICEMAIL = "voicemail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NumberFile:
    """A file with a number a line, as it was when the configuration was read."""

    path: Path
    numbers: frozenset[str] = field(default=frozenset(), repr=False)

    def __str__(self) -> str:
        return str(self.path)


def whole_number(text: str) -> str:
    """A number with its plus and country code in E.164: spaces, points, hyphens and slashes may part its digits."""
    number = text.translate(_SEPARATORS)
    if _WHOLE.fullmatch(number) is None:
        raise ValueError('write a number with + and country code: "+4989123456"')
    code = next((n for n in _begins(number) if int(n) in COUNTRY_CODE_TO_REGION_CODE), None)
    if code is None:
        raise ValueError(f"{number} begins with no country code")
    if number[1 + len(code)] == "0":  # a trunk prefix, but where numbers keep their 0 (Italy)
        written = phonenumbers.format_number(phonenumbers.parse(number, None), PhoneNumberFormat.E164)
        if written != number:
            raise ValueError(f"the 0 behind the country code is not dialled from abroad: did you mean {written}?")
    return number


def _begins(number: str) -> Iterator[str]:
    return (number[1:end] for end in range(2, 2 + _LONGEST_COUNTRY_CODE))


def numbers_of(text: str) -> frozenset[str]:
    """One number a line; what stands behind # is a comment. Raises ValueError that names the lines which are wrong."""
    found, bad = set(), []
    for count, line in enumerate(text.splitlines(), start=1):
        written = line.partition("#")[0].strip()
        if not written:
            continue
        try:
            found.add(whole_number(written))
        except ValueError as error:
            bad.append(f"line {count}: {error}")
    if bad:
        more = f"; and {len(bad) - MOST_NAMED} more" if len(bad) > MOST_NAMED else ""
        raise ValueError("; ".join(bad[:MOST_NAMED]) + more)
    return frozenset(found)


def _number_file(value: object, info: ValidationInfo) -> NumberFile | None:
    """Read where `load_settings` tells the configuration's directory; without it nothing is, as with other paths."""
    if value is None or isinstance(value, NumberFile):
        return value
    if not isinstance(value, str | Path):
        raise ValueError('write a path: "/..."')  # noqa: TRY004 - pydantic takes ValueError for the operator's mistake
    directory = info.context.get("config_directory") if isinstance(info.context, dict) else None
    if not isinstance(directory, Path):
        return NumberFile(Path(value))
    path = directory / value
    try:
        return NumberFile(path, numbers_of(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise ValueError(str(error.strerror)) from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None


def _region(code: str) -> str:
    if code not in SUPPORTED_REGIONS:
        raise ValueError('write the two letters of a country (ISO 3166-1): "DE"')
    return code


CountryCode = Annotated[str, AfterValidator(_region)]
NumberList = Annotated[
    NumberFile | None,
    PlainValidator(_number_file),
    PlainSerializer(lambda file: str(file) if file is not None else None),
    WithJsonSchema({"type": "string"}),
]
Bare = Literal["refuse", "international", "national"]


class Numbers(Section):
    """How numbers are read, and which ones may be faxed to (docs/policy.md)."""

    default_region: CountryCode = Field(
        "DE",
        description="How 089... is read; +... and 00... are always international.",
        examples=["DE"],
    )
    bare: Bare = Field("refuse", description="Digits with neither +, 00 nor the trunk prefix.", examples=["refuse"])
    strict: Flag = Field(
        True,
        description="Only numbers that are assigned by the numbering plan; else any of a possible length.",
        examples=[True],
    )
    allow: tuple[Prefix, ...] = Field(
        ("+",), description="Prefixes in E.164 that may be faxed to; the longest match wins.", examples=[["+49", "+43"]]
    )
    deny: tuple[Prefix, ...] = Field(
        (), description="Prefixes that may not; the longest match wins, a tie denies.", examples=[["+49900"]]
    )
    allow_countries: tuple[CountryCode, ...] = Field(
        (),
        description="Countries (ISO 3166-1) that may be faxed to; empty: all. A number that a prefix of allow names"
        " by more than its country code is exempt from countries and types.",
        examples=[["DE", "AT", "CH"]],
    )
    deny_countries: tuple[CountryCode, ...] = Field((), description="Countries that may not.", examples=[["US", "CA"]])
    allow_types: tuple[NumberType, ...] = Field(
        (), description="Types of number that may be faxed to; empty: all.", examples=[["fixed-line", "uan"]]
    )
    deny_types: tuple[NumberType, ...] = Field(
        (),
        description="Types that may not; premium-rate numbers never may, unless a prefix of allow names them.",
        examples=[["mobile", "shared-cost"]],
    )
    deny_file: NumberList = Field(
        None,
        description="A file with numbers that nobody may fax to: one a line, with + and country code, # begins a"
        " comment. It is read again at a reload.",
        examples=["/etc/fax-gateway/denied-numbers"],
    )


class ProfileNumbers(Section):
    """What a profile sets of [numbers]; unset: as there."""

    default_region: CountryCode | None = None
    bare: Bare | None = None
    strict: Flag | None = None
    allow: tuple[Prefix, ...] | None = None
    deny: tuple[Prefix, ...] | None = None
    allow_countries: tuple[CountryCode, ...] | None = None
    deny_countries: tuple[CountryCode, ...] | None = None
    allow_types: tuple[NumberType, ...] | None = None
    deny_types: tuple[NumberType, ...] | None = None
