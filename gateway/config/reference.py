"""docs/configuration.md, made from the settings: ``python -m gateway.config.reference`` prints it.

A test compares the file with what this prints, so that neither can say something that the other doesn't.
"""

import sys
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.config.keys import is_secret, section_of
from gateway.config.kinds import kind_of
from gateway.config.settings import Settings
from gateway.config.toml import toml_value

INTRODUCTION = """\
# Configuration

<!-- Made from the settings by `python -m gateway.config.reference`; change the descriptions there. -->

The file is TOML: `--config FILE`, else `$FAX_GATEWAY_CONFIG`, else `/etc/fax-gateway/config.toml`; without any of them
the built-in defaults count. Every key can also be given as an environment variable, which wins over the file:
`FAX_GATEWAY__SMTP__LISTEN='["127.0.0.1:25"]'` (lists and tables as JSON).

A **secret** `x` can also be given as `x_file = "/path"` (its first line counts), or as a systemd credential named
`section.x`, which wins over both. An optional value that isn't wanted is `""`. Relative paths are beside the
configuration file, where a key doesn't say otherwise.

| kind of value | how to write it |
|---|---|
| duration | a whole number and `s`, `m`, `h` or `d`: `"30s"`, `"10m"`, `"2h"`, `"7d"`; at most `"366d"` |
| host:port | `"127.0.0.1:25"`, `"fax.example.com:25"`, `"[::1]:25"`; a listener with port 0 takes a free one |
| network | `"192.0.2.0/24"`, `"2001:db8::/32"` |
| prefix | the begin of a number in E.164: `"+49"`; `"+"` is every number |
| days and hours | `"Mon-Fri 08:00-18:00"`, `"Sat,Sun 10:00-12:00"`, `"daily 22:00-06:00"` (until the next morning) |

An unknown key or a bad value stops the start: a line for each, with file or variable, key, value and reason, and
`fax-gateway` ends with status 78.
"""

# What a profile leaves out is as in the other sections; these have no other section.
PROFILE_DEFAULTS = {"express": False, "blacklist": False, "timezone": "UTC", "dedupe": True}


def reference() -> str:
    """The whole document."""
    defaults = Settings().model_dump(mode="json") | {"profile": PROFILE_DEFAULTS}
    plain = {name: field for name, field in Settings.model_fields.items() if section_of(field) is None}
    parts = [INTRODUCTION, "## Top level\n", _table(plain, defaults)]
    for name, field in Settings.model_fields.items():
        section = section_of(field)
        if section is not None:
            title = f"`[[{name}]]`" if name == "profile" else f"`[{name}]`"
            parts += [
                f"## {title}\n",
                f"{cleandoc(section.__doc__ or '')}\n",
                _table(section.model_fields, defaults[name]),
            ]
    return "\n".join(parts)


def described_fields() -> Iterator[tuple[str, FieldInfo]]:
    """Every key that has a line in the document, as a dotted path."""
    for name, field in Settings.model_fields.items():
        section = section_of(field)
        if section is None:
            yield name, field
        else:
            yield from ((f"{name}.{key}", each) for key, each in section.model_fields.items())


def _table(fields: Mapping[str, FieldInfo], defaults: Mapping[str, Any]) -> str:
    head = "| key | kind | default | meaning | example |\n|---|---|---|---|---|\n"
    return head + "".join(_row(name, field, defaults.get(name)) for name, field in fields.items())


def _row(name: str, field: FieldInfo, default: Any) -> str:
    cells = [f"`{name}`", kind_of(field), _default(field, default), _meaning(field)]
    return "| " + " | ".join([*cells, _code(field.examples[0]) if field.examples else ""]) + " |\n"


def _default(field: FieldInfo, default: Any) -> str:
    if field.is_required():
        return "required"
    return "" if default in ("", None, {}) else _code(default)


def _meaning(field: FieldInfo) -> str:
    notes = [field.description or ""]
    inner = section_of(field)
    if inner is not None:
        notes.append(f"Keys: {_names(inner)}.")
    if is_secret(field):
        notes.append("**Secret.**")
    return " ".join(notes)


def _names(section: type[BaseModel]) -> str:
    return ", ".join(f"`{name}`" for name in section.model_fields)


def _code(value: Any) -> str:
    return f"`{toml_value(value)}`".replace("|", "\\|")  # a bar would end the cell


if __name__ == "__main__":
    sys.stdout.write(reference())
