"""``fax-gateway users``: the logins of SMTP AUTH and of the dashboard. A daemon that runs knows them at once."""

import sys
from typing import Annotated

import typer
from pydantic import SecretStr, TypeAdapter, ValidationError

from gateway.cli.asking import Asking
from gateway.cli.completion import user_names
from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption
from gateway.cli.output import JsonOption, show, show_json, table
from gateway.control.users import Added, AddUser, ListUsers, Removed, RemoveUser, User
from gateway.spool.logins import Role

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Of the login, in any case.", autocompletion=user_names)
]
RoleOption = Annotated[
    Role | None,
    typer.Option(
        "--role",
        help="In the dashboard: mail (SMTP AUTH only), viewer (no content), operator, admin. New ones are viewers.",
    ),
]

app = typer.Typer(help="Logins of SMTP AUTH and of the dashboard.", no_args_is_help=True)


@app.command()
def add(context: typer.Context, name: NameArgument, role: RoleOption = None, config: ConfigOption = None) -> None:
    """Make a login, or give it a new password. The password is asked for, or read from a pipe's first line."""
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if sys.stdin.isatty() else _piped()
    try:
        wanted = AddUser(name=name, password=SecretStr(password), role=role)
    except ValidationError:
        raise _too_long() from None
    for done in Asking(context, config).items(wanted, TypeAdapter(Added)):
        typer.echo(f"{name} can log in now" if done.is_new else f"{name} has a new password")


@app.command("list")
def list_logins(context: typer.Context, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show the logins with their roles, and the day on which each was made."""
    shown = table("made", "name", "role")
    found = 0
    for user in Asking(context, config).items(ListUsers(), TypeAdapter(User)):
        found += 1
        if as_json:
            show_json(user)
        else:
            shown.add_row(f"{user.created_at:%Y-%m-%d}", user.name, user.role.value)
    if shown.row_count:
        show(shown)
    elif not found:
        typer.echo("there is no login yet: `fax-gateway users add NAME` makes one", err=True)


@app.command()
def remove(context: typer.Context, name: NameArgument, config: ConfigOption = None) -> None:
    """Remove a login; an SMTP session that stands goes on, one of the dashboard ends."""
    try:
        wanted = RemoveUser(name=name)
    except ValidationError:
        raise _too_long() from None
    for done in Asking(context, config).items(wanted, TypeAdapter(Removed)):
        typer.echo(f"{done.name} can't log in any more")


def _too_long() -> typer.Exit:
    typer.echo("a login's name has 255 characters at most, its password 1024", err=True)
    return typer.Exit(Exit.FAILED)


def _piped() -> str:
    return sys.stdin.readline().rstrip("\r\n")
