"""fax-gateway.toml(5): what the settings say of themselves."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.cli.manual.mdoc import argument, example, heading, paragraph, tagged
from gateway.config import Settings
from gateway.config.keys import is_secret, section_of
from gateway.config.kinds import kind_of
from gateway.config.toml import toml_value

LONGEST_INLINE = 50  # characters
KINDS = {
    "duration": 'A whole number and s, m, h or d: `"30s"`, `"10m"`, `"2h"`, `"7d"`; at most `"366d"`.',
    "host:port": '`"127.0.0.1:25"`, `"fax.example.com:25"`, `"[::1]:25"`; a listener with port 0 takes a free one.',
    "network": '`"192.0.2.0/24"`, `"2001:db8::/32"`.',
    "prefix": 'The begin of a number in E.164: `"+49"`; `"+"` is every number.',
}


def page(date: str) -> str:
    plain = {name: field for name, field in Settings.model_fields.items() if section_of(field) is None}
    lines = [
        f".Dd {date}",
        ".Dt FAX-GATEWAY.TOML 5",
        ".Os",
        ".Sh NAME",
        ".Nm fax-gateway.toml",
        ".Nd configuration of the mail to fax gateway",
        ".Sh DESCRIPTION",
        *paragraph(
            "The configuration of fax-gateway is a TOML file. An unknown key or a bad value stops the start with a "
            "line for each, and exit status 78. An optional value that isn't wanted is an empty text. Relative paths "
            "are beside the file, where a key doesn't say otherwise."
        ),
        ".Pp",
        *paragraph(
            "Every key can also be given as an environment variable, which wins over the file; lists and tables are "
            "written as JSON:"
        ),
        *example("FAX_GATEWAY__SMTP__LISTEN='[\"127.0.0.1:25\"]'"),
        ".Pp",
        *paragraph(
            "A secret x can also be given as x_file, the path of a file whose first line counts, or as a systemd "
            "credential named section.x, which wins over both. `fax-gateway config show` says which value counts, and "
            "where it comes from."
        ),
        ".Ss Kinds of value",
        *tagged((argument(kind), paragraph(text)) for kind, text in KINDS.items()),
        ".Ss Top level",
        *_keys("", plain),
    ]
    for name, field in Settings.model_fields.items():
        section = section_of(field)
        if section is not None:
            title = f"[[{name}]]" if name == "profile" else f"[{name}]"
            lines += [heading(title), *paragraph(section.__doc__ or ""), *_keys(name, section.model_fields)]
    lines += [".Sh FILES", ".Bl -tag -width Ds", ".It Pa /etc/fax-gateway/config.toml", "The usual place.", ".El"]
    return "\n".join([*lines, ".Sh EXAMPLES", *_example(), ".Sh SEE ALSO", ".Xr fax-gateway 1", ""])


def _keys(section: str, fields: Mapping[str, FieldInfo]) -> list[str]:
    return tagged(_key(section, name, field) for name, field in fields.items())


def _key(section: str, name: str, field: FieldInfo) -> tuple[str, list[str]]:
    inner = section_of(field)
    notes = [field.description or "", f"Kind: {kind_of(field)}."]
    if field.is_required():
        notes.append("Required.")
    if is_secret(field):
        notes.append(f"A secret: better as `{name}_file` or as a credential.")
    lines = [*paragraph(" ".join(notes)), *_default(section, name), *_example_of(name, field)]
    if inner is not None:
        lines += [*paragraph("Its keys:"), *tagged(_inner(inner))]
    return f"Ic {argument(name)}", lines


def _inner(section: type[BaseModel]) -> Iterator[tuple[str, list[str]]]:
    """Of a table in a profile; a key without a description overrides the one of that name in a section."""
    for name, field in section.model_fields.items():
        yield f"Ic {argument(name)}", paragraph(f"{field.description or 'As there.'} Kind: {kind_of(field)}.")


def _default(section: str, name: str) -> list[str]:
    usual = Settings().model_dump(mode="json")
    value: Any = usual.get(section, {}) if section else usual
    default = value.get(name) if isinstance(value, dict) else None
    if default in (None, "", {}):
        return []
    text = toml_value(default)
    return paragraph(f"Default: `{text}`.") if len(text) < LONGEST_INLINE else ["Default:", *example(text)]


def _example_of(name: str, field: FieldInfo) -> list[str]:
    return example(f"{name} = {toml_value(field.examples[0])}") if field.examples else []


def _example() -> list[str]:
    return example(
        'hostname = "fax.example.com"',
        "[smtp]",
        'listen = ["192.0.2.10:25"]',
        'domains = ["fax.example.com"]',
        'relay_networks = ["192.0.2.0/24"]',
        "[retarus]",
        'customer_number = "99999"',
        'username = "fax-gateway@example.com"',
        'password_file = "password"',
        "[notify]",
        'smarthost = "mail.example.com:25"',
    )
