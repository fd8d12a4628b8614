"""The command ``fax-gateway``. Each command has a file of its own; what they do stands in the rooms below.

Only the command that is called is imported: all of them together take two seconds.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway import __version__
from gateway.cli.options import Chosen

# Where each stands: a function, or a group of commands.
COMMANDS = {
    "serve": "serve:serve",
    "sandbox": "sandbox:sandbox",
    "demo": "demo:demo",
    "init": "init:init",
    "check": "check:check",
    "preview": "preview:preview",
    "jobs": "jobs:app",
    "pause": "pause:pause",
    "resume": "pause:resume",
    "users": "users:app",
    "audit": "audit:app",
    "config": "config:app",
    "db": "database:app",
}
COMPLETION = "_FAX_GATEWAY_COMPLETE"


def build(*names: str) -> typer.Typer:
    """The command with these of its commands; without a name with all of them."""
    app = typer.Typer(
        name="fax-gateway",
        help="Turns a mail to +4989123456@fax.local into a fax.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # a stack with its local values would show secrets
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=common,
    )
    for name in names or COMMANDS:
        module, _, attribute = COMMANDS[name].partition(":")
        found: typer.Typer | Callable[..., Any] = getattr(import_module(f"gateway.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fax-gateway {__version__}")
        raise typer.Exit


def common(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", help="Configuration file, else $FAX_GATEWAY_CONFIG, else /etc/fax-gateway/config.toml"
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 - the callback has done its work
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Turns a mail to +4989123456@fax.local into a fax."""
    context.obj = Chosen(config)


def called(arguments: Sequence[str]) -> tuple[str, ...]:
    """The command that is called; empty where help or completion wants to know them all. Pure."""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--config":
            next(rest, None)
        elif argument in COMMANDS:
            return (argument,)
        elif not argument.startswith("--config="):
            break
    return ()


def completed(environ: Mapping[str, str]) -> list[str]:
    """The words behind the command's name, as far as they are typed: how bash, zsh and fish tell them. Pure."""
    return (environ.get("COMP_WORDS") or environ.get("_TYPER_COMPLETE_ARGS") or "").split()[1:]


def main() -> None:
    app = build(*called(completed(os.environ) if COMPLETION in os.environ else sys.argv[1:]))
    app(prog_name="fax-gateway")
