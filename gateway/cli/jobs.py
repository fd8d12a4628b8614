"""``fax-gateway jobs``: find jobs, read their story, and act on them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from gateway.cli.asking import Asking
from gateway.cli.completion import job_ids
from gateway.cli.exits import Exit
from gateway.cli.legal_holds import app as legal_holds
from gateway.cli.options import ConfigOption
from gateway.cli.output import JsonOption, counted, moment, progress, show_json, table
from gateway.cli.output import show as show_table
from gateway.control.choosing import MOST_IDS, no_job, refuse_ambiguous, unknown
from gateway.control.erasing import EraseJobs
from gateway.control.jobs import MOST_JOBS, ActOnJobs, ListJobs, ShowJobs, ShownJob, Told, Total
from gateway.control.protocol import LONGEST_NAME, Refused
from gateway.spool.prospects import Action
from gateway.spool.states import State

IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Jobs by id; the first digits do.", autocompletion=job_ids),
]
SenderOption = Annotated[str | None, typer.Option("--sender", metavar="GLOB", help="Reverse-path, like *@example.com.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="GLOB", help="Number in E.164, like +4989*.")]
NumberOption = Annotated[str | None, typer.Option("--number", metavar="GLOB", help="Number in E.164, like +4989*.")]
StateOption = Annotated[State | None, typer.Option("--state", help="Only jobs in this state.")]
FindOption = Annotated[
    str | None,
    typer.Option(
        "--find", metavar="X", help="Our id, the API's, Message-ID, ENVID, the relay's queue id, sender, number."
    ),
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=MOST_JOBS, help="The newest so many.")]

SHORT_ID = 8
JOB = TypeAdapter(ShownJob)
DEED: TypeAdapter[Total | Told] = TypeAdapter(Total | Told)

app = typer.Typer(help="Find jobs, read their story, act on them.", no_args_is_help=True)
app.add_typer(legal_holds, name="legal-hold")


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
    try:
        wanted = ListJobs(ids=tuple(ids or ()), sender=sender, to=to, state=state, find=find, limit=limit)
    except ValidationError:
        raise _too_much() from None
    found = []
    shown = table("job", "state", "received", "start", "from", "to", "pages", "subject")
    for job in Asking(context, config).items(wanted, JOB):
        found.append(job.id)
        if as_json:
            _show_json(job)
        else:
            shown.add_row(*_cells(job))
    if found and not as_json:
        show_table(shown)
    asked = {"--sender": sender, "--to": to, "--state": state, "--find": find}
    if len(found) < limit:  # else more of them may fit
        _miss(wanted.ids, found, asked)
    if not found and not ids:
        typer.echo(_nothing(asked), err=True)


@app.command()
def show(
    context: typer.Context, ids: IdsArgument = None, as_json: JsonOption = False, config: ConfigOption = None
) -> None:
    """Tell the whole story of jobs."""
    if not ids:
        typer.echo("name jobs by their ids: `fax-gateway jobs list` shows them", err=True)
        raise typer.Exit(Exit.USAGE)
    try:
        wanted = ShowJobs(ids=tuple(ids))
    except ValidationError:
        raise _too_much() from None
    found = []
    for job in Asking(context, config).items(wanted, JOB):
        found.append(job.id)
        if as_json:
            _show_json(job)
        else:
            _tell(job)
    if _miss(wanted.ids, found, {}):
        raise typer.Exit(Exit.FAILED)


def _acting(action: Action, help_text: str) -> Callable[..., None]:
    def act(
        context: typer.Context,
        ids: IdsArgument = None,
        sender: SenderOption = None,
        to: ToOption = None,
        state: StateOption = None,
        as_json: JsonOption = False,
        config: ConfigOption = None,
    ) -> None:
        _act(context, config, action, (ids, sender, to, state), as_json=as_json)

    return _named(act, action, help_text)


def _named(act: Callable[..., None], action: Action, help_text: str) -> Callable[..., None]:
    """As typer and the man page read it."""
    act.__doc__, act.__name__ = help_text, action.value
    return act


app.command("cancel")(_acting(Action.CANCEL, "Cancel jobs before their submission; their senders are told."))
app.command("hold")(_acting(Action.HOLD, "Keep jobs from being submitted until they are released."))


def _asking_first(action: Action, help_text: str, help_of_option: str) -> Callable[..., None]:
    """As ``_acting``, of what may bring a second fax."""

    def act(
        context: typer.Context,
        ids: IdsArgument = None,
        sender: SenderOption = None,
        to: ToOption = None,
        state: StateOption = None,
        may_duplicate: Annotated[bool, typer.Option("--may-duplicate", help=help_of_option)] = False,
        as_json: JsonOption = False,
        config: ConfigOption = None,
    ) -> None:
        _act(context, config, action, (ids, sender, to, state), as_json=as_json, may_duplicate=may_duplicate)

    return _named(act, action, help_text)


app.command("release")(
    _asking_first(
        Action.RELEASE,
        "Let held jobs go on where they were.",
        "Also those of a backup, which were perhaps faxed since.",
    )
)
app.command("retry")(
    _asking_first(
        Action.RETRY,
        "Make a new job for those recipients of an ended one who did not get the fax.",
        "Also to those who perhaps have the fax already.",
    )
)


@app.command()
def erase(
    context: typer.Context,
    ids: IdsArgument = None,
    sender: SenderOption = None,
    number: NumberOption = None,
    sure: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Remove content and person data of jobs that have ended, with all jobs of their mails; can't be undone."""
    if not (ids or sender or number):
        typer.echo("name jobs by their ids, or by --sender or --number", err=True)
        raise typer.Exit(Exit.USAGE)
    try:
        wanted = EraseJobs(ids=tuple(ids or ()), sender=sender, number=number)
        listed = ListJobs(ids=wanted.ids, sender=sender, to=number, limit=MOST_JOBS)
    except ValidationError:
        raise _too_much() from None
    asked = {"--sender": sender, "--number": number}
    if not sure:
        found = [job.id for job in Asking(context, config).items(listed, JOB)]
        try:
            refuse_ambiguous(wanted.ids, found)
        except Refused as reason:
            typer.echo(str(reason), err=True)
            raise typer.Exit(Exit.FAILED) from reason
        letters = sender is not None and not ids and number is None
        if found or letters:
            typer.confirm(_erase_question(len(found), letters=letters), abort=True, err=True)
    _tell_each(Asking(context, config).items(wanted, DEED), "erase: jobs", asked, as_json=as_json)


def _erase_question(count: int, *, letters: bool) -> str:
    """`letters`: mails to the postmaster go too, which are not counted."""
    jobs = f"the newest {counted(count, 'job')}" if count == MOST_JOBS else counted(count, "job")
    also = ", their mails to the postmaster" if letters else ""
    return f"Erase {jobs}, those that came in the same mails{also}, for good?"


Chosen = tuple[list[str] | None, str | None, str | None, State | None]


def _act(
    context: typer.Context,
    config: Path | None,
    action: Action,
    chosen: Chosen,
    *,
    as_json: bool,
    may_duplicate: bool = False,
) -> None:
    ids, sender, to, state = chosen
    if not (ids or sender or to or state):
        typer.echo("name jobs by their ids, or by --sender, --to or --state", err=True)
        raise typer.Exit(Exit.USAGE)
    try:
        wanted = ActOnJobs(
            action=action, ids=tuple(ids or ()), sender=sender, to=to, state=state, may_duplicate=may_duplicate
        )
    except ValidationError:
        raise _too_much() from None
    asked = {"--sender": sender, "--to": to, "--state": state}
    _tell_each(Asking(context, config).items(wanted, DEED), f"{action.value}: jobs", asked, as_json=as_json)


# The options that say which jobs, by their names.
Asked = Mapping[str, str | None]


def _tell_each(done: Iterator[Total | Told], doing: str, asked: Asked, *, as_json: bool) -> None:
    first = next(done)
    total = first.jobs if isinstance(first, Total) else 0
    said = refused = 0
    with progress(doing, total) as advance:
        for each in done:
            assert isinstance(each, Told)
            said += 1
            refused += each.refused
            if as_json:
                show_json(each)
            else:
                typer.echo(f"{each.job_id[:SHORT_ID]}  {each.said}".strip(), err=each.refused)
            advance(1)
    if not said:
        typer.echo(_nothing(asked), err=True)
    if refused or not said:
        raise typer.Exit(Exit.FAILED)


def _miss(begins: Sequence[str], found: Sequence[str], asked: Asked) -> bool:
    """Names the ids that none of the jobs `found` has; whether there is one."""
    missing = unknown(begins, found)
    for begin in missing:
        typer.echo(no_job(begin, narrowed=any(value is not None for value in asked.values())), err=True)
    return bool(missing)


def _nothing(asked: Asked) -> str:
    """Of a search that named no ids."""
    words = [f"{option} {value or repr('')}" for option, value in asked.items() if value is not None]
    return f"no job fits {' '.join(words)}" if words else "there is no job yet"


def _too_much() -> typer.Exit:
    typer.echo(
        f"at most {MOST_IDS} ids at once, none of them empty, and nothing longer than {LONGEST_NAME} characters",
        err=True,
    )
    return typer.Exit(Exit.USAGE)


def _show_json(job: ShownJob) -> None:
    typer.echo(job.model_dump_json(exclude={"story"} if job.story is None else None))


def _cells(job: ShownJob) -> tuple[str, ...]:
    numbers = [recipient.number for recipient in job.recipients]
    later = job.start_at > job.created_at
    return (
        job.id[:SHORT_ID],
        job.state.value,
        moment(job.received_at),
        moment(job.start_at) if later else "",
        job.sender or "<>",
        numbers[0] + (f" +{len(numbers) - 1}" if len(numbers) > 1 else "") if numbers else "",
        str(job.pages) if job.pages is not None else "",
        job.subject[:40],
    )


def _tell(job: ShownJob) -> None:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    facts = {
        "job": job.id,
        "state": job.state.value + (f" (was {job.former})" if job.former else ""),
        "from": f"{job.sender or '<>'} by {job.client} ({job.helo})",
        "Message-ID": job.message_id,
        "relay's queue id": job.queue_id,
        "ENVID": job.envid,
        "subject": job.subject,
        "received": moment(job.received_at),
        "start": moment(job.start_at) if job.start_at > job.created_at else None,
        "from a backup": moment(job.restored_at) if job.restored_at is not None else None,
        "erased": moment(job.erased_at) if job.erased_at is not None else None,
        "child of": job.parent_id,
        "API's jobId": job.fax4a_job_id,
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
    for line in job.story or ():
        moved = f" {line.from_state} → {line.to_state}" if line.to_state else ""
        console.print(f"{moment(line.at)}  {line.actor}: {line.name}{moved}  {line.detail}".rstrip())
