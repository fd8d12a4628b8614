"""What was written becomes one E.164 number or is refused: the rule `number` of gateway.address.grammar (ITU-T E.164).

Our grammar decides which digits are meant and how they are read; phonenumbers then only judges the result. Where two
readings are possible, none is taken: a fax to the wrong number is a disclosure.
"""

import re
from dataclasses import dataclass
from typing import Literal, assert_never

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from gateway.address import country
from gateway.address.errors import AddressError, quoted

_EXAMPLE = "Write it like +49 30 123456."
_EMERGENCY = ("it is an emergency number", "Nothing is ever faxed there.")
MAX_DIGITS = 15  # ITU-T E.164 §6.1
Bare = Literal["refuse", "international", "national"]

# What word processors and web pages make of a space and a hyphen, where the sight leaves no doubt. Not here: the em
# dash and the tilde (a range), the soft hyphen, every character without width.
_LOOKALIKES = str.maketrans(
    dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")
)
_OPTIONAL_ZERO = "~"  # stands for "(0)" while the parentheses go; no number that is read this far holds one
_SEPARATORS = re.compile(r"[ .()/-]+")
_DIALABLE = re.compile(r"[0-9 .()/-]*")
_PARENTHESES = re.compile(r"[^()]*(?:\([^()]*[0-9][^()]*\)[^()]*)*")
_EXTENSION = re.compile(r"[0-9 ./()-](?:e?xt?n?\.?|extension|dw|durchwahl|app\.?|nst\.?)[ :.-]*[0-9]+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NumberRules:
    """The keys of `[numbers]` that say how a number is read (for people: docs/addresses.md).

    Raises ValueError for a region without a numbering plan; a region is ISO 3166-1 alpha-2, upper case.
    """

    default_region: str
    bare: Bare
    strict: bool

    def __post_init__(self) -> None:
        if not country.is_region(self.default_region):
            message = f"{self.default_region!r} is no region; write two capital letters like DE"
            raise ValueError(message)


def read_number(written: str, rules: NumberRules) -> str:
    """The E.164 number, `+4989123456`, that `written` certainly stands for. Raises AddressError."""
    text = written.translate(_LOOKALIKES).strip(" ")
    _check_characters(written, text)
    digits = _international_digits(written, text, rules)
    _judge(written, digits, rules)
    _check_slashes(written, text, digits)
    return f"+{digits}"


def _check_characters(written: str, text: str) -> None:
    body = re.sub(r"^(\(?)\+", r"\1", text)
    if not _SEPARATORS.sub("", body):
        raise _refusal(written, "there is no number in it", _EXAMPLE, rule="empty")
    if "+" in body:
        reason, hint = "a plus stands only in front of a number", "Give each number an address of its own."
        raise _refusal(written, reason, hint, rule="second-number")
    if not _DIALABLE.fullmatch(body):
        raise _strange_character(written, body)
    if not _PARENTHESES.fullmatch(text):
        raise _refusal(written, "its parentheses don't pair", "Write it without them.", rule="parentheses")
    if text[0] in "./-" or text[-1] in "./-":
        reason = "it begins or ends with a separator, as if a part were missing"
        raise _refusal(written, reason, "Write the whole number.", rule="separator-at-end")


def _strange_character(written: str, body: str) -> AddressError:
    if _EXTENSION.search(body):
        hint = "Write the number that reaches the fax directly."
        return _refusal(written, "a fax can't be sent to an extension", hint, rule="extension")
    culprit = next(character for character in body if not _DIALABLE.fullmatch(character))
    if culprit.isalpha():
        return _refusal(written, f"{quoted(culprit)} is a letter", f"Use digits only. {_EXAMPLE}", rule="letters")
    if culprit.isnumeric():
        reason = f"{quoted(culprit)} is not one of the digits 0 to 9"
        return _refusal(written, reason, "Type the number anew.", rule="foreign-digits")
    reason = f"{quoted(culprit)} (U+{ord(culprit):04X}) has no place in it"
    hint = "Write digits, with nothing but space . - / ( ) between them."
    return _refusal(written, reason, hint, rule="character")


def _international_digits(written: str, text: str, rules: NumberRules) -> str:
    """Country code and national number, as the form of `text` reads them."""
    marked = re.sub(r"[ ./-]", "", text).replace("(0)", _OPTIONAL_ZERO)
    marked = re.sub(r"[()]", "", marked)
    if marked.startswith("+"):
        return _without_optional_zero(written, marked[1:])
    if marked.startswith("00") and text.startswith(("00", "(00")):
        return _without_optional_zero(written, marked[2:])
    digits = "0" + marked[1:] if marked.startswith(_OPTIONAL_ZERO) else marked  # (0)89 is 089
    if _OPTIONAL_ZERO in digits:
        reason = '"(0)" has a meaning only after a country code'
        raise _refusal(written, reason, _write_plus(rules), rule="optional-zero")
    if digits.startswith("00"):
        # "0 049 89 ..." may be a private exchange's outside line, "(0) 0..." a slip.
        reason = "it is not certain what its zeros mean"
        raise _refusal(written, reason, _write_plus(rules), rule="uncertain-prefix")
    return _national_digits(written, digits, rules)


def _without_optional_zero(written: str, marked: str) -> str:
    """`49~89...`, with the mark for "(0)", as `4989...`: that zero is dialled at home only."""
    before, mark, after = marked.partition(_OPTIONAL_ZERO)
    if not mark:
        return marked
    home = country.country_of(before)
    if home is None or before != home.code or _OPTIONAL_ZERO in after:
        reason = '"(0)" may stand once, right after the country code'
        raise _refusal(written, reason, "Write the number without it.", rule="optional-zero")
    if home.keeps_zero:
        reason = f'numbers of {home.name} keep their 0, so "(0)" says too little'
        hint = f"Write it with or without the 0, like {home.example}."
        raise _refusal(written, reason, hint, rule="optional-zero")
    return before + after


def _national_digits(written: str, digits: str, rules: NumberRules) -> str:
    region = rules.default_region
    home = country.country_of_region(region)
    if phonenumbers.is_emergency_number(digits, region):
        raise _refusal(written, *_EMERGENCY, rule="emergency")
    if country.begins_with_international_prefix(digits, region):
        raise _refusal(written, "it begins like an international call", _write_plus(rules), rule="uncertain-prefix")
    national = country.without_trunk_prefix(digits, region)
    if national is not None:
        return home.code + national
    if digits.startswith("0") and home.keeps_zero:
        return home.code + digits  # no country code begins with 0, so this is certain: Italy's 06 ... is +39 06 ...
    match rules.bare:
        case "national":
            return home.code + digits
        case "international":
            return digits
        case "refuse":
            raise _bare_refusal(written, digits, rules)
        case _:
            assert_never(rules.bare)


def _bare_refusal(written: str, digits: str, rules: NumberRules) -> AddressError:
    home = country.country_of_region(rules.default_region)
    readings = [number for number in (f"+{home.code}{digits}", f"+{digits}") if _is_valid(number)]
    hint = f"If you mean {' or '.join(readings)}, write it so." if readings else _write_plus(rules)
    return _refusal(written, "it does not say which country it is in", hint, rule="bare")


def _judge(written: str, digits: str, rules: NumberRules) -> None:
    """Refuse what no telephone can have. phonenumbers judges, and may change nothing on the way."""
    home = country.country_of(digits)
    if home is None:
        reason = f"no country has the code that it begins with (+{digits[:3]})"
        raise _no_such_number(written, reason, _EXAMPLE, rule="country-code")
    hint = f"Write it like {home.example}."
    if phonenumbers.is_emergency_number(digits.removeprefix(home.code), home.region):
        raise _refusal(written, *_EMERGENCY, rule="emergency")
    if len(digits) > MAX_DIGITS:
        reason = f"too long for {home.name}, {len(digits)} digits where {MAX_DIGITS} are the most"
        raise _no_such_number(written, reason, hint, rule="too-long")
    number = _parsed(f"+{digits}")
    if number is None:
        raise _no_such_number(written, f"too short for {home.name}", hint, rule="too-short")
    canonical = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if canonical != f"+{digits}":
        # phonenumbers would drop a trunk prefix or move a mobile prefix here: its guess is our hint.
        meant = f"Did you mean {canonical}?" if _is_valid(canonical) else hint
        raise _no_such_number(written, f"{home.name} has no number +{digits}", meant, rule="trunk-prefix")
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.IS_POSSIBLE:
            pass
        case ValidationResult.TOO_LONG:
            raise _no_such_number(written, f"too long for {home.name}", hint, rule="too-long")
        case ValidationResult.INVALID_LENGTH:
            raise _no_such_number(written, f"no number of {home.name} has so many digits", hint, rule="length")
        case _:  # TOO_SHORT, and what can be dialled inside its own town only: nothing to reach from here
            raise _no_such_number(written, f"too short for {home.name}", hint, rule="too-short")
    if rules.strict and not phonenumbers.is_valid_number(number):
        if any(_is_valid(f"+{digits}{more}") for more in ("1", "12", "123", "1234", "12345")):
            raise _no_such_number(written, f"too short for {home.name}", hint, rule="too-short")
        raise _no_such_number(written, f"{home.name} has no such number", hint, rule="not-in-use")


def _check_slashes(written: str, text: str, digits: str) -> None:
    """A slash parts the area code from the rest. Behind a whole number it would begin a second one (`123456/57`)."""
    for slash in re.finditer("/", text):
        behind = len(re.sub(r"[^0-9]", "", text[slash.end() :]))
        if _is_valid(f"+{digits[: len(digits) - behind]}"):
            hint = f"If you mean one, write +{digits}."
            raise _refusal(written, "it reads as two numbers around the slash", hint, rule="second-number")


def _is_valid(number: str) -> bool:
    parsed = _parsed(number)
    return (
        parsed is not None
        and phonenumbers.is_valid_number(parsed)
        and phonenumbers.format_number(parsed, PhoneNumberFormat.E164) == number
    )


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None


def _write_plus(rules: NumberRules) -> str:
    return f"Write + and the country code, like {country.country_of_region(rules.default_region).example}."


def _refusal(written: str, reason: str, hint: str, *, rule: str) -> AddressError:
    return AddressError(f"{quoted(written)} is not a fax number: {reason}. {hint}", rule=rule)


def _no_such_number(written: str, reason: str, hint: str, *, rule: str) -> AddressError:
    # RFC 3463 §3.2: the form is right (else 5.1.3), the mailbox doesn't exist.
    return AddressError(f"{quoted(written)} is not a fax number: {reason}. {hint}", rule=rule, enhanced_code="5.1.1")
