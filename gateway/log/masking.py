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

# RFC 5321 §4.1.2: a local part, quoted or not, and what is behind its "@". Possessive: no text makes it slow.
_ADDRESS = re.compile(r'(?P<local>"(?:[^"\\]|\\.){0,64}+"|(?<![^\s"<>()\[\],;:@\\])[^\s"<>()\[\],;:@\\]++)@(?=[\[\w])')
_SEPARATOR = r"(?:[ ./-]| ?\(|\)[ -]?)?"
# As people write numbers: +49 89 ..., 0049 89 ..., 089/...; and digits alone, unless they count something.
_NUMBER = re.compile(
    rf"\+(?:{_SEPARATOR}\d){{5,}}+(?!\*)"
    rf"|(?<![\w.:+/-])0\d(?:{_SEPARATOR}\d){{4,}}+(?![\w:*])"
    r"|(?<![\w.:+/-])\d{7,15}+(?![\w*]|[:.-]\w| bytes| octets)"
)


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog; keys that begin with an underscore are its own."""
    return {key: value if key in KEPT or key.startswith("_") else _masked(value) for key, value in event.items()}


def masked_text(text: str) -> str:
    """``+4989123456`` becomes ``+4989123***``, ``jana@example.com`` ``j***@example.com``."""
    if "@" in text:
        text = _ADDRESS.sub(_masked_address, text)
    return _NUMBER.sub(lambda found: masked_number(found[0]), text)


def masked_number(number: str) -> str:
    """Without its end; `number` as somebody wrote it."""
    shown = min(MOST_DIGITS, sum(map(str.isdigit, number)) - LEAST_HIDDEN)
    for end, each in enumerate(number):
        if each.isdigit():
            if shown <= 0:
                return number[:end] + MASK
            shown -= 1
    return number + MASK


def _masked_address(found: re.Match[str]) -> str:
    local = found["local"]
    if _NUMBER.fullmatch(local):
        return f"{masked_number(local)}@"
    if local.startswith('"'):
        return f'"{MASK}"@'
    shown = 2 if local.startswith("'") else 1  # one that quotes the address, as Python does
    return f"{local[:shown]}{MASK}@"


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
