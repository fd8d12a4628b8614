"""Jobs, from the command line: found, their story told, moved.

Many are handled some at a time: mails go on being taken in between, and whoever asks sees how far it is.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import Connection

from gateway.control.caller import Caller
from gateway.control.choosing import Ids, no_job, refuse_ambiguous, unknown
from gateway.control.desk import Desk
from gateway.control.protocol import Item, Moment, Refused, Request, Short
from gateway.spool import audit
from gateway.spool.audit import Deed
from gateway.spool.job import Job
from gateway.spool.jobs import Note, load_many
from gateway.spool.operations import Done, Operation
from gateway.spool.prospects import OPERATIONS, SURE_OPERATIONS, Action
from gateway.spool.search import Line, Search, find, story
from gateway.spool.states import State

MOST_JOBS = 100_000
BATCH = 100  # jobs in one transaction


class Choice(Request):
    """Which jobs: all of it must fit; what is empty doesn't count."""

    ids: Ids = ()  # or their first digits
    sender: Short | None = None  # a glob of the reverse-path
    to: Short | None = None  # a glob of the number
    state: State | None = None


class ListJobs(Choice):
    do: Literal["jobs list"] = "jobs list"
    find: Annotated[str, Field(max_length=1000)] | None = None  # a Message-ID may be long
    limit: Annotated[int, Field(ge=1, le=MOST_JOBS)] = 100


class ShowJobs(Request):
    do: Literal["jobs show"] = "jobs show"
    ids: Ids


class ActOnJobs(Choice):
    do: Literal["jobs act"] = "jobs act"
    action: Action
    may_duplicate: bool = False  # also to those who perhaps have the fax already, or got it since a backup


class Outcome(Item):
    """Of one recipient."""

    number: str
    status: str | None
    reason: str | None


class StoryLine(Item):
    at: Moment
    actor: str
    name: str
    from_state: str | None
    to_state: str | None
    detail: str


class ShownJob(Item):
    id: str
    state: State
    former: State | None  # of a held one
    perhaps_arrived: bool
    received_at: Moment
    created_at: Moment
    start_at: Moment
    restored_at: Moment | None  # from a backup
    erased_at: Moment | None  # what it held of persons is gone
    sender: str
    client: str
    helo: str
    message_id: str | None
    queue_id: str | None
    envid: str | None
    subject: str
    parent_id: str | None
    fax4a_job_id: str | None
    datacenter: str | None
    pages: int | None
    last_error: str | None
    recipients: tuple[Outcome, ...]
    story: tuple[StoryLine, ...] | None = None  # where it was asked for


class Total(Item):
    """How many jobs were found; that many ``Told`` follow."""

    jobs: int


class Told(Item):
    """What came of it for one job."""

    job_id: str
    said: str
    refused: bool


async def listed(desk: Desk, request: ListJobs) -> AsyncGenerator[ShownJob, None]:
    """The newest first."""
    wanted = _search(request, find=request.find, limit=request.limit)
    ids = await desk.spool.read(lambda connection: find(connection, wanted))
    for some in _batches(ids):
        for job in await desk.spool.read(partial(_loaded, some)):
            yield _shown(job)


async def told(desk: Desk, request: ShowJobs) -> AsyncGenerator[ShownJob, None]:
    wanted = Search(ids=request.ids, limit=MOST_JOBS)
    for job_id in await desk.spool.read(lambda connection: find(connection, wanted)) if request.ids else ():
        for job, lines in await desk.spool.read(partial(_with_story, job_id)):
            yield _shown(job, lines)


async def acted(desk: Desk, request: ActOnJobs, caller: Caller) -> AsyncGenerator[Total | Told, None]:
    if not (request.ids or request.sender or request.to or request.state):
        raise Refused("name jobs by their ids, or by sender, number or state")
    wanted = _search(request, limit=MOST_JOBS)
    ids = await desk.spool.read(lambda connection: find(connection, wanted))
    refuse_ambiguous(request.ids, ids)
    missing = unknown(request.ids, ids)
    yield Total(jobs=len(ids) + len(missing))
    narrowed = any((request.sender, request.to, request.state))
    for begin in missing:
        yield Told(job_id=begin, said=no_job(begin, narrowed=narrowed), refused=True)
    for some in _batches(ids):
        note = Note(caller.actor, desk.clock())
        for done in await desk.spool.write(partial(_act, some, request, caller, note)):
            yield Told(job_id=done.job_id, said=done.said, refused=done.refused)
        desk.errands.moved()


def _act(ids: Sequence[str], request: ActOnJobs, caller: Caller, note: Note, connection: Connection) -> list[Done]:
    operation = _operation(request)
    done = [operation(connection, job, note) for job in _loaded(ids, connection)]
    audit.note(connection, [_deed(request.action, each, caller, note.at) for each in done])
    return done


def _operation(request: ActOnJobs) -> Operation:
    sure = SURE_OPERATIONS.get(request.action) if request.may_duplicate else None
    return sure or OPERATIONS[request.action]


def _deed(action: Action, done: Done, caller: Caller, at: datetime) -> Deed:
    name = f"{action.value} refused" if done.refused else action.value
    return Deed(at=at, login=caller.name, address=caller.address, action=name, job_id=done.job_id, detail=done.said)


def _search(choice: Choice, *, limit: int, find: str | None = None) -> Search:
    return Search(ids=choice.ids, sender=choice.sender, to=choice.to, state=choice.state, find=find, limit=limit)


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, BATCH)):
        yield some


def _loaded(ids: Sequence[str], connection: Connection) -> list[Job]:
    """In the order of `ids`, without those that were purged meanwhile."""
    found = {job.id: job for job in load_many(connection, ids)}
    return [found[job_id] for job_id in ids if job_id in found]


def _with_story(job_id: str, connection: Connection) -> list[tuple[Job, list[Line]]]:
    return [(job, story(connection, job.id)) for job in _loaded([job_id], connection)]


def _shown(job: Job, lines: Sequence[Line] | None = None) -> ShownJob:
    return ShownJob(
        id=job.id,
        state=job.state,
        former=job.standing.former,
        perhaps_arrived=job.standing.perhaps_arrived,
        received_at=job.mail.received_at,
        created_at=job.created_at,
        start_at=job.start_at,
        restored_at=job.restored_at,
        erased_at=job.erased_at,
        sender=job.mail.reverse_path,
        client=job.mail.client,
        helo=job.mail.helo,
        message_id=job.mail.message_id,
        queue_id=job.mail.queue_id,
        envid=job.mail.envid,
        subject=job.mail.subject,
        parent_id=job.parent_id,
        fax4a_job_id=job.wire_id,
        datacenter=job.datacenter,
        pages=job.pages,
        last_error=job.last_error,
        recipients=tuple(
            Outcome(number=each.number, status=each.status, reason=each.reason) for each in job.recipients
        ),
        story=tuple(_line(each) for each in lines) if lines is not None else None,
    )


def _line(line: Line) -> StoryLine:
    return StoryLine(
        at=line.at,
        actor=line.actor,
        name=line.name,
        from_state=line.from_state,
        to_state=line.to_state,
        detail=line.detail,
    )
