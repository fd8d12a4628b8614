"""``fax-gateway db``: the spool's schema."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption, load
from gateway.cli.ownership import NotTheOwner, become_owner
from gateway.spool.lock import SpoolLocked, take_lock
from gateway.spool.migrations import WrongRelease, pending, upgrade
from gateway.spool.place import Place

app = typer.Typer(help="The spool's database.", no_args_is_help=True)


DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


@app.callback()
def group() -> None:
    """The spool's database."""


@app.command("upgrade")
def upgrade_spool(context: typer.Context, dry_run: DryRunOption = False, config: ConfigOption = None) -> None:
    """Bring the spool to this release's schema; `serve` does the same when it starts."""
    spool = load(context, config).spool
    try:
        become_owner(spool)
        steps = pending(spool)
        for step in steps:
            needs = f"; needs daemons of schema {step.oldest_daemon} and later" if step.oldest_daemon else ""
            typer.echo(f"{step.version:04}  {step.sentence}{needs}")
        if not dry_run:
            _upgrade(spool)
    except NotTheOwner as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(Exit.NOPERM) from reason
    except (SpoolLocked, WrongRelease) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(Exit.FAILED) from refusal
    if not steps or not dry_run:
        typer.echo(f"{spool} has the schema of this release")


def _upgrade(spool: Place) -> None:
    """A SQLite spool under its lock; on a server daemons may go on meanwhile."""
    if not isinstance(spool, Path):
        upgrade(spool)
        return
    lock = take_lock(spool)
    try:
        upgrade(spool)
    finally:
        os.close(lock)
