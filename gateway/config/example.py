"""An example of the file, made from the settings: ``python -m gateway.config.example`` prints it.

Every key stands in it as a comment, with what it means and its default, or an example where it has none.
"""

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.config.keys import is_secret, section_of
from gateway.config.pending import is_pending
from gateway.config.settings import Settings
from gateway.config.toml import toml_value

INTRODUCTION = """\
# fax-gateway.toml(5): every key, with its default, or an example where there is none. Take out the # of what is to
# differ. `fax-gateway check` says what is wrong with the file, `fax-gateway config show --changed` what is in effect.
"""
WIDTH = 110


def example() -> str:
    """The whole file."""
    defaults = Settings().model_dump(mode="json")
    plain = {name: field for name, field in Settings.model_fields.items() if section_of(field) is None}
    lines = [INTRODUCTION, *_keys("", plain, defaults)]
    for name, field in Settings.model_fields.items():
        section = section_of(field)
        if section is not None:
            lines += ["", *_section(name, section, defaults)]
    return "\n".join(lines) + "\n"


def _section(name: str, section: type[BaseModel], defaults: dict[str, Any]) -> Iterator[str]:
    """Of profiles there are none by default: the header is a comment, too."""
    listed = name == "profile"
    yield from _comment(section.__doc__ or "")
    yield f"#[[{name}]]" if listed else f"[{name}]"
    yield from _keys(name, section.model_fields, {} if listed else defaults[name])


def _keys(section: str, fields: dict[str, FieldInfo], defaults: dict[str, Any]) -> Iterator[str]:
    for name, field in fields.items():
        yield from _comment((field.description or "") + _notes(f"{section}.{name}" if section else name, field))
        yield f"#{name} = {toml_value(_shown(field, defaults.get(name)))}"


def _notes(key: str, field: FieldInfo) -> str:
    name = key.rpartition(".")[2]
    secret = f" Better {name}_file, or a credential of systemd." if is_secret(field) else ""
    return secret + (" Has no effect yet." if is_pending(key) else "")


def _shown(field: FieldInfo, default: Any) -> Any:
    if default in (None, "") and field.examples:
        return field.examples[0]
    return default


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), WIDTH)]


if __name__ == "__main__":
    sys.stdout.write(example())
