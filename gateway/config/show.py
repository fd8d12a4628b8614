"""The configuration as it is in effect: each key with its value and with the source that has the last word about it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.config.errors import masked
from gateway.config.keys import Key, field_at, keys
from gateway.config.settings import Settings
from gateway.config.sources import Layer, origin_of

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Line:
    """`value` as TOML writes it, secrets masked; `changed`: it is not the default."""

    key: str
    value: str
    origin: str
    changed: bool


def lines(settings: Settings, layers: Sequence[Layer]) -> Iterator[Line]:
    """Every key in the order of docs/configuration.md; of a profile those that it sets."""
    return _lines(settings, lambda key: origin_of(layers, key))


def loaded_lines(settings: Settings) -> Iterator[Line]:
    """The same of settings that remember where they were read from."""
    return _lines(settings, settings.origins.get)


def source_of(settings: Settings, dotted: str) -> str:
    """Who says what a rule says: a file, a variable, a credential, or nobody but this program."""
    key = tuple(dotted.split("."))
    if field_at(key) is None:
        return "built in"
    return settings.origins.get(("profile",) if key[0] == "profile" else key, DEFAULT)


def _lines(settings: Settings, origin_for: Callable[[Key], str | None]) -> Iterator[Line]:
    now, usual = settings.model_dump(mode="json"), Settings().model_dump(mode="json")
    for key, _ in keys():
        if key[0] != "profile":
            yield _line(key, _at(now, key), _at(usual, key), origin_for(key))
    origin = origin_for(("profile",))
    for number, profile in enumerate(settings.profile):
        for key, value in _leaves(profile.model_dump(mode="json", exclude_unset=True), ("profile", str(number))):
            yield _line(key, value, None, origin)


def _line(key: Key, value: Any, default: Any, origin: str | None) -> Line:
    shown = '""' if value in (None, "") else masked(key, value)
    return Line(".".join(key), shown, origin or DEFAULT, changed=value != default)


def _at(tables: Any, key: Key) -> Any:
    for step in key:
        tables = tables[step]
    return tables


def _leaves(table: dict[str, Any], above: Key) -> Iterator[tuple[Key, Any]]:
    for name, value in table.items():
        key = (*above, name)
        if isinstance(value, dict):
            yield from _leaves(value, key)
        else:
            yield key, value
