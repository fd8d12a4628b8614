"""``fax-gateway db``: the spool's schema, its backups, and back."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.cli.asking import Asking
from gateway.cli.exits import Exit
from gateway.cli.operator import operator
from gateway.cli.options import ConfigOption, load
from gateway.cli.output import counted, progress
from gateway.cli.ownership import NotTheOwner, become_owner
from gateway.cli.unusable import unusable
from gateway.control.backups import BackUp, PartBegins
from gateway.control.caller import Caller
from gateway.spool import audit
from gateway.spool.audit import Deed
from gateway.spool.backup.manifest import BadBackup, Manifest
from gateway.spool.backup.parts import ERASURES, Piece
from gateway.spool.backup.restoring import NotRestored, restore
from gateway.spool.backup.writing import write_backup
from gateway.spool.content import content_of
from gateway.spool.erasing import replay
from gateway.spool.erasures import ErasureLog, log_path
from gateway.spool.jobs import Note
from gateway.spool.lock import SpoolLocked, take_lock
from gateway.spool.migrations import WrongRelease, pending, upgrade
from gateway.spool.place import Place
from gateway.spool.restored import hold_restored
from gateway.spool.unfinished import RestoreUnfinished

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
    except (SpoolLocked, WrongRelease, RestoreUnfinished) as refusal:
        raise _failed(str(refusal)) from refusal
    except SQLAlchemyError as error:
        raise _failed(unusable(spool, error)) from error
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
    """Write the spool into a new directory, 0600, beside a daemon that may run."""
    answered = Asking(context, config, writes_elsewhere=True).pieces(BackUp(), TypeAdapter(PartBegins))
    try:
        manifest = write_backup(directory, _pieces(answered))
    except (BadBackup, OSError) as error:
        raise _failed(f"no backup was made: {error}") from error
    size = sum(facts.size for facts in manifest.parts.values())
    typer.echo(
        f"{directory} holds the spool of {manifest.at:%Y-%m-%d %H:%M:%S} UTC: {counted(manifest.rows['job'], 'job')}, "
        f"{manifest.contents} mails and documents, {size:,} bytes"
    )
    if manifest.missing:
        raise _failed(
            f"{len(manifest.missing)} mails or documents have lost their files, in the spool too; their ids stand in "
            "manifest.json"
        )


@app.command("restore")
def restore_spool(
    context: typer.Context,
    directory: DirectoryArgument,
    over: Annotated[
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
    try:
        become_owner(loaded.spool)
    except NotTheOwner as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(Exit.NOPERM) from reason
    for path in erasures or ():
        if not path.is_file():
            raise _failed(f"nothing was restored: there is no erasure log {path}")
    logs = [ErasureLog(path) for path in (directory / ERASURES, *(erasures or ()))]
    settings, now = loaded.settings.database, datetime.now(UTC)
    treated = _Treatment(loaded.spool, logs, Caller(operator(), "command line"), now)
    contents = content_of(loaded.spool, settings.content, settings.content_dir)
    try:
        restored = restore(directory, loaded.spool, contents, treated, replace=over, at=now)
    except (BadBackup, NotRestored, SpoolLocked, WrongRelease, OSError) as error:
        raise _failed(f"nothing was restored: {error}") from error
    except DBAPIError as error:
        raise _failed(f"nothing was restored: {unusable(loaded.spool, error)}") from error
    typer.echo(f"{loaded.spool} is the backup of {restored.manifest.at:%Y-%m-%d %H:%M:%S} UTC")
    for path in restored.set_aside:
        typer.echo(f"what was there is now {path}")
    if treated.erased:
        typer.echo(f"{counted(treated.erased, 'job')} erased again")
    if treated.held:
        typer.echo(
            f"{counted(treated.held, 'job')} had not ended, and may have been faxed since: held, and looked for at the "
            "fax service. See `fax-gateway jobs list --state held`; `jobs release --may-duplicate` sends one anyway"
        )
    typer.echo("passwords and roles are those of the backup: see `fax-gateway users list`")


class _Treatment:
    """What is done to restored rows before a daemon has them, and how many it was."""

    def __init__(self, spool: Place, logs: Sequence[ErasureLog], caller: Caller, at: datetime) -> None:
        self._log, self._logs = ErasureLog(log_path(spool)), logs
        self._caller = caller
        self._at = at
        self.held = self.erased = 0

    def __call__(self, connection: Connection, manifest: Manifest) -> Iterable[str]:
        note = Note(self._caller.actor, self._at)
        self.held = hold_restored(connection, manifest.at, note)
        erased = replay(connection, self._log.merge(self._logs), note)
        self.erased = len(erased.done)
        deed = Deed(at=self._at, login=self._caller.name, address=self._caller.address, action="restore")
        again = [replace(deed, action="erase", job_id=each.job_id, detail="again") for each in erased.done]
        audit.note(connection, [replace(deed, detail=f"the backup of {manifest.at.isoformat()}"), *again])
        return erased.contents


def _pieces(answered: Iterable[PartBegins | bytes]) -> Iterator[Piece]:
    part = ""
    with progress("backing up: MiB", None) as advance:
        for each in answered:
            if isinstance(each, bytes):
                yield Piece(part, each)
                advance(len(each) / 2**20)
            else:
                part = each.part


def _failed(said: str) -> typer.Exit:
    typer.echo(said, err=True)
    return typer.Exit(Exit.FAILED)
