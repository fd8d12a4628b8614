"""``fax-gateway users``: the logins of SMTP AUTH and of the dashboard. A daemon that runs knows them at once."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Connection

from gateway.cli.options import ConfigOption, load
from gateway.spool import logins
from gateway.spool.database import write_once
from gateway.spool.logins import BadLogin, Role
from gateway.spool.migrations import upgrade
from gateway.spool.presence import exists

T = TypeVar("T")
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the login, in any case.")]
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
    now = datetime.now(UTC)
    is_new = _in_spool(context, config, lambda connection: logins.add(connection, name, password, now, role))
    typer.echo(f"{name} can log in now" if is_new else f"{name} has a new password")


@app.command("list")
def list_logins(context: typer.Context, config: ConfigOption = None) -> None:
    """Show the logins, one a line, with the day on which each was made and its role."""
    for login in _in_spool(context, config, logins.listed):
        typer.echo(f"{login.created_at:%Y-%m-%d}  {login.name}  {login.role}")


@app.command()
def remove(context: typer.Context, name: NameArgument, config: ConfigOption = None) -> None:
    """Remove a login; an SMTP session that stands goes on, one of the dashboard ends."""
    _in_spool(context, config, lambda connection: logins.remove(connection, name))
    typer.echo(f"{name} can't log in any more")


def _in_spool(context: typer.Context, config: ConfigOption, work: Callable[[Connection], T]) -> T:
    spool = load(context, config).spool
    if not exists(spool):
        upgrade(spool)
    try:
        return write_once(spool, work)
    except BadLogin as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _piped() -> str:
    return sys.stdin.readline().rstrip("\r\n")
