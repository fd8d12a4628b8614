"""A value as TOML writes it in one line: for errors and for docs/configuration.md (TOML 1.0)."""

import json
from collections.abc import Mapping
from typing import Any


def toml_value(value: Any) -> str:
    """What TOML has no word for is written as a text."""
    match value:
        case bool():
            return "true" if value else "false"
        case Mapping():
            pairs = ", ".join(f"{key} = {toml_value(each)}" for key, each in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case list() | tuple():
            return "[" + ", ".join(map(toml_value, value)) + "]"
        case str() | int() | float():
            return json.dumps(value, ensure_ascii=False)  # a basic string has JSON's escapes
        case _:
            return json.dumps(str(value), ensure_ascii=False)
