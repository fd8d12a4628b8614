"""The local part of a fax recipient, `+4989123456@fax.local`, as a value.

Standards: RFC 5321 §4.1.2 (local part), RFC 6531 §3.3 (UTF-8), RFC 3191 and 3192 (FAX=, T33S=), MS-OXCMAIL §2.1.3.1.8
(IMCEAFAX), ITU-T E.164 (the number). ABNF of RFC 5234; literal strings in any case.

    local-part   = address / quoted-string / imceafax
    quoted-string = DQUOTE address DQUOTE          ; after unquoting, gateway.address.quoting
    imceafax     = "IMCEAFAX-" encoded             ; decodes to [ display "@" ] address, gateway.address.imceafax

    address      = [ name ( "/" / "=" ) ] [ "FAX=" ] number [ subaddress ] [ tag ]
    name         = 1*64nchar                       ; one letter at least, four digits at most: more could be a number
    nchar        = %x20-7E / UTF8-non-ascii        ; but none of "/" "=" "+" "@"
    display      = 1*64dchar                       ; the same, "/" and "=" too
    subaddress   = "/T33S=" 1*20DIGIT              ; RFC 3192 §2, ITU-T T.30 (SUB)
    tag          = "+" letter *( letter / DIGIT / "-" / "_" / "." )

    number       = *WSP ( international / zeros / national ) *WSP
    international = "+" *sep code [ *sep "(0)" ] rest          ; "(+49) 89" too
    zeros        = "00" *sep code [ *sep "(0)" ] rest          ; whatever the default region dials
    national     = trunk-prefix rest               ; the default region's: 0 in DE, 8 in RU, 06 in HU, 1 in US.
                 / "0" rest                        ; where numbers keep their 0 (IT)
                 / rest                            ; only if numbers.bare says how to read it
    rest         = *( *sep DIGIT )                 ; no separator at the end but ")"
    sep          = SP / "." / "-" / "/" / "(" / ")"            ; parentheses pair, around a digit at least
                 / %x00A0 / %x2002-200A / %x202F / %x3000      ; SMTPUTF8: read as SP
                 / %x2010-2013 / %x2212                        ; SMTPUTF8: read as "-"
    DIGIT        = %x30-39                         ; no other script's digits, no letters for digits

Beside the grammar, since what is not certain is refused:
- "(0)" is dropped once, right after the country code, and not where numbers keep their 0 (+39 (0)6 is refused).
- A slash or parenthesis behind what is a number already begins a second one (`089 123456/57`) and is refused.
- Behind a name that ends with a digit the number begins with "+": `Jane 030/43151234567` is refused.
- Characters that nobody sees (controls, direction marks, no width) are refused everywhere.
- The digits must come out of phonenumbers unchanged: a 0 or a mobile 15 too many is a hint, never a correction.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from gateway.address.errors import AddressError, is_unseen, quoted
from gateway.address.imceafax import decapsulate
from gateway.address.number import NumberRules, read_number
from gateway.address.quoting import unquote

_MAX_LENGTH = 256  # a path's limit, RFC 5321 §4.5.3.1.3; IMCEAFAX needs more than a local part's 64 (MS-OXCMAIL)
_MAX_NAME = 64
_MAX_NAME_DIGITS = 4
_HEAD = re.compile(r"([^/=+]*)([/=])(.*)", re.DOTALL)
_QUALIFIER = re.compile(r"/([A-Za-z][A-Za-z0-9-]*)=([^/]*)$")
_SUBADDRESS = re.compile(r"[0-9]{1,20}")
_TAG = re.compile(r"(.*[^+])\+([^\W\d_][\w.-]*)", re.DOTALL)
_EXTENSION_TAG = re.compile(r"(?:x|ext|extension|dw|durchwahl|app|nst)[-_.]*[0-9]+", re.IGNORECASE)
_OTHER_SERVICES = frozenset({"VOICE", "SMS", "MMS", "TEL", "PHONE"})  # RFC 3191 §2: a service-selector that isn't ours


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxAddress:
    """A recipient. `number` is E.164 with its plus, at most 15 digits; the rest is None where the address has none.

    `subaddress` is T.33's, digits; `tag` is the sender's own mark behind the number, without its plus.
    """

    number: str
    display_name: str | None = None
    subaddress: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands in front of the number: a name or the service FAX, and the mark that ends it."""

    word: str
    mark: str
    rest: str

    @property
    def selects_fax(self) -> bool:
        return self.mark == "=" and self.word.upper() == "FAX"


@lru_cache(maxsize=4096)  # a relay or an MFP faxes to the same numbers again and again
def parse_recipient(local_part: str, rules: NumberRules) -> FaxAddress:
    """The fax address that the local part of a RCPT command certainly is; quoted or not. Raises AddressError only."""
    _check_length_and_sight(local_part)
    address = unquote(local_part)
    decapsulated = decapsulate(address)
    if decapsulated is None:
        return _parse_address(address, None, rules)
    _check_length_and_sight(decapsulated)
    # Outlook's own form of a one-off fax address is name@number; only Exchange's encoding lets the "@" through.
    display, _, address = decapsulated.rpartition("@")
    return _parse_address(address, _display_name(display) if display.strip() else None, rules)


def _parse_address(address: str, display_name: str | None, rules: NumberRules) -> FaxAddress:
    rest, tag = _split_tag(address)
    rest, subaddress = _split_subaddress(rest)
    head = _head(rest)
    if head is not None and not head.selects_fax:
        if display_name is not None:
            raise _refusal(address, "it names the recipient twice", "Write one name.", rule="name")
        display_name = _name_or_service(head)
        rest = head.rest
        _check_border(address, head)
        head = _head(rest)
    if head is not None and head.selects_fax:
        rest = head.rest
    return FaxAddress(number=read_number(rest, rules), display_name=display_name, subaddress=subaddress, tag=tag)


def _check_length_and_sight(text: str) -> None:
    if len(text) > _MAX_LENGTH:
        raise _refusal(text, f"longer than {_MAX_LENGTH} characters", "Write the number alone.", rule="too-long")
    if unseen := next((character for character in text if is_unseen(character)), None):
        reason = f"it holds a character that can't be seen (U+{ord(unseen):04X})"
        raise _refusal(text, reason, "Type it anew.", rule="unseen-character")


def _split_tag(address: str) -> tuple[str, str | None]:
    match = _TAG.fullmatch(unicodedata.normalize("NFC", address))
    if not match or any(character.isnumeric() and not character.isascii() for character in match[2]):
        return address, None
    if _EXTENSION_TAG.fullmatch(match[2]):
        hint = "Write the number that reaches the fax directly."
        raise _refusal(address, "a fax can't be sent to an extension", hint, rule="extension")
    return match[1], match[2]


def _split_subaddress(address: str) -> tuple[str, str | None]:
    """T33S= (RFC 3192 §2), at most once. The other qualifiers of RFC 3191 §3 and RFC 2846 change where a fax goes."""
    match = _QUALIFIER.search(address)
    if not match or match[1].upper() == "FAX":
        return address, None
    if match[1].upper() != "T33S":
        raise _refusal(address, f"{quoted(match[1])} is not known here", "Only /T33S= is.", rule="qualifier")
    rest = address[: match.start()]
    if not _SUBADDRESS.fullmatch(match[2]) or "/t33s=" in rest.lower():
        reason = "a subaddress is 1 to 20 digits, and there is one at most"
        raise _refusal(address, reason, "Write it like /T33S=12.", rule="subaddress")
    return rest, match[2]


def _head(text: str) -> _Head | None:
    match = _HEAD.fullmatch(text)
    if not match or not any(character.isalpha() for character in match[1]):
        return None
    return _Head(match[1].strip(" "), match[2], match[3])


def _name_or_service(head: _Head) -> str:
    if head.mark == "=" and head.word.upper() in _OTHER_SERVICES:
        reason = f"{quoted(head.word)} asks for another service"
        raise _refusal(f"{head.word}={head.rest}", reason, "Write FAX= or the number alone.", rule="service")
    return _display_name(head.word)


def _check_border(address: str, head: _Head) -> None:
    """`Jane 030/43151234567`: the area code is no part of the name. Behind a digit only a plus begins a number."""
    last = next((character for character in reversed(head.word) if character.isalnum()), "")
    if last.isnumeric() and not re.match(r" *(?:FAX=)? *\(?\+", head.rest, re.IGNORECASE):
        reason = "it is not certain where the name ends and the number begins"
        raise _refusal(address, reason, "Write the number with + and the country code.", rule="name")


def _display_name(written: str) -> str:
    name = unicodedata.normalize("NFC", written).strip()
    digits = sum(character.isnumeric() for character in name)
    if digits > _MAX_NAME_DIGITS or "+" in name or "@" in name:
        reason = "what stands in front of the number could be a number itself"
        raise _refusal(written, reason, "Write one number alone.", rule="second-number")
    if len(name) > _MAX_NAME or not any(character.isalpha() for character in name):
        reason = f"a name has letters, and {_MAX_NAME} characters at most"
        raise _refusal(written, reason, "Write the number alone.", rule="name")
    return name


def _refusal(culprit: str, reason: str, hint: str, *, rule: str) -> AddressError:
    return AddressError(f"{quoted(culprit)} is not a fax address: {reason}. {hint}", rule=rule)
