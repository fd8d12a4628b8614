"""Faults on demand (``PUT /_sandbox/faults``): each by a probability, or for the next n requests."""

from collections.abc import Mapping
from random import Random
from typing import Any

BEFORE = ("refuse", "status_500", "status_503", "status_520")  # nothing is accepted
AFTER = ("drop_after_accept", "status_500_after_accept", "status_520_after_accept", "truncate")  # accepted all the same
PUSH = ("lose_push", "double_push")
SECONDS = ("delay", "report_404_for")


class BadFaults(ValueError):
    """A fault that isn't known, or a value that is none."""


class Faults:
    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._faults: dict[str, Any] = {}

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Replaces all; raises BadFaults with nothing changed."""
        for name, value in wanted.items():
            if name in SECONDS:
                good = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
            elif name in (*BEFORE, *AFTER, *PUSH):
                good = _is_probability(value) or _is_count(value)
            else:
                raise BadFaults(f"{name} is no fault; there are {', '.join((*BEFORE, *AFTER, *PUSH, *SECONDS))}")
            if not good:
                raise BadFaults(f"{name} = {value!r} is neither a number nor {{'count': n}}")
        self._faults = {name: dict(value) if isinstance(value, Mapping) else value for name, value in wanted.items()}

    def show(self) -> dict[str, Any]:
        return dict(self._faults)

    def strikes(self, name: str) -> bool:
        """Whether the fault strikes now; a counted one is used up by that."""
        value = self._faults.get(name, 0)
        if isinstance(value, dict):
            if value["count"] <= 0:
                return False
            value["count"] -= 1
            return True
        return self._chance.random() < float(value)

    def seconds(self, name: str) -> float:
        return float(self._faults.get(name, 0))


def _is_probability(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_count(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"count"} and isinstance(value["count"], int)
