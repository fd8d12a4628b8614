"""What holds for every local part, and a corpus of the odd ones."""

import re
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from gateway.address import AddressError, FaxAddress, NumberRules, parse_recipient

E164 = re.compile(r"\+[1-9][0-9]{1,14}")
CORPUS = (Path(__file__).parent / "corpus.txt").read_text(encoding="utf-8").splitlines()
REGIONS = ["DE", "US", "RU", "HU", "IT", "BR", "JP", "BY", "AR", "SG"]

rules = st.builds(
    NumberRules,
    st.sampled_from(REGIONS),
    st.sampled_from(["refuse", "international", "national"]),
    strict=st.booleans(),
)
# Text that gets past the first checks more often than any text does.
pieces = st.sampled_from(
    [
        "+",
        "00",
        "0",
        "49",
        "89",
        "123456",
        "1",
        "8",
        "(0)",
        "(",
        ")",
        "/",
        "-",
        ".",
        " ",
        '"',
        "\\",
        "=",
        "@",
        "_",
        "FAX=",
        "/T33S=12",
        "IMCEAFAX-",
        "+2B",
        "+40",
        "+30",
        "Jane",
        "+tag",
        "x12",
        "\u00a0",
        "\u2011",
        "٤",
        "\u202a",
        "\udc80",
    ]
)
likely = st.lists(pieces, max_size=12).map("".join)
anything = st.text(st.characters(codec=None), max_size=300)


def read(local_part: str, numbers: NumberRules) -> FaxAddress | AddressError:
    try:
        return parse_recipient(local_part, numbers)
    except AddressError as refusal:
        return refusal


def check(local_part: str, numbers: NumberRules) -> FaxAddress | None:
    """The law of the parser: an address with a canonical number, or a refusal with everything a sender needs."""
    parsed = read(local_part, numbers)
    if isinstance(parsed, AddressError):
        assert parsed.sentence.isprintable()
        assert re.fullmatch(r"5\.1\.[13]", parsed.enhanced_code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", parsed.rule)
        return None
    assert E164.fullmatch(parsed.number)
    number = phonenumbers.parse(parsed.number)
    assert phonenumbers.format_number(number, PhoneNumberFormat.E164) == parsed.number
    assert phonenumbers.is_possible_number(number)
    assert phonenumbers.is_valid_number(number) or not numbers.strict
    return parsed


@given(likely | anything, rules)
@settings(max_examples=400, deadline=None)
@example('"', NumberRules("DE", "refuse", strict=True))
def test_any_text_is_an_address_or_a_refusal(local_part: str, numbers: NumberRules) -> None:
    check(local_part, numbers)


@pytest.mark.parametrize("local_part", CORPUS)
def test_the_corpus(local_part: str) -> None:
    for region in REGIONS:
        check(local_part, NumberRules(region, "refuse", strict=True))


@given(likely | anything, rules)
@settings(max_examples=200, deadline=None)
def test_a_canonical_number_is_read_as_itself(local_part: str, numbers: NumberRules) -> None:
    parsed = check(local_part, numbers)
    if parsed is not None:
        assert parse_recipient(parsed.number, numbers).number == parsed.number


separators = st.lists(st.sampled_from([" ", ".", "-", "", "\u00a0", "\u2010"]), min_size=15, max_size=15)


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), separators, st.sampled_from(["+", "00"]))
@settings(max_examples=200, deadline=None)
def test_separators_change_nothing(region: str, between: list[str], prefix: str) -> None:
    found = phonenumbers.example_number(region)
    assert found is not None
    number = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    digits = number.removeprefix("+")
    written = "".join(digit + separator for digit, separator in zip(digits[:-1], between, strict=False)) + digits[-1]
    assert parse_recipient(f'"{prefix}{written}"', NumberRules("DE", "refuse", strict=True)).number == number


@given(st.integers(min_value=0, max_value=999_999))
@settings(max_examples=50, deadline=None)
def test_exchange_encodes_what_we_decode(last: int) -> None:
    inner = f"Jane / Doe@+49 (0)89 {last:06d}"
    encoded = "".join("_" if c == "/" else c if c.isalnum() or c in "-=" else f"+{ord(c):02X}" for c in inner)
    encapsulated = check(f"IMCEAFAX-{encoded}", NumberRules("DE", "refuse", strict=True))
    plain = check(inner.partition("@")[2], NumberRules("DE", "refuse", strict=True))
    assert (encapsulated and encapsulated.number) == (plain and plain.number)
