"""`jobs legal-hold`: what is neither purged nor erased until the hold is removed."""

from collections.abc import AsyncGenerator
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import Connection

from gateway.control.caller import Caller
from gateway.control.choosing import MOST_IDS, Ids, no_job, refuse_ambiguous
from gateway.control.desk import Desk
from gateway.control.jobs import MOST_JOBS
from gateway.control.protocol import Item, Moment, Refused, Request, Short
from gateway.spool import audit, legal_holds
from gateway.spool.audit import Deed
from gateway.spool.jobs import Note
from gateway.spool.legal_holds import Hold
from gateway.spool.search import Search, find

LONGEST_REASON = 1000  # characters
Reason = Annotated[str, Field(max_length=LONGEST_REASON)]


class AddHold(Request):
    """On each of the jobs, or on whatever a sender has sent and will send."""

    do: Literal["legal-hold add"] = "legal-hold add"
    ids: Ids = ()  # or their first digits
    sender: Short | None = None  # a glob of the reverse-path
    reason: Reason = ""


class RemoveHolds(Request):
    do: Literal["legal-hold remove"] = "legal-hold remove"
    numbers: Annotated[tuple[int, ...], Field(max_length=MOST_IDS)]


class ListHolds(Request):
    do: Literal["legal-hold list"] = "legal-hold list"


class ShownHold(Item):
    number: int
    job_id: str | None
    sender: str | None
    at: Moment
    actor: str
    reason: str


async def added(desk: Desk, request: AddHold, caller: Caller) -> AsyncGenerator[ShownHold, None]:
    if bool(request.ids) == bool(request.sender):
        raise Refused("name jobs by their ids, or a sender")
    note = Note(caller.actor, desk.clock(), request.reason)
    for hold in await desk.spool.write(lambda connection: _add(connection, request, note, caller)):
        yield _shown(hold)


def _add(connection: Connection, request: AddHold, note: Note, caller: Caller) -> list[Hold]:
    numbers = []
    for begin in request.ids:
        found = find(connection, Search(ids=[begin], limit=MOST_JOBS))
        refuse_ambiguous([begin], found)
        if not found:
            raise Refused(no_job(begin))
        numbers.append(legal_holds.add_for_job(connection, found[0], note))
    if request.sender is not None:
        numbers.append(legal_holds.add_for_sender(connection, request.sender, note))
    holds = [hold for hold in legal_holds.listed(connection) if hold.number in numbers]
    audit.note(connection, [_deed("legal hold", hold, note, caller) for hold in holds])
    return holds


async def removed(desk: Desk, request: RemoveHolds, caller: Caller) -> AsyncGenerator[ShownHold, None]:
    note = Note(caller.actor, desk.clock())

    def work(connection: Connection) -> list[Hold]:
        known = {hold.number: hold for hold in legal_holds.listed(connection)}
        gone = [known[number] for number in request.numbers if number in known]
        for hold in gone:
            legal_holds.remove(connection, hold.number, note)
        audit.note(connection, [_deed("legal hold removed", hold, note, caller) for hold in gone])
        return gone

    for hold in await desk.spool.write(work):
        yield _shown(hold)


async def listed(desk: Desk) -> AsyncGenerator[ShownHold, None]:
    for hold in await desk.spool.read(legal_holds.listed):
        yield _shown(hold)


def _deed(action: str, hold: Hold, note: Note, caller: Caller) -> Deed:
    """Without the sender's address: the audit log outlives what it names."""
    detail = f"number {hold.number}" + (f": {note.detail}" if note.detail else "")
    return Deed(at=note.at, login=caller.name, address=caller.address, action=action, job_id=hold.job_id, detail=detail)


def _shown(hold: Hold) -> ShownHold:
    return ShownHold(
        number=hold.number,
        job_id=hold.job_id,
        sender=hold.sender,
        at=hold.at,
        actor=hold.actor,
        reason=hold.reason,
    )
