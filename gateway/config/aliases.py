"""``[aliases]``: names that stand for fax numbers, in `labor@fax.local` as in an address book."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from gateway.config.numbers import whole_number

# RFC 5321 §4.5.3.1.1: a local part has 64 octets at most. No name can be read as a number: it has a letter.
_NAME = re.compile(r"(?=.{1,64}$)[\w.-]*[^\W\d_][\w.-]*")
_TAKEN = re.compile(r"postmaster|imceafax-.*")  # RFC 5321 §4.5.1; gateway.address.imceafax

AliasNumbers = tuple[str, ...]


def folded(name: str) -> str:
    """Names know no case; a letter with a mark is one, however it was typed."""
    return unicodedata.normalize("NFC", name).casefold()


def read_aliases(value: Any) -> dict[str, AliasNumbers]:
    """By folded name the numbers in E.164, each once. A list may hold numbers and other names; names must be known."""
    if not isinstance(value, Mapping):
        raise ValueError('write a table: { labor = "+4989123456" }')  # noqa: TRY004 - as pydantic wants it
    written: dict[str, tuple[str, ...]] = {}
    for name, entry in value.items():
        if _NAME.fullmatch(name) is None or _TAKEN.fullmatch(folded(name)):
            raise ValueError(
                f"{name}: a name has letters, digits, . - and _, one letter at least, and isn't postmaster"
            )
        if folded(name) in written:
            raise ValueError(f"{name}: stands there twice; names know no case")
        written[folded(name)] = _items(name, entry)
    return {name: tuple(dict.fromkeys(_numbers(name, written, ()))) for name in written}


def _items(name: str, entry: Any) -> tuple[str, ...]:
    items = (entry,) if isinstance(entry, str) else entry
    if not isinstance(items, list | tuple) or not items or not all(isinstance(each, str) for each in items):
        raise ValueError(f'{name}: write a number, or a list of numbers and names: ["+4989123456", "labor"]')
    return tuple(items)


def _numbers(name: str, written: Mapping[str, tuple[str, ...]], above: tuple[str, ...]) -> list[str]:
    if name in above:
        raise ValueError(f"{name}: holds itself, by way of {', '.join(above)}")
    found: list[str] = []
    for item in written[name]:
        if folded(item) in written:
            found += _numbers(folded(item), written, (*above, name))
            continue
        try:
            found.append(whole_number(item))
        except ValueError as error:
            raise ValueError(f"{name}: {item} is no name here, and no number: {error}") from None
    return found


Aliases = Annotated[
    dict[str, AliasNumbers],
    PlainValidator(read_aliases),
    PlainSerializer(lambda aliases: {name: list(numbers) for name, numbers in aliases.items()}),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
            },
        }
    ),
]
