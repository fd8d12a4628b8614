"""What was written becomes one E.164 number or is refused: the rule `number` of gateway.address.grammar (ITU-T E.164).

Our grammar decides which digits are meant and how they are read; phonenumbers then only judges the result. Where two
readings are possible, none is taken: a fax to the wrong number is a disclosure.
"""

import re
from dataclasses import dataclass
from typing import Literal, assert_never

import phonenumbers

from gateway.address import country
from gateway.address.errors import AddressError, not_a_number, quoted
from gateway.address.verdict import emergency, is_number, judge_digits

_EXAMPLE = "Write it like +49 30 123456."
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
    _check_parts(written, text, digits)
    judge_digits(written, digits, strict=rules.strict)
    return f"+{digits}"


def _check_characters(written: str, text: str) -> None:
    body = re.sub(r"^(\(?)\+", r"\1", text)
    if not _SEPARATORS.sub("", body):
        raise not_a_number(written, "there is no number in it", _EXAMPLE, rule="empty")
    if not _DIALABLE.fullmatch(body.replace("+", "")):
        raise _strange_character(written, body.replace("+", ""))
    if "+" in body:
        reason, hint = "a plus stands only in front of a number", "Give each number an address of its own."
        raise not_a_number(written, reason, hint, rule="second-number")
    if not _PARENTHESES.fullmatch(text):
        raise not_a_number(written, "its parentheses don't pair", "Write it without them.", rule="parentheses")
    if text[0] in "./-" or text[-1] in "./-":
        reason = "it begins or ends with a separator, as if a part were missing"
        raise not_a_number(written, reason, "Write the whole number.", rule="separator-at-end")


def _strange_character(written: str, body: str) -> AddressError:
    if _EXTENSION.search(body):
        hint = "Write the number that reaches the fax directly."
        return not_a_number(written, "a fax can't be sent to an extension", hint, rule="extension")
    culprit = next(character for character in body if not _DIALABLE.fullmatch(character))
    if culprit.isalpha():
        return not_a_number(written, f"{quoted(culprit)} is a letter", f"Use digits only. {_EXAMPLE}", rule="letters")
    if culprit.isnumeric():
        reason = f"{quoted(culprit)} is not one of the digits 0 to 9"
        return not_a_number(written, reason, "Type the number anew.", rule="foreign-digits")
    reason = f"{quoted(culprit)} (U+{ord(culprit):04X}) has no place in it"
    hint = "Write digits, with nothing but space . - / ( ) between them."
    return not_a_number(written, reason, hint, rule="character")


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
        raise not_a_number(written, reason, _write_plus(rules), rule="optional-zero")
    if digits.startswith("00"):
        # "0 049 89 ..." may be a private exchange's outside line, "(0) 0..." a slip.
        reason = "it is not certain what its zeros mean"
        raise not_a_number(written, reason, _write_plus(rules), rule="uncertain-prefix")
    return _national_digits(written, digits, rules)


def _without_optional_zero(written: str, marked: str) -> str:
    """`49~89...`, with the mark for "(0)", as `4989...`: that zero is dialled at home only."""
    before, mark, after = marked.partition(_OPTIONAL_ZERO)
    if not mark:
        return marked
    home = country.country_of(before)
    if home is None or before != home.code or _OPTIONAL_ZERO in after:
        reason = '"(0)" may stand once, right after the country code'
        raise not_a_number(written, reason, "Write the number without it.", rule="optional-zero")
    if home.keeps_zero:
        reason = f'numbers of {home.name} keep their 0, so "(0)" says too little'
        hint = f"Write it with or without the 0, like {home.example}."
        raise not_a_number(written, reason, hint, rule="optional-zero")
    return before + after


def _national_digits(written: str, digits: str, rules: NumberRules) -> str:
    region = rules.default_region
    home = country.country_of_region(region)
    if phonenumbers.is_emergency_number(digits, region):
        raise emergency(written)
    if country.begins_with_international_prefix(digits, region):
        raise not_a_number(written, "it begins like an international call", _write_plus(rules), rule="uncertain-prefix")
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
            raise _barenot_a_number(written, digits, rules)
        case _:
            assert_never(rules.bare)


def _barenot_a_number(written: str, digits: str, rules: NumberRules) -> AddressError:
    home = country.country_of_region(rules.default_region)
    readings = [f"+{reading}" for reading in (home.code + digits, digits) if is_number(reading)]
    hint = f"If you mean {' or '.join(readings)}, write it so." if readings else _write_plus(rules)
    return not_a_number(written, "it does not say which country it is in", hint, rule="bare")


def _check_parts(written: str, text: str, digits: str) -> None:
    """A slash or a parenthesis sets the area code apart. Behind a whole number it begins another one: `123456/57`."""
    for part in re.finditer(r"[/(]", text):
        behind = len(re.sub(r"[^0-9]", "", text[part.end() :]))
        if is_number(digits[: len(digits) - behind]):
            hint = f"If you mean one, write +{digits}." if is_number(digits) else "Give each an address of its own."
            raise not_a_number(written, f"it reads as two numbers around {part[0]!r}", hint, rule="second-number")


def _write_plus(rules: NumberRules) -> str:
    return f"Write + and the country code, like {country.country_of_region(rules.default_region).example}."
