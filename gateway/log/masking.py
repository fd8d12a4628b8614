"""``[log] mask``: fax numbers and mail addresses leave the log as far as they are a person's.

What an operator searches by stays whole: job ids, the relay's queue id, Message-ID, ENVID; so do IP addresses, names of
logins that are no address, and names of documents. docs/operations.md, "What the log doesn't say", tells it to him.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "***"
MOST_DIGITS = 7  # of a number that are shown, and never its last three: an exchange, no subscriber
LEAST_HIDDEN = 3
# Ids may look like an address or a number, and are what leads from our log to the relay's and the service's.
KEPT = frozenset({"timestamp", "job_id", "letter_id", "fax4a_job_id", "message_id", "queue_id", "envid", "into"})

# RFC 5321 §4.1.2: a local part, quoted or not, and its "@". Possessive or bounded: no text makes it slow.
# What repeats a choice is bounded: before 3.11.5 Python's possessive ones miss matches (python/cpython#106052).
_ADDRESS = re.compile(
    r'(?P<local>"(?:[^"\\]|\\.){0,64}"|(?<![^\s"<>()\[\],;:@\\])[^\s"<>()\[\],;:@\uff20\\]++)(?P<at>[@\uff20])(?=[\[\w])'
)
# As a URL has it (RFC 3986 §2.1).
_ENCODED_ADDRESS = re.compile(
    r"(?:(?<=%40)|(?<![^\s\"<>()\[\],;:@\\/?&=]))"
    r"(?P<local>(?:[^\s\"<>()\[\],;:@\\/?&=%]|%(?!40)[0-9A-Fa-f]{2}){1,320})(?P<at>%40)(?=[\[\w])"
)
_SPACE = r"[^\S\r\n]|%20|\\(?:t|x[0-9a-f]{2}|u[0-9a-f]{4})"  # also as URLs and Python's repr() write them
_SEPARATOR = rf"(?:{_SPACE}|[./()\u00b7\u2010-\u2015\u2212-]|%2[89DFdf]){{0,3}}+"
_PLUS = r"(?:[+\uff0b]|%2[Bb]|=2B|\\u002b|&#43;)"  # as URLs, quoted-printable, JSON and HTML write it, too
# What a number follows that neither a date nor an address of a machine does: "tel:", "fax" (RFC 3966), "%20".
_SCHEMES = ("tel:", "fax:", "sip:", "sips:", "sms:", "callto:", "tel://", "fax://", "fax=", "fax", "tel")
_AFTER_SCHEME = "(?i:" + "|".join(f"(?<={scheme})" for scheme in _SCHEMES) + ")"
_FREE = r"(?<![\w.:+/-])"
_BEGINS = rf"(?:{_FREE}|{_AFTER_SCHEME}|(?<=[A-Za-z]:)|(?<=%[0-9A-Fa-f]{{2}}))"
# As people write numbers: +49 89 ..., 0049 89 ..., 089/..., (0 89) ...
_WRITTEN = re.compile(rf"(?:{_PLUS}|{_BEGINS}0(?=\d)|(?<=\()0 ?(?=\d))(?:{_SEPARATOR}\d){{5,}}+")
# Digits alone, unless they count something.
_DIGITS = re.compile(
    rf"{_FREE}\d{{7,15}}+(?![\w*]|[:.-]\w| bytes| octets)|{_AFTER_SCHEME}\d(?:{_SEPARATOR}\d){{4,}}+(?!\*\*\*)"
)
_FEW_DIGITS = re.compile(r"(?:\d\D{0,12}+){4}\d")  # the least that either finds; 12: of an escaped separator, thrice
_CHARACTER = re.compile(r"%[0-9A-Fa-f]{2}|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|(?s:.)")


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog; keys that begin with an underscore are its own."""
    return {key: value if key in KEPT or key.startswith("_") else _masked(value) for key, value in event.items()}


def masked_text(text: str) -> str:
    """``+4989123456`` becomes ``+4989123***``, ``jana@example.com`` ``j***@example.com``."""
    if "@" in text or "\uff20" in text:
        text = _ADDRESS.sub(_masked_address, text)
    if "%40" in text:
        text = _ENCODED_ADDRESS.sub(_masked_address, text)
    if _FEW_DIGITS.search(text) is None:
        return text  # as most are: quickly
    return _DIGITS.sub(lambda found: masked_number(found[0]), _WRITTEN.sub(_masked_written, text))


def masked_number(number: str) -> str:
    """Without its end; `number` as somebody wrote it."""
    letters = _CHARACTER.findall(number)  # an escaped one is one
    shown = min(MOST_DIGITS, sum(map(str.isdigit, letters)) - LEAST_HIDDEN)
    for end, each in enumerate(letters):
        if each.isdigit():
            if shown <= 0:
                return "".join(letters[:end]) + MASK
            shown -= 1
    return number + MASK


def _masked_written(found: re.Match[str]) -> str:
    """What looks like a number and goes on as something else, as an id or a time of day, is none from there on."""
    number, behind = found[0], found.string[found.end() : found.end() + len(MASK)]
    if behind == MASK and sum(map(str.isdigit, number)) <= MOST_DIGITS:
        return number  # masked already
    if number[0] != "0" or not re.match(r"[\w:]", behind):
        return masked_number(number)
    before = re.match(rf"(.*\d)(?:{_SPACE})", number)
    if before is None or sum(map(str.isdigit, before[1])) < MOST_DIGITS:
        return number
    return masked_number(before[1]) + number[before.end(1) :]


def _masked_address(found: re.Match[str]) -> str:
    local, at = found["local"], found["at"]
    if _WRITTEN.fullmatch(local) or _DIGITS.fullmatch(local):
        return f"{masked_number(local)}{at}"
    if local.startswith('"'):
        return f'"{MASK}"{at}'
    shown = 2 if local.startswith("'") else 1  # one that quotes the address, as Python does
    return f"{local[:shown]}{MASK}{at}"


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked_text(value)
        case None | int() | float():  # a bool is an int
            return value
        case Mapping():
            return {name: _masked(each) for name, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(each) for each in value]
        case _:
            return masked_text(str(value))
