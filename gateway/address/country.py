"""What the numbering plan says of a country: its code, its trunk prefix, its international prefix (ITU-T E.164, E.129).

The facts are phonenumbers' metadata; the names are for sentences, written here because phonenumbers' own need 100 MB.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    SUPPORTED_REGIONS,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    example_number,
    example_number_for_non_geo_entity,
    example_number_for_type,
    format_number,
)

_LONGEST_COUNTRY_CODE = 3  # ITU-T E.164 §6.2.1
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "AE": "the United Arab Emirates", "AL": "Albania", "AR": "Argentina", "AT": "Austria", "AU": "Australia",
        "BA": "Bosnia and Herzegovina", "BE": "Belgium", "BG": "Bulgaria", "BR": "Brazil", "BY": "Belarus",
        "CH": "Switzerland", "CL": "Chile", "CN": "China", "CO": "Colombia", "CY": "Cyprus", "CZ": "Czechia",
        "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "EG": "Egypt", "ES": "Spain", "FI": "Finland",
        "FR": "France", "GB": "the United Kingdom", "GR": "Greece", "HK": "Hong Kong", "HR": "Croatia",
        "HU": "Hungary", "ID": "Indonesia", "IE": "Ireland", "IL": "Israel", "IN": "India", "IS": "Iceland",
        "IT": "Italy", "JP": "Japan", "KR": "South Korea", "LI": "Liechtenstein", "LT": "Lithuania",
        "LU": "Luxembourg", "LV": "Latvia", "MA": "Morocco", "MC": "Monaco", "MD": "Moldova", "ME": "Montenegro",
        "MK": "North Macedonia", "MT": "Malta", "MX": "Mexico", "MY": "Malaysia", "NL": "the Netherlands",
        "NO": "Norway", "NZ": "New Zealand", "PE": "Peru", "PH": "the Philippines", "PK": "Pakistan", "PL": "Poland",
        "PT": "Portugal", "RO": "Romania", "RS": "Serbia", "RU": "Russia", "SA": "Saudi Arabia", "SE": "Sweden",
        "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia", "SM": "San Marino", "TH": "Thailand", "TN": "Tunisia",
        "TR": "Turkey", "TW": "Taiwan", "UA": "Ukraine", "UZ": "Uzbekistan", "VN": "Vietnam", "ZA": "South Africa",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    """One country code. `region` is its main region (US for 1, RU for 7), "001" for codes without a country (800)."""

    code: str
    region: str
    keeps_zero: bool  # its numbers may begin with a 0 that is dialled from abroad too (Italy)

    @property
    def name(self) -> str:
        """`Germany (+49)`, or `the country code +1` where several countries share it or the name isn't known here."""
        shared = len(COUNTRY_CODE_TO_REGION_CODE[int(self.code)]) > 1
        if shared or self.region not in _NAMES:
            return f"the country code +{self.code}"
        return f"{_NAMES[self.region]} (+{self.code})"

    @property
    def example(self) -> str:
        """A number of this country as it is best written, `+49 30 123456`."""
        return format_number(_example(self.code, self.region), PhoneNumberFormat.INTERNATIONAL)


def is_region(region: str) -> bool:
    return region in SUPPORTED_REGIONS


def country_of(digits: str) -> Country | None:
    """The country whose code the digits (no plus) begin with; None if no country has such a code."""
    for length in range(1, _LONGEST_COUNTRY_CODE + 1):
        # No code is the beginning of another one (ITU-T E.164 §6.2.1), so the first is the only one.
        code = digits[:length]
        if len(code) == length and code.isdecimal() and (regions := COUNTRY_CODE_TO_REGION_CODE.get(int(code))):
            return _country(code, regions[0]) if code[0] != "0" else None
    return None


def country_of_region(region: str) -> Country:
    """The country whose plan a region uses. `region` is one that `is_region` knows."""
    return _country(str(_metadata(region).country_code), region)


def without_trunk_prefix(digits: str, region: str) -> str | None:
    """The digits behind the region's trunk prefix (0 in DE, 8 in RU, 06 in HU, 1 in US); None if they have none.

    A prefix that also selects a carrier, or that the plan rewrites, is not one: its reading is not certain.
    """
    metadata = _metadata(region)
    prefix, pattern = metadata.national_prefix, metadata.national_prefix_for_parsing
    if prefix is None or pattern is None or not digits.startswith(prefix):
        return None
    match = re.match(pattern, digits)
    if match is None or not match.group().startswith(prefix) or any(match.groups()):
        return None
    return digits[match.end() :]


def begins_with_international_prefix(digits: str, region: str) -> bool:
    """Whether the region dials abroad with these first digits (011 in US, 810 in RU, 010 in JP)."""
    prefix = _metadata(region).international_prefix
    return prefix is not None and re.match(prefix, digits) is not None


@cache
def _country(code: str, region: str) -> Country:
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE) if region != "001" else ()
    examples = (example_number_for_type(region, kind) for kind in kinds)
    return Country(code, region, keeps_zero=any(one is not None and one.italian_leading_zero for one in examples))


def _example(code: str, region: str) -> PhoneNumber:
    found = example_number_for_non_geo_entity(int(code)) if region == "001" else example_number(region)
    assert found is not None  # every region and every code of the metadata has an example
    return found


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None  # `is_region` was asked
    return metadata
