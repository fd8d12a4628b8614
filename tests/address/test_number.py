"""How the default region and `numbers.bare` read digits, country by country."""

from typing import Literal

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat

from gateway.address import AddressError, NumberRules, parse_recipient

NATIONAL = [
    ("DE", "089 123456", "+4989123456"),
    ("AT", "01 5123456", "+4315123456"),
    ("CH", "044 668 18 00", "+41446681800"),
    ("FR", "01 23 45 67 89", "+33123456789"),
    ("GB", "020 7946 0018", "+442079460018"),
    # the trunk prefix isn't 0
    ("US", "1 (212) 555-1234", "+12125551234"),
    ("RU", "8 (495) 123-45-67", "+74951234567"),
    ("KZ", "8 7172 123456", "+77172123456"),
    ("HU", "06 1 234 5678", "+3612345678"),
    ("BY", "8 017 234 56 78", "+375172345678"),
    # numbers that keep their 0
    ("IT", "06 69812345", "+390669812345"),
    ("VA", "06 69812345", "+390669812345"),
    ("SM", "0549 886377", "+3780549886377"),
    # with a 00 in front it is international, whatever the region dials
    ("US", "00 49 89 123456", "+4989123456"),
    ("RU", "00 49 89 123456", "+4989123456"),
    ("IT", "00 49 89 123456", "+4989123456"),
    ("DE", "0039 06 69812345", "+390669812345"),
]


@pytest.mark.parametrize(("region", "written", "number"), NATIONAL)
def test_the_trunk_prefix_of_the_default_region(region: str, written: str, number: str) -> None:
    assert parse_recipient(written, NumberRules(region, "refuse", strict=True)).number == number


REFUSED = [
    ("US", "2125551234", "bare"),
    ("US", "011 49 89 123456", "uncertain-prefix"),
    ("RU", "8 10 49 89 123456", "uncertain-prefix"),
    ("JP", "010 49 89 123456", "uncertain-prefix"),
    ("HU", "1 234 5678", "bare"),
    ("HU", "0 1 234 5678", "bare"),
    ("IT", "333 1234567", "bare"),
    ("ES", "912345678", "bare"),
    ("ES", "0912345678", "bare"),
    ("BR", "0 21 11 2345 6789", "bare"),  # with a carrier code, the plan rewrites it
    ("US", "911", "emergency"),
    ("GB", "999", "emergency"),
]


@pytest.mark.parametrize(("region", "written", "rule"), REFUSED)
def test_what_the_default_region_leaves_open(region: str, written: str, rule: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse_recipient(written, NumberRules(region, "refuse", strict=True))
    assert refusal.value.rule == rule


BARE: list[tuple[Literal["international", "national"], str, str]] = [
    ("national", "89123456", "+4989123456"),
    ("international", "4989123456", "+4989123456"),
    ("international", "442079460018", "+442079460018"),
    ("international", "089123456", "+4989123456"),  # the trunk prefix is no bare number
    ("national", "004989123456", "+4989123456"),
]


@pytest.mark.parametrize(("bare", "written", "number"), BARE)
def test_bare_digits_by_rule(bare: Literal["international", "national"], written: str, number: str) -> None:
    assert parse_recipient(written, NumberRules("DE", bare, strict=True)).number == number


def test_a_bare_number_is_told_every_reading_that_is_a_number() -> None:
    with pytest.raises(AddressError) as refusal:
        parse_recipient("4420794600", NumberRules("DE", "refuse", strict=True))
    assert "If you mean +494420794600, write it so." in refusal.value.sentence
    with pytest.raises(AddressError) as refusal:
        parse_recipient("431512345", NumberRules("DE", "refuse", strict=True))
    assert "If you mean +49431512345 or +431512345, write it so." in refusal.value.sentence


OPTIONAL_ZERO = [
    ("+49 (0)89 123456", "+4989123456"),
    ("+44 (0)20 7946 0018", "+442079460018"),
    ("+41 (0)44 668 18 00", "+41446681800"),
    ("+34 (0)912345678", "+34912345678"),
]


@pytest.mark.parametrize(("written", "number"), OPTIONAL_ZERO)
def test_the_zero_in_parentheses_is_dropped(written: str, number: str) -> None:
    assert parse_recipient(written, NumberRules("DE", "refuse", strict=True)).number == number


def test_strict_asks_whether_a_number_is_in_use_else_whether_it_is_possible() -> None:
    unused = "+4989" + "1" * 9  # no range of Munich has it today
    possible = "+49498912345"
    with pytest.raises(AddressError):
        parse_recipient(possible, NumberRules("DE", "refuse", strict=True))
    assert parse_recipient(possible, NumberRules("DE", "refuse", strict=False)).number == possible
    assert parse_recipient(unused, NumberRules("DE", "refuse", strict=False)).number == unused


@pytest.mark.parametrize("written", ["+4989", "+49112", "+498912345678901234", "+1212555"])
def test_what_can_not_be_dialled_from_abroad_is_refused_though_not_strict(written: str) -> None:
    with pytest.raises(AddressError):
        parse_recipient(written, NumberRules("DE", "refuse", strict=False))


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_country_has_numbers_that_pass_unchanged(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    expected = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    rules = NumberRules("DE", "refuse", strict=True)
    assert parse_recipient(expected, rules).number == expected
    written = phonenumbers.format_number(example, PhoneNumberFormat.INTERNATIONAL)
    assert parse_recipient(f'"{written}"', rules).number == expected


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_a_national_form_is_read_as_the_country_means_it_or_not_at_all(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    written = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    rules = NumberRules(region, "refuse", strict=True)
    expected = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    assert _read_or_rule(written, rules) in {expected, "bare", "uncertain-prefix"}


def _read_or_rule(written: str, rules: NumberRules) -> str:
    try:
        return parse_recipient(written, rules).number
    except AddressError as refusal:
        return refusal.rule


def test_a_region_that_does_not_exist_stops_the_start() -> None:
    with pytest.raises(ValueError, match="'XX' is no region"):
        NumberRules("XX", "refuse", strict=True)
