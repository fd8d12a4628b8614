"""The configuration as it is in effect: each key with its value and with the source that has the last word about it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from gateway.config.errors import masked
from gateway.config.keys import Key, field_at, section_of
from gateway.config.settings import Settings
from gateway.config.sources import Layer, origin_of

DEFAULT = "default"

Origins = Callable[[Key], str | None]  # who has the last word about a key


@dataclass(frozen=True, slots=True)
class Line:
    """`value` as TOML writes it, secrets masked; `changed`: it is not the default."""

    key: str
    value: str
    origin: str
    changed: bool


def lines(settings: Settings, layers: Sequence[Layer]) -> Iterator[Line]:
    """Every key in the order of docs/configuration.md; of a list of tables those that each table sets."""
    return _of_section(settings, Settings(), (), lambda key: origin_of(layers, key))


def loaded_lines(settings: Settings) -> Iterator[Line]:
    """The same of settings that remember where they were read from."""
    return _of_section(settings, Settings(), (), settings.origins.get)


def source_of(settings: Settings, dotted: str) -> str:
    """Who says what a rule says: a file, a variable, a credential, or nobody but this program."""
    key = tuple(dotted.split("."))
    if field_at(key) is None:
        return "built in"
    return settings.origins.get(("profile",) if key[0] == "profile" else key, DEFAULT)


def _of_section(now: BaseModel, usual: BaseModel, above: Key, origin_for: Origins) -> Iterator[Line]:
    values, defaults = now.model_dump(mode="json"), usual.model_dump(mode="json")
    for name, field in type(now).model_fields.items():
        key, value = (*above, name), getattr(now, name)
        if isinstance(value, BaseModel):
            yield from _of_section(value, getattr(usual, name), key, origin_for)
        elif section_of(field) is None:
            yield _line(key, values[name], origin_for(key), changed=values[name] != defaults[name])
        else:
            for number, table in enumerate(value):
                yield from _of_table(table, (*key, str(number)), origin_for(key))


def _of_table(table: BaseModel, above: Key, origin: str | None) -> Iterator[Line]:
    """Of one table in a list: what stands in it counts, though it may be the default."""
    values = table.model_dump(mode="json", exclude_unset=True)
    for name in values:
        key, value = (*above, name), getattr(table, name)
        if isinstance(value, BaseModel):
            yield from _of_table(value, key, origin)
        elif isinstance(value, tuple) and all(isinstance(each, BaseModel) for each in value) and value:
            for number, each in enumerate(value):
                yield from _of_table(each, (*key, str(number)), origin)
        else:
            yield _line(key, values[name], origin, changed=True)


def _line(key: Key, value: Any, origin: str | None, *, changed: bool) -> Line:
    shown = '""' if value in (None, "") else masked(key, value)
    return Line(".".join(key), shown, origin or DEFAULT, changed=changed)
