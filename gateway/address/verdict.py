"""Whether E.164 digits are a telephone number, by phonenumbers' metadata: the second half of reading a number.

phonenumbers judges and may change nothing: a number that it would correct is refused, its correction is the hint.
"""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

from gateway.address import country
from gateway.address.country import Country
from gateway.address.errors import AddressError, no_such_number, not_a_number

MAX_DIGITS = 15  # ITU-T E.164 §6.1
_EXAMPLE = "Write it like +49 30 123456."
_FURTHER_DIGITS = ("1", "12", "123", "1234", "12345")


def judge_digits(written: str, digits: str, *, strict: bool) -> None:
    """Refuse digits (country code first, no plus) that no telephone has; `strict`: that none has today.

    Raises AddressError, with `written` as the culprit.
    """
    home = country.country_of(digits)
    if home is None:
        reason = f"no country has the code that it begins with (+{digits[:3]})"
        raise no_such_number(written, reason, _EXAMPLE, rule="country-code")
    if phonenumbers.is_emergency_number(digits.removeprefix(home.code), home.region):
        raise emergency(written)
    if len(digits) > MAX_DIGITS:
        reason = f"too long for {home.name}, {len(digits)} digits where {MAX_DIGITS} are the most"
        raise no_such_number(written, reason, _like(home), rule="too-long")
    number = _parsed(f"+{digits}")
    if number is None:
        raise no_such_number(written, f"too short for {home.name}", _like(home), rule="too-short")
    _judge_unchanged(written, digits, number, home)
    _judge_length(written, number, home)
    if strict and not phonenumbers.is_valid_number(number):
        if any(is_number(digits + further) for further in _FURTHER_DIGITS):
            raise no_such_number(written, f"too short for {home.name}", _like(home), rule="too-short")
        raise no_such_number(written, f"{home.name} has no such number", _like(home), rule="not-in-use")


@lru_cache(maxsize=4096)
def is_number(digits: str) -> bool:
    """Whether E.164 digits are a number in use, and one that phonenumbers reads as it stands."""
    parsed = _parsed(f"+{digits}")
    return parsed is not None and phonenumbers.is_valid_number(parsed) and _canonical(parsed) == f"+{digits}"


def emergency(written: str) -> AddressError:
    return not_a_number(written, "it is an emergency number", "Nothing is ever faxed there.", rule="emergency")


def _judge_unchanged(written: str, digits: str, number: PhoneNumber, home: Country) -> None:
    # phonenumbers drops a trunk prefix (+49 089) and moves a mobile one (+54 11 15): two readings, none certain.
    canonical = _canonical(number)
    if canonical != f"+{digits}":
        hint = f"Did you mean {canonical}?" if is_number(canonical.removeprefix("+")) else _like(home)
        raise no_such_number(written, f"{home.name} has no number +{digits}", hint, rule="trunk-prefix")


def _judge_length(written: str, number: PhoneNumber, home: Country) -> None:
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.IS_POSSIBLE:
            return
        case ValidationResult.TOO_LONG:
            raise no_such_number(written, f"too long for {home.name}", _like(home), rule="too-long")
        case ValidationResult.INVALID_LENGTH:
            raise no_such_number(written, f"no number of {home.name} has so many digits", _like(home), rule="length")
        case _:  # TOO_SHORT, and what can be dialled inside its own town only: nothing to reach from here
            raise no_such_number(written, f"too short for {home.name}", _like(home), rule="too-short")


def _like(home: Country) -> str:
    return f"Write it like {home.example}."


def _canonical(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _parsed(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
