"""What is wrong with a configuration: every problem at once, a line each, none with a secret in it."""

import re
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.config.keys import Key, field_at, is_secret, nearest, section_of
from gateway.config.toml import toml_value

HIDDEN = "(not shown)"
LONGEST_VALUE = 80  # one line of a terminal
_MAY_HOLD_A_LOGIN = ("url", "urls", "proxy")

# pydantic's own words tell a programmer; these tell an operator what to write.
_REASONS: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "bool_type": lambda _: "write true or false",
    "int_type": lambda _: "write a whole number",
    "string_type": lambda _: 'write a text: "..."',
    "path_type": lambda _: 'write a path: "/..."',
    "tuple_type": lambda _: "write a list: [...]",
    "dict_type": lambda _: "write a table: { name = ... }",
    "model_type": lambda _: "this is a section, it needs keys of its own",
    "missing": lambda _: "is required",
    "literal_error": lambda context: f"write one of {context['expected']}".replace("'", '"').replace(" or ", ", "),
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "less_than_equal": lambda context: f"must be at most {context['le']}",
    "string_too_long": lambda context: f"at most {context['max_length']} characters",
    "string_too_short": lambda context: f"at least {context['min_length']} characters",
}


class ConfigError(Exception):
    """The gateway can't start with this configuration; ``str`` of it is for the operator, a line for each problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def problems_of(error: ValidationError) -> list[tuple[Key, str]]:
    """For each error its key, empty where several keys contradict each other, and a sentence that names it."""
    details = error.errors(include_url=False)
    return [(tuple(map(str, each["loc"])), _sentence(each)) for each in details]


def _sentence(details: ErrorDetails) -> str:
    key = tuple(map(str, details["loc"]))
    dotted = ".".join(key)
    if details["type"] == "extra_forbidden":
        near = nearest(key)
        return f"{dotted} is no key of the configuration" + (f"; did you mean {near}?" if near else "")
    reason = _reason(details)
    if not key:
        return reason
    if details["type"] == "missing" or _is_table(key, details["input"]):  # a table may hold a secret
        return f"{dotted}: {reason}"
    return f"{dotted} = {shown(key, details['input'])}: {reason}"


def _reason(details: ErrorDetails) -> str:
    ours = _REASONS.get(details["type"])
    return ours(details.get("ctx", {})) if ours is not None else details["msg"].removeprefix("Value error, ")


def _is_table(key: Key, value: object) -> bool:
    field = field_at(key)
    return isinstance(value, dict) or field is None or section_of(field) is not None


def shown(key: Key, value: object) -> str:
    """As ``masked``, in so few characters that a line of an error stays one."""
    text = masked(key, value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def masked(key: Key, value: object) -> str:
    """The value as it stands in the file; of a secret nothing, of a URL all but the login in it."""
    field = field_at(key)
    if field is None or is_secret(field):
        return HIDDEN
    text = toml_value(value)
    if key[-1].endswith(_MAY_HOLD_A_LOGIN):
        text = re.sub('[^"]*@', "***@", text)  # greedy: a password may hold / and @
    return text
