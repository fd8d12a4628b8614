"""``fax-gateway db``: the spool's schema."""

import os

import typer

from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption, load
from gateway.cli.ownership import NotTheOwner, become_owner
from gateway.spool.database import SpoolLocked, take_lock
from gateway.spool.migrations import upgrade

app = typer.Typer(help="The spool's database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The spool's database."""


@app.command("upgrade")
def upgrade_spool(context: typer.Context, config: ConfigOption = None) -> None:
    """Bring the spool to this release's schema; `serve` does the same when it starts."""
    spool = load(context, config).spool
    try:
        become_owner(spool)
        lock = take_lock(spool)
    except NotTheOwner as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(Exit.NOPERM) from reason
    except SpoolLocked as locked:
        typer.echo(str(locked), err=True)
        raise typer.Exit(Exit.FAILED) from locked
    try:
        upgrade(spool)
    finally:
        os.close(lock)
    typer.echo(f"{spool} has the schema of this release")
