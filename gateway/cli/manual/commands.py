"""fax-gateway(1): what the command tree says of itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import typer

from gateway.cli.exits import MEANINGS
from gateway.cli.manual.mdoc import argument, example, literal, paragraph, tagged
from gateway.config.sources import DEFAULT_PATH, VARIABLE

# Every command takes it; the page tells of it once.
COMMON = "config"

SIGNALS = {
    "SIGTERM": "Mail in hand is answered, answers on their way are waited for, then the daemon stops.",
    "SIGHUP": "Configuration and certificates are read again; a bad file changes nothing.",
}
EXAMPLES = {
    "See a fax go through, with no account and no network:": "fax-gateway demo",
    "Is everything there that a fax needs?": "fax-gateway check",
    "May this sender fax to that number?": "fax-gateway check --sender jana@example.com --to +4989123456",
    "What became of a mail that Postfix delivered?": "fax-gateway jobs list --find 4XyZ12",
    "Stop everything, now:": "fax-gateway pause",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """`names`: of an option, with their hyphens; empty: an argument. `value`: its placeholder; None: a flag."""

    names: Sequence[str]
    value: str | None
    required: bool
    repeated: bool
    help: str
    default: str


@dataclass(frozen=True, slots=True)
class Command:
    path: Sequence[str]
    help: str
    parameters: Sequence[Parameter]


def commands(app: typer.Typer) -> list[Command]:
    """Every command that does something, in the order of the help."""
    return list(_walk(typer.main.get_command(app), ()))


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[Command]:
    inner: Mapping[str, Any] = getattr(command, "commands", {})
    if not inner:
        parameters = [_parameter(each) for each in command.params if each.name != COMMON and not each.hidden]
        yield Command(path, " ".join((command.help or "").split()), parameters)
    for name, each in inner.items():
        yield from _walk(each, (*path, name))


def _parameter(param: Any) -> Parameter:
    is_option = param.param_type_name == "option"
    kind = param.type_descriptor.annotation
    choices = [str(each.value) for each in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []
    one_of = f" One of {', '.join(choices)}." if choices and not param.metavar else ""
    return Parameter(
        names=(*param.opts, *param.secondary_opts) if is_option else (),
        value=None if getattr(param, "is_flag", False) else (param.metavar or param.name.upper()).strip("[]"),
        required=param.required,
        repeated=param.nargs == -1,
        help=(param.help or "") + one_of,
        default="" if param.default in (None, False, True) else str(param.default),
    )


def page(app: typer.Typer, date: str) -> str:
    found = commands(app)
    lines = [
        f".Dd {date}",
        ".Dt FAX-GATEWAY 1",
        ".Os",
        ".Sh NAME",
        ".Nm fax-gateway",
        ".Nd mail to fax by the Retarus Fax-for-Applications API",
        ".Sh SYNOPSIS",
        ".Nm",
        ".Op Fl \\-config Ar file",
        ".Ar command",
        ".Op Ar argument ...",
        ".Nm",
        ".Fl \\-version",
        ".Sh DESCRIPTION",
        ".Nm",
        *paragraph(
            "turns a mail to a number's address into a fax. No mail that was answered 250 is lost, no fax goes out "
            "twice, and no sender is left without a word."
        ),
        ".Pp",
        *paragraph("The options that every command takes, before or after its name:"),
        *tagged(
            [
                ("Fl \\-config Ar file", paragraph(f"The configuration, else ${VARIABLE}, else {DEFAULT_PATH}.")),
                ("Fl h , \\-help", paragraph("Say what the command does, and stop.")),
            ]
        ),
        ".Ss Commands",
        *tagged((_synopsis(command), _described(command)) for command in found),
        ".Ss Signals",
        *paragraph("The daemon heeds"),
        *tagged((f"Dv {name}", paragraph(text)) for name, text in SIGNALS.items()),
        ".Ss Shell completion",
        *paragraph("For the user who asks, in the shell that is in use:"),
        *example("fax-gateway --install-completion"),
        ".Pp",
        *paragraph("For every user, bash, zsh and fish:"),
        *example(
            "_FAX_GATEWAY_COMPLETE=source_bash fax-gateway",
            "_FAX_GATEWAY_COMPLETE=source_zsh fax-gateway",
            "_FAX_GATEWAY_COMPLETE=source_fish fax-gateway",
        ),
        *paragraph("print what belongs into a directory that the shell reads:"),
        *example(
            "/usr/share/bash-completion/completions/fax-gateway",
            "/usr/share/zsh/vendor-completions/_fax-gateway",
            "/usr/share/fish/vendor_completions.d/fax-gateway.fish",
        ),
        ".Sh ENVIRONMENT",
        *tagged(
            [
                (f"Ev {VARIABLE}", paragraph("The configuration file.")),
                (
                    "Ev FAX_GATEWAY__SECTION__KEY",
                    [*paragraph("A key of the configuration; see"), ".Xr fax-gateway.toml 5 ."],
                ),
                ("Ev STATE_DIRECTORY", paragraph("Where a relative spool stands (systemd sets it).")),
                ("Ev CREDENTIALS_DIRECTORY", paragraph("Where secrets are found (systemd sets it).")),
            ]
        ),
        ".Sh FILES",
        *tagged(
            [
                (f"Pa {DEFAULT_PATH}", paragraph("The configuration.")),
                ("Pa /var/lib/fax-gateway", paragraph("The spool of the packaged service.")),
            ]
        ),
        ".Sh EXIT STATUS",
        *tagged((str(status.value), paragraph(text)) for status, text in MEANINGS.items()),
        ".Sh EXAMPLES",
        *(line for text, command in EXAMPLES.items() for line in (*paragraph(text), f".Dl {literal(command)}", ".Pp")),
    ]
    lines.pop()
    return "\n".join([*lines, ".Sh SEE ALSO", ".Xr fax-gateway.toml 5", ""])


def _synopsis(command: Command) -> str:
    words = ["Ic", " ".join(argument(word) for word in command.path)]
    for parameter in command.parameters:
        if parameter.names:
            continue
        value = argument(parameter.value or "")
        words += ["Ar", value] if parameter.required else ["Op", "Ar", value]
        if parameter.repeated:
            words.append("...")
    return " ".join(words)


def _described(command: Command) -> list[str]:
    options = [each for each in command.parameters if each.names]
    arguments = [each for each in command.parameters if not each.names]
    return [
        *paragraph(command.help),
        *tagged((f"Ar {argument(each.value or '')}", paragraph(each.help)) for each in arguments),
        *tagged((_option(each), paragraph(each.help + _default(each))) for each in options),
    ]


def _option(parameter: Parameter) -> str:
    names = " , ".join(f"Fl {argument(name.removeprefix('-'))}" for name in parameter.names)
    return names if parameter.value is None else f"{names} Ar {argument(parameter.value)}"


def _default(parameter: Parameter) -> str:
    return f" Default: `{parameter.default}`." if parameter.default else ""
