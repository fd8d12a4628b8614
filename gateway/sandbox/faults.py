"""Faults on demand (``PUT /_sandbox/faults``): each by a probability, or for the next n requests."""

from collections.abc import Mapping
from random import Random
from typing import Any

BEFORE = ("refuse", "status_500", "status_503", "status_520")  # nothing is accepted
AFTER = ("drop_after_accept", "status_500_after_accept", "status_520_after_accept", "truncate")  # accepted all the same
PUSH = ("lose_push", "double_push")
SECONDS = ("delay", "report_404_for")
LONGEST_SECONDS = 366 * 86400


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
                if not _is_number(value, LONGEST_SECONDS):
                    raise BadFaults(f"{name}: write seconds, from 0 to {LONGEST_SECONDS}")
            elif name in (*BEFORE, *AFTER, *PUSH):
                if not (_is_number(value, 1) or _is_count(value)):
                    raise BadFaults(f'{name}: write a probability from 0 to 1, or {{"count": n}}')
            else:
                raise BadFaults(f"{name} is no fault; there are {', '.join((*BEFORE, *AFTER, *PUSH, *SECONDS))}")
        self._faults = {name: dict(value) if isinstance(value, Mapping) else value for name, value in wanted.items()}

    def show(self) -> dict[str, Any]:
        return dict(self._faults)

    def strikes(self, name: str) -> bool:
        """Whether the fault strikes now; a counted one is used up by that."""
        value = self._faults.get(name)
        if value is None:
            return False
        if isinstance(value, dict):
            if value["count"] <= 0:
                return False
            value["count"] -= 1
            return True
        return self._chance.random() < float(value)

    def seconds(self, name: str) -> float:
        return float(self._faults.get(name, 0))


def _is_number(value: Any, highest: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= highest


def _is_count(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"count"}:
        return False
    count = value["count"]
    return isinstance(count, int) and not isinstance(count, bool) and count >= 0
