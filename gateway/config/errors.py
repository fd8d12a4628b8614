"""What is wrong with a configuration: every problem at once, a line each, none with a secret in it."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

SECRET_NAMES = ("password", "secret", "token", "url")  # a database URL holds a password


class ConfigError(Exception):
    """The gateway can't start with this configuration; ``str`` of it is for the operator."""

    def __init__(self, problems: Sequence[str], source: str) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.problems = tuple(problems)


def problems_of(error: ValidationError, known: Iterable[str]) -> list[str]:
    """One sentence for each error: the key as a dotted path, the value unless it is secret, the reason."""
    keys = list(known)
    return [_sentence(details, keys) for details in error.errors()]


def _sentence(details: ErrorDetails, known: list[str]) -> str:
    key = ".".join(str(step) for step in details["loc"] if not str(step).startswith("function-"))
    if details["type"] == "extra_forbidden":
        near = get_close_matches(key, known, n=1, cutoff=0.6)
        return f"{key} is no key of the configuration" + (f"; did you mean {near[0]}?" if near else "")
    reason = details["msg"].removeprefix("Value error, ")
    if not key:
        return reason
    if isinstance(details["input"], dict):  # a whole section, which may hold a secret
        return f"{key}: {reason}"
    return f"{key} = {_shown(key, details['input'])}: {reason}"


def _shown(key: str, value: object) -> str:
    if any(name in key for name in SECRET_NAMES):
        return "(not shown)"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - one line of a terminal
