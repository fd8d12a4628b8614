"""May this gateway fax to a number? `numbers.allow` and `numbers.deny`, then the kinds of number that cost or harm.

Prefixes are E.164 with their plus; "+" is every number. The longest prefix that fits decides; of two equal ones deny
wins. Emergency numbers, premium-rate numbers and numbers that can't exist are refused all the same, unless an allow
prefix names them: one that says more than the country, `+49900`. So `allow = ["+49"]` opens Germany, not its premium
numbers.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

_PREFIX = re.compile(r"\+(?:[1-9][0-9]{0,14})?")


@dataclass(frozen=True, slots=True)
class NumberPolicy:
    """The prefixes of `[numbers]`. Raises ValueError for one that isn't `+` and at most 15 digits."""

    allow: tuple[str, ...]
    deny: tuple[str, ...]

    def __post_init__(self) -> None:
        for prefix in (*self.allow, *self.deny):
            if not _PREFIX.fullmatch(prefix):
                message = f"{prefix!r} is no prefix of a number; write + and digits, like +49900"
                raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The number may be faxed to; `prefix` is the allow prefix that says so."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The number may not be faxed to. `rule` is the key and prefix, or the kind; `sentence` is for the sender."""

    rule: str
    sentence: str
    enhanced_code: str = "5.7.1"  # RFC 3463 §3.8: not authorized, message refused


_KINDS: Final = {
    "emergency": "it is an emergency number",
    "premium-rate": "it is a premium-rate number",
    "impossible": "no telephone can have this number",
}


def judge_number(number: str, policy: NumberPolicy) -> Allowed | Denied:
    """What the policy says of an E.164 number with its plus."""
    allow = _longest(policy.allow, number)
    deny = _longest(policy.deny, number)
    if deny is not None and (allow is None or len(deny) >= len(allow)):
        rule = f"numbers.deny {deny}"
        return Denied(rule, f"Faxes to {_shown(number)} are refused by this gateway's rule {rule}.")
    if allow is None:
        return Denied(
            "numbers.allow", f"{_shown(number)} is not among the numbers this gateway faxes to (numbers.allow)."
        )
    kind = _refused_kind(number)
    if kind is not None and not _names(allow, number):
        message = f"{_shown(number)} is not faxed to: {_KINDS[kind]} (rule {kind}; numbers.allow can name it)."
        return Denied(kind, message)
    return Allowed(allow)


def _longest(prefixes: tuple[str, ...], number: str) -> str | None:
    return max((prefix for prefix in prefixes if number.startswith(prefix)), key=len, default=None)


def _names(prefix: str, number: str) -> bool:
    """Whether a prefix that fits the number says more than its country: the plus and the country code."""
    parsed = _parsed(number)
    code = f"+{parsed.country_code}" if parsed is not None else "+"
    return len(prefix) > len(code)


@lru_cache(maxsize=4096)  # a relay asks for the same numbers again and again
def _refused_kind(number: str) -> str | None:
    parsed = _parsed(number)
    if parsed is None:
        return "impossible"
    national = phonenumbers.national_significant_number(parsed)
    # Emergency numbers are short and have no E.164 form of their own; "+49112" is what a default region makes of "112".
    regions = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    if any(phonenumbers.is_emergency_number(national, region) for region in regions):
        return "emergency"
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return "impossible"
    if phonenumbers.number_type(parsed) == PhoneNumberType.PREMIUM_RATE:
        return "premium-rate"
    return None


def _shown(number: str) -> str:
    parsed = _parsed(number)
    return number if parsed is None else phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
