"""``fax-gateway jobs``: find jobs, read their story, and act on them beside the daemon that runs."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from gateway.cli.operator import operator
from gateway.cli.options import ConfigOption, load
from gateway.spool import operations
from gateway.spool.database import write_once
from gateway.spool.job import Job
from gateway.spool.jobs import Note
from gateway.spool.operations import Done, Operation
from gateway.spool.presence import exists
from gateway.spool.search import Line, Search, search, story
from gateway.spool.states import State

T = TypeVar("T")

IdsArgument = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Jobs by id; the first digits do.")]
SenderOption = Annotated[str | None, typer.Option("--sender", metavar="GLOB", help="Reverse-path, like *@example.com.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="GLOB", help="Number in E.164, like +4989*.")]
StateOption = Annotated[State | None, typer.Option("--state", help="Only jobs in this state.")]
FindOption = Annotated[
    str | None,
    typer.Option(
        "--find", metavar="X", help="Our id, the API's, Message-ID, ENVID, the relay's queue id, sender, number."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="The newest so many.")]

SHORT_ID = 8
WIDE = 200  # columns, where no terminal says how many it has

app = typer.Typer(help="Find jobs, read their story, act on them.", no_args_is_help=True)


@app.command("list")
def list_jobs(  # noqa: PLR0917 - each is an option of the command
    context: typer.Context,
    ids: IdsArgument = None,
    sender: SenderOption = None,
    to: ToOption = None,
    state: StateOption = None,
    find: FindOption = None,
    as_json: JsonOption = False,
    limit: LimitOption = 100,
    config: ConfigOption = None,
) -> None:
    """Show jobs, the newest first."""
    wanted = Search(ids=ids or (), sender=sender, to=to, state=state, find=find, limit=limit)
    found = _in_spool(context, config, lambda connection: search(connection, wanted))
    if as_json:
        for job in found:
            typer.echo(json.dumps(_as_json(job), ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold")
    for heading in ("job", "state", "received", "start", "from", "to", "pages", "subject"):
        table.add_column(heading, no_wrap=True)
    for job in found:
        table.add_row(*_cells(job))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


@app.command()
def show(
    context: typer.Context, ids: IdsArgument = None, as_json: JsonOption = False, config: ConfigOption = None
) -> None:
    """Tell the whole story of jobs."""
    wanted = Search(ids=ids or ())

    def read(connection: Connection) -> list[tuple[Job, list[Line]]]:
        return [(job, story(connection, job.id)) for job in search(connection, wanted)] if ids else []

    found = _in_spool(context, config, read)
    for job, lines in found:
        if as_json:
            told = [
                {"at": line.at.isoformat(), "actor": line.actor, "name": line.name, "detail": line.detail}
                for line in lines
            ]
            typer.echo(json.dumps(_as_json(job) | {"story": told}, ensure_ascii=False))
        else:
            _tell(job, lines)
    if not found:
        raise typer.Exit(_nothing())


def _acting(name: str, operation: Operation, help_text: str) -> Callable[..., None]:
    def act(
        context: typer.Context,
        ids: IdsArgument = None,
        sender: SenderOption = None,
        to: ToOption = None,
        state: StateOption = None,
        config: ConfigOption = None,
    ) -> None:
        wanted = Search(ids=ids or (), sender=sender, to=to, state=state, limit=100_000)
        _act(context, config, wanted, operation)

    act.__doc__ = help_text
    act.__name__ = name
    return act


app.command("cancel")(
    _acting("cancel", operations.cancel, "Cancel jobs before their submission; their senders are told.")
)
app.command("hold")(_acting("hold", operations.hold, "Keep jobs from being submitted until they are released."))


@app.command()
def release(
    context: typer.Context,
    ids: IdsArgument = None,
    sender: SenderOption = None,
    to: ToOption = None,
    state: StateOption = None,
    may_duplicate: Annotated[
        bool, typer.Option("--may-duplicate", help="Also those of a backup, which were perhaps faxed since.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Let held jobs go on where they were."""
    wanted = Search(ids=ids or (), sender=sender, to=to, state=state, limit=100_000)
    _act(context, config, wanted, operations.release_though_it_may_duplicate if may_duplicate else operations.release)


@app.command()
def retry(
    context: typer.Context,
    ids: IdsArgument = None,
    sender: SenderOption = None,
    to: ToOption = None,
    state: StateOption = None,
    may_duplicate: Annotated[
        bool, typer.Option("--may-duplicate", help="Also to those who perhaps have the fax already.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Make a new job for those recipients of an ended one who did not get the fax."""
    wanted = Search(ids=ids or (), sender=sender, to=to, state=state, limit=100_000)
    _act(context, config, wanted, operations.retry_though_it_may_duplicate if may_duplicate else operations.retry)


def _act(context: typer.Context, config: ConfigOption, wanted: Search, operation: Operation) -> None:
    if not (wanted.ids or wanted.sender or wanted.to or wanted.state):
        typer.echo("name jobs by their ids, or by --sender, --to or --state", err=True)
        raise typer.Exit(2)
    note = Note(operator(), datetime.now(UTC))

    def act(connection: Connection) -> list[Done]:
        found = search(connection, wanted)
        for given in wanted.ids:
            if sum(job.id.startswith(given) for job in found) > 1:
                return [Done(given, "several jobs begin so: write more of its id", refused=True)]
        return [operation(connection, job, note) for job in found]

    done = _in_spool(context, config, act)
    for each in done:
        typer.echo(f"{each.job_id[:SHORT_ID]}  {each.said}", err=each.refused)
    if not done:
        raise typer.Exit(_nothing())
    if any(each.refused for each in done):
        raise typer.Exit(1)


def _nothing() -> int:
    typer.echo("no such job", err=True)
    return 1


def _in_spool(context: typer.Context, config: ConfigOption, work: Callable[[Connection], T]) -> T:
    """In one transaction, beside a daemon that may have the spool."""
    spool = load(context, config).spool
    if not exists(spool):
        typer.echo(f"there is no spool {spool} yet: the daemon makes it when it starts", err=True)
        raise typer.Exit(1)
    return write_once(spool, work)


def _cells(job: Job) -> tuple[str, ...]:
    numbers = [recipient.number for recipient in job.recipients]
    later = job.start_at > job.created_at
    return (
        job.id[:SHORT_ID],
        job.state.value,
        _moment(job.mail.received_at),
        _moment(job.start_at) if later else "",
        job.mail.reverse_path or "<>",
        numbers[0] + (f" +{len(numbers) - 1}" if len(numbers) > 1 else "") if numbers else "",
        str(job.pages) if job.pages is not None else "",
        job.mail.subject[:40],
    )


def _tell(job: Job, lines: list[Line]) -> None:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    facts = {
        "job": job.id,
        "state": job.state.value + (f" (was {job.standing.former})" if job.standing.former else ""),
        "from": f"{job.mail.reverse_path or '<>'} by {job.mail.client} ({job.mail.helo})",
        "Message-ID": job.mail.message_id,
        "relay's queue id": job.mail.queue_id,
        "ENVID": job.mail.envid,
        "subject": job.mail.subject,
        "received": _moment(job.mail.received_at),
        "start": _moment(job.start_at) if job.start_at > job.created_at else None,
        "from a backup": _moment(job.restored_at) if job.restored_at is not None else None,
        "erased": _moment(job.erased_at) if job.erased_at is not None else None,
        "child of": job.parent_id,
        "API's jobId": job.wire_id,
        "data centre": job.datacenter,
        "pages": job.pages,
        "last error": job.last_error,
    }
    for name, value in facts.items():
        if value not in (None, ""):
            console.print(f"{name:>17}  {value}")
    for recipient in job.recipients:
        outcome = f"{recipient.status} {recipient.reason or ''}" if recipient.status else ""
        console.print(f"{'to':>17}  {recipient.number}  {outcome}".rstrip())
    for line in lines:
        moved = f" {line.from_state} → {line.to_state}" if line.to_state else ""
        console.print(f"{_moment(line.at)}  {line.actor}: {line.name}{moved}  {line.detail}".rstrip())


def _as_json(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "state": job.state.value,
        "perhaps_arrived": job.standing.perhaps_arrived,
        "received_at": job.mail.received_at.isoformat(),
        "start_at": job.start_at.isoformat(),
        "restored_at": job.restored_at.isoformat() if job.restored_at is not None else None,
        "erased_at": job.erased_at.isoformat() if job.erased_at is not None else None,
        "sender": job.mail.reverse_path,
        "client": job.mail.client,
        "message_id": job.mail.message_id,
        "queue_id": job.mail.queue_id,
        "envid": job.mail.envid,
        "subject": job.mail.subject,
        "parent_id": job.parent_id,
        "fax4a_job_id": job.wire_id,
        "datacenter": job.datacenter,
        "pages": job.pages,
        "last_error": job.last_error,
        "recipients": [
            {"number": each.number, "status": each.status, "reason": each.reason} for each in job.recipients
        ],
    }


def _moment(moment: datetime) -> str:
    zone = None if os.environ.get("TZ") else UTC
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
