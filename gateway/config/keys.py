"""The tree of keys: which there are, which are secrets, and which one was probably meant. Pure."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from gateway.config.settings import Settings

Key = tuple[str, ...]


def keys(model: type[BaseModel] = Settings, above: Key = ()) -> Iterator[tuple[Key, FieldInfo]]:
    """Every key that has a value of its own; those of profiles without a profile's number."""
    for name, field in model.model_fields.items():
        section = section_of(field)
        if section is not None:
            yield from keys(section, (*above, name))
        else:
            yield (*above, name), field


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field is, or a list of: ``[smtp]``, ``[[profile]]``."""
    candidates = (field.annotation, *get_args(field.annotation))
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)


def is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def secrets() -> list[Key]:
    return [key for key, field in keys() if is_secret(field)]


def field_at(key: Sequence[str]) -> FieldInfo | None:
    """The field of a dotted path; numbers in lists don't count."""
    model: type[BaseModel] | None = Settings
    field = None
    for step in _names(key):
        field = model.model_fields.get(step) if model is not None else None
        if field is None:
            return None
        model = section_of(field)
    return field


def has_parts(field: FieldInfo) -> bool:
    """Whether its value is a list or a table."""
    kinds = (field.annotation, *get_args(field.annotation))
    return section_of(field) is not None or any((get_origin(kind) or kind) in (tuple, dict) for kind in kinds)


def nearest(key: Sequence[str]) -> str | None:
    """The key that was probably meant: the one of that name in another section, else a neighbour with a like name."""
    *above, name = key
    holder = field_at(above) if above else None
    model = section_of(holder) if holder is not None else Settings
    neighbours = _written(model) if model is not None else []
    elsewhere = [".".join(each) for each, _ in keys() if each[-1] == name and each[0] != "profile"]
    if len(elsewhere) == 1:
        return elsewhere[0]
    near = get_close_matches(name, neighbours, n=1, cutoff=0.6)
    return ".".join((*above, near[0])) if near else None


def _written(model: type[BaseModel]) -> list[str]:
    """The names as they may stand in a file: a secret also with ``_file``."""
    fields = model.model_fields
    return [*fields, *(f"{name}_file" for name, field in fields.items() if is_secret(field))]


def _names(key: Sequence[str]) -> Iterator[str]:
    return (step for step in key if not step.isdigit())
