"""``fax-gateway db``: the spool's schema, its backups, and back."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway.cli.operator import operator
from gateway.cli.options import ConfigOption, Loaded, load
from gateway.daemon.wiring import content_store
from gateway.spool import audit, database
from gateway.spool.audit import Deed
from gateway.spool.backup.manifest import BadBackup, Manifest
from gateway.spool.backup.parts import ERASURES, Piece, backup
from gateway.spool.backup.restoring import NotRestored, restore
from gateway.spool.backup.writing import write_backup
from gateway.spool.erasing import replay
from gateway.spool.erasures import ErasureLog, log_path
from gateway.spool.jobs import Note
from gateway.spool.lock import SpoolLocked, take_lock
from gateway.spool.migrations import WrongRelease, pending, upgrade
from gateway.spool.place import Place
from gateway.spool.presence import exists
from gateway.spool.restored import hold_restored

app = typer.Typer(help="The spool's database.", no_args_is_help=True)

DirectoryArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The backup's directory.")]

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


@app.callback()
def group() -> None:
    """The spool's database."""


@app.command("upgrade")
def upgrade_spool(context: typer.Context, dry_run: DryRunOption = False, config: ConfigOption = None) -> None:
    """Bring the spool to this release's schema; `serve` does the same when it starts."""
    spool = load(context, config).spool
    try:
        steps = pending(spool)
        for step in steps:
            needs = f"; needs daemons of schema {step.oldest_daemon} and later" if step.oldest_daemon else ""
            typer.echo(f"{step.version:04}  {step.sentence}{needs}")
        if not dry_run:
            _upgrade(spool)
    except (SpoolLocked, WrongRelease) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from refusal
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


@app.command("backup")
def back_up(context: typer.Context, directory: DirectoryArgument, config: ConfigOption = None) -> None:
    """Write the spool into a new directory, beside a daemon that may run."""
    loaded = load(context, config)
    if not exists(loaded.spool):
        raise _failed(f"there is no spool {loaded.spool} yet: the daemon makes it when it starts")
    _refuse_strangers(loaded.spool, "back up")
    try:
        manifest = write_backup(directory, _shown(_own_backup(loaded)))
    except (BadBackup, OSError, DBAPIError) as error:
        raise _failed(f"no backup was made: {error}") from error
    _tell(directory, manifest)


@app.command("restore")
def restore_spool(
    context: typer.Context,
    directory: DirectoryArgument,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also over a spool that holds something: it is set aside, and kept.")
    ] = False,
    erasures: Annotated[
        list[Path] | None,
        typer.Option("--erasures", metavar="FILE", help="Further erasure logs to heed, as a later backup's."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Make a backup the spool, while no daemon runs; what had not ended waits for `jobs release`."""
    loaded = load(context, config)
    _refuse_strangers(loaded.spool, "restore")
    now = datetime.now(UTC)
    logs = [ErasureLog(path) for path in (directory / ERASURES, *(erasures or ()))]
    for path in erasures or ():
        if not path.is_file():
            raise _failed(f"there is no erasure log {path}")
    note = Note(operator(), now)
    counts: list[int] = []

    def then(connection: Connection, manifest: Manifest) -> Iterable[str]:
        keys = ErasureLog(log_path(loaded.spool)).merge(logs)
        counts.append(hold_restored(connection, manifest.at, note))
        erased = replay(connection, keys, note)
        counts.append(len(erased.done))
        deed = Deed(at=now, login=note.actor, address="", action="restore", detail=f"backup of {manifest.at}")
        audit.note(connection, [deed])
        return erased.contents

    try:
        restored = restore(
            directory, loaded.spool, content_store(loaded.settings, loaded.spool), then, replace=replace, at=now
        )
    except (BadBackup, NotRestored, SpoolLocked, WrongRelease, OSError, DBAPIError) as error:
        raise _failed(f"nothing was restored: {error}") from error
    held, erased = counts
    manifest = restored.manifest
    typer.echo(f"{loaded.spool} is the backup of {manifest.at:%Y-%m-%d %H:%M:%S} UTC")
    for path in restored.set_aside:
        typer.echo(f"what was there is now {path}")
    if erased:
        typer.echo(f"{erased} jobs were erased again")
    if held:
        typer.echo(
            f"{held} jobs had not ended and were perhaps faxed since: they are held, and their reports are looked for. "
            "See `fax-gateway jobs list --state held`; `jobs release --may-duplicate` sends one all the same"
        )
    typer.echo("passwords and roles are those of the backup: see `fax-gateway users list`")


def _own_backup(loaded: Loaded) -> Iterator[Piece]:
    return backup(
        lambda: database.snapshot(loaded.spool),
        content_store(loaded.settings, loaded.spool),
        ErasureLog(log_path(loaded.spool)),
        datetime.now(UTC),
    )


def _shown(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """What a person sees who waits for it."""
    columns = (SpinnerColumn(), TextColumn("{task.fields[part]}  {task.completed:,} bytes"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not Console().is_terminal) as bar:
        task = bar.add_task("", total=None, part="")
        for piece in pieces:
            yield piece
            bar.update(task, advance=len(piece.data), part=piece.part)


def _tell(directory: Path, manifest: Manifest) -> None:
    size = sum(facts.size for facts in manifest.parts.values())
    typer.echo(
        f"{directory} holds the spool of {manifest.at:%Y-%m-%d %H:%M:%S} UTC: {manifest.rows['job']} jobs, "
        f"{manifest.contents} mails and documents, {size:,} bytes"
    )
    if manifest.missing:
        typer.echo(
            f"{len(manifest.missing)} mails or documents have lost their files, in the spool too; their ids stand in "
            "manifest.json",
            err=True,
        )
        raise typer.Exit(1)


def _refuse_strangers(spool: Place, what: str) -> None:
    """Whoever else wrote there would leave files that the daemon can't use, and root would be asked for nothing."""
    if not isinstance(spool, Path):
        return
    known = spool if spool.exists() else spool.parent
    if known.exists() and known.stat().st_uid != os.geteuid():
        raise _failed(f"only the spool's owner can {what} it: sudo -u \\#{known.stat().st_uid} fax-gateway db ...")


def _failed(said: str) -> typer.Exit:
    typer.echo(said, err=True)
    return typer.Exit(1)
