"""docs/configuration.md, made from the settings: ``python -m gateway.config.reference`` prints it.

A test compares the file with what this prints, so that neither can say something that the other doesn't.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from gateway.config.pending import is_pending
from gateway.config.profile import Profile
from gateway.config.settings import Settings

INTRODUCTION = """\
# Configuration

<!-- Made from the settings by `python -m gateway.config.reference`; change the descriptions there. -->

The file is TOML: `--config FILE`, else `$FAX_GATEWAY_CONFIG`, else `/etc/fax-gateway/config.toml`; without any of them
the built-in defaults count. Every key can also be given as an environment variable, which wins over the file:
`FAX_GATEWAY__SMTP__LISTEN='["127.0.0.1:25"]'` (lists and tables as JSON).

A **secret** `x` can also be given as `x_file = "/path"` (its first line counts), or as a systemd credential named
`section.x`. Durations are `"30s"`, `"10m"`, `"2h"`, `"7d"`. An optional value that isn't wanted is `""`.

An unknown key or a bad value stops the start with its name and the reason. Keys marked *pending* are read and checked
already, but what they steer isn't there yet; a line of the log names those that were set.
"""


# What a profile leaves out is as in the other sections; these have no other section.
PROFILE_DEFAULTS = {"express": False, "blacklist": False, "timezone": "UTC", "dedupe": True}


def reference() -> str:
    """The whole document."""
    defaults = Settings().model_dump(mode="json")
    plain = [(name, field) for name, field in Settings.model_fields.items() if not _is_section(field)]
    parts = [INTRODUCTION, "## Top level\n", _table("", [row for row in plain if row[0] != "profile"], defaults)]
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            rows = list(section.model_fields.items())
            parts += [f"## `[{name}]`\n", f"{section.__doc__}\n", _table(name, rows, defaults[name])]
    rows = list(Profile.model_fields.items())
    parts += ["## `[[profile]]`\n", f"{Profile.__doc__}\n", _table("profile", rows, PROFILE_DEFAULTS)]
    return "\n".join(parts)


def _table(section: str, fields: list[tuple[str, FieldInfo]], defaults: Mapping[str, Any]) -> str:
    head = "| key | default | meaning | example |\n|---|---|---|---|\n"
    return head + "".join(_row(section, name, field, defaults.get(name)) for name, field in fields)


def _row(section: str, name: str, field: FieldInfo, default: Any) -> str:
    notes = ""
    if _is_secret(field):
        notes += " **Secret.**"
    if is_pending(f"{section}.{name}" if section else name):
        notes += " *Pending.*"
    shown = "required" if field.is_required() else "" if default in ("", None, {}) else f"`{_toml(default)}`"
    example = next(iter(field.examples or ()), "")
    return f"| `{name}` | {shown} | {field.description or ''}{notes} | `{_toml(example)}` |\n"


def _toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case str() | int():
            return json.dumps(value, ensure_ascii=False).replace("|", "\\|")
        case _:
            return json.dumps(str(value), ensure_ascii=False)


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def described_fields() -> Iterator[tuple[str, FieldInfo]]:
    """Every key that the document describes, as a dotted path."""
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from ((f"{name}.{key}", each) for key, each in section.model_fields.items())
        else:
            yield name, field
    yield from ((f"profile.{key}", each) for key, each in Profile.model_fields.items())


if __name__ == "__main__":
    sys.stdout.write(reference())
