"""Checks of single JSON values, each with the complaint that the service's 400 carries. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any


class Complaint(Exception):
    """What the service's 400 says after "Validation of job request failed"."""


def mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Complaint(f"{name} is not an object")
    return value


def known(value: Mapping[str, Any], fields: set[str], name: str) -> Mapping[str, Any]:
    """`value`, if it has no other fields but null ones: the vendor's Python SDK sends ``"rendering_options": null``."""
    unknown = {field for field, content in value.items() if content is not None} - fields
    if unknown:
        raise Complaint(f"Unrecognized field '{min(unknown)}'{f' in {name}' if name else ''}")
    return value


def listed(value: Any, name: str) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Complaint(f"{name} is not a list")
    return value


def text(value: Any, name: str, longest: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise Complaint(f"{name} is not a string")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Complaint(f"{name} holds half a character")  # RFC 8259 §8.2: an unpaired surrogate
    if len(value) > longest:
        raise Complaint(f"{name} has {len(value)} characters, at most {longest} are allowed")
    return value


def choice(value: Any, name: str, choices: frozenset[str]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in choices:
        raise Complaint(f"{name} is '{value}', allowed are {', '.join(sorted(choices))}")
    return value


def flag(value: Any, name: str) -> None:
    if value is not None and not isinstance(value, bool):
        raise Complaint(f"{name} is neither true nor false")
