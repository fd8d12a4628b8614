"""May this gateway fax to a number? The list of denied numbers, prefixes, kinds that cost or harm, countries, types.

Prefixes are E.164 with their plus; "+" is every number. The longest prefix that fits decides; of two equal ones deny
wins. Emergency numbers, premium-rate numbers and numbers that can't exist are refused all the same, and countries and
types count, unless an allow prefix names the number: one that says more than the country code, `+49900`. So
`allow = ["+49"]` opens Germany, not its premium numbers, and `allow = ["+", "+43316"]` beside
`allow_countries = ["DE"]` opens Germany and Graz. Nothing opens a number that is on the list of denied numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from gateway.config.numbers import NumberType
from gateway.policy.verdict import Allowed, Denied, Look, denied

_PREFIX = re.compile(r"\+(?:[1-9][0-9]{0,14})?")
_TYPES: Final = {getattr(PhoneNumberType, each.name): each for each in NumberType}


@dataclass(frozen=True, slots=True)
class NumberPolicy:
    """The rules of `[numbers]`. Raises ValueError for a prefix that isn't `+` and at most 15 digits.

    Countries are ISO 3166-1 alpha-2; empty sets of what is allowed allow all.
    """

    allow: tuple[str, ...]
    deny: tuple[str, ...]
    allow_countries: frozenset[str] = frozenset()
    deny_countries: frozenset[str] = frozenset()
    allow_types: frozenset[NumberType] = frozenset()
    deny_types: frozenset[NumberType] = frozenset()
    listed: frozenset[str] = frozenset()  # numbers that nobody may fax to

    def __post_init__(self) -> None:
        for prefix in (*self.allow, *self.deny):
            if not _PREFIX.fullmatch(prefix):
                message = f"{prefix!r} is no prefix of a number; write + and digits, like +49900"
                raise ValueError(message)


_KINDS: Final = {
    "emergency": "it is an emergency number",
    "premium-rate": "it is a premium-rate number",
    "impossible": "no telephone can have this number",
}


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the numbering plans say of a number."""

    shown: str  # for people
    code: str  # its country code, with the plus; "+" where there is none
    kind: str | None  # of _KINDS
    regions: frozenset[str]  # several where only the country code is certain, and countries share it
    type: NumberType


def judge_number(number: str, policy: NumberPolicy) -> Allowed | Denied:
    """What the policy says of an E.164 number with its plus."""
    return looks_at_number(number, policy)[-1].denied or Allowed(_longest(policy.allow, number) or "")


@lru_cache(maxsize=4096)  # a relay asks for the same numbers again and again
def looks_at_number(number: str, policy: NumberPolicy) -> tuple[Look, ...]:
    """Rule by rule, until one denies; there is one at least."""
    looks: list[Look] = []
    for look in _looks(number, policy):
        looks.append(look)
        if look.denied is not None:
            break
    return tuple(looks)


def _looks(number: str, policy: NumberPolicy) -> Iterator[Look]:
    """What stands behind one that denies doesn't count."""
    facts = _facts(number)
    if number in policy.listed:
        sentence = f"Faxes to {facts.shown} are refused: the number is on this gateway's list (numbers.deny_file)."
        yield denied("numbers.deny_file", f"{number} is on it", sentence)
        return
    if policy.listed:
        yield Look("numbers.deny_file", f"{number} is not on it")
    allow, deny = _longest(policy.allow, number), _longest(policy.deny, number)
    if deny is not None and (allow is None or len(deny) >= len(allow)):
        rule = f"numbers.deny {deny}"
        sentence = f"Faxes to {facts.shown} are refused by this gateway's rule {rule}."
        yield denied(rule, f"is the longest prefix that fits {number}", sentence)
        return
    if allow is None:
        sentence = f"{facts.shown} is not among the numbers this gateway faxes to (numbers.allow)."
        yield denied("numbers.allow", f"no prefix fits {number}", sentence)
        return
    fits = f"is the longest prefix that fits {number}"
    # A prefix that says more than the country code names the number: then what it is doesn't count.
    if len(allow) > len(facts.code):
        yield Look(f"numbers.allow {allow}", f"{fits}: it names it, whatever its country and type")
        return
    yield Look(f"numbers.allow {allow}", fits)
    yield from _looks_at_facts(facts, policy)


def _looks_at_facts(facts: _Facts, policy: NumberPolicy) -> Iterator[Look]:
    if facts.kind is not None:
        found = _KINDS[facts.kind]
        sentence = f"{facts.shown} is not faxed to: {found} (rule {facts.kind}; numbers.allow can name it)."
        yield denied(facts.kind, found, sentence)
        return
    where = " or ".join(sorted(facts.regions)) or "no country"
    yield from _of_set("numbers.deny_countries", policy.deny_countries, facts.regions, facts.shown, where, opens=False)
    yield from _of_set("numbers.allow_countries", policy.allow_countries, facts.regions, facts.shown, where, opens=True)
    types = frozenset({facts.type})
    yield from _of_set("numbers.deny_types", policy.deny_types, types, facts.shown, facts.type, opens=False)
    yield from _of_set("numbers.allow_types", policy.allow_types, types, facts.shown, facts.type, opens=True)


def _of_set(
    key: str, rule: frozenset[str] | frozenset[NumberType], facts: frozenset[str], shown: str, what: str, *, opens: bool
) -> Iterator[Look]:
    """What may be one of several countries has to be allowed in all of them: a guess would be a disclosure."""
    if not rule:
        return
    found = f"the number is of {what}" if "countries" in key else f"the number's type is {what}"
    if (bool(facts) and facts <= rule) if opens else not facts & rule:
        yield Look(key, found)
    else:
        yield denied(key, found, f"Faxes to {shown} are refused by this gateway's rule {key}: {found}.")


def _longest(prefixes: tuple[str, ...], number: str) -> str | None:
    return max((prefix for prefix in prefixes if number.startswith(prefix)), key=len, default=None)


@lru_cache(maxsize=4096)  # the same number under another policy
def _facts(number: str) -> _Facts:
    parsed = _parsed(number)
    if parsed is None:
        return _Facts(number, "+", "impossible", frozenset(), NumberType.UNKNOWN)
    return _Facts(
        shown=phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL),
        code=f"+{parsed.country_code}",
        kind=_kind(parsed),
        regions=_regions(parsed),
        type=_TYPES.get(phonenumbers.number_type(parsed), NumberType.UNKNOWN),
    )


def _kind(parsed: PhoneNumber) -> str | None:
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


def _regions(parsed: PhoneNumber) -> frozenset[str]:
    region = phonenumbers.region_code_for_number(parsed)
    if region is not None:
        return frozenset({region})
    return frozenset(phonenumbers.region_codes_for_country_code(parsed.country_code or 0))


def _parsed(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
