"""`jobs erase`: what the spool holds of persons goes, of jobs that have ended; some mails in one transaction."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Literal

from sqlalchemy import Connection

from gateway.control.caller import Caller
from gateway.control.choosing import Ids, no_job, refuse_ambiguous, unknown
from gateway.control.desk import Desk
from gateway.control.jobs import BATCH, MOST_JOBS, Told, Total
from gateway.control.protocol import Refused, Request, Short
from gateway.spool import audit, erasing
from gateway.spool.audit import Deed
from gateway.spool.erasing import Erased
from gateway.spool.erasures import ErasureLog, log_path
from gateway.spool.jobs import Note, load_many
from gateway.spool.search import Search, find


class EraseJobs(Request):
    """All of it must fit; with `sender` also mails of theirs to the postmaster."""

    do: Literal["jobs erase"] = "jobs erase"
    ids: Ids = ()  # or their first digits
    sender: Short | None = None  # a glob of the reverse-path
    number: Short | None = None  # a glob


async def erased(desk: Desk, request: EraseJobs, caller: Caller) -> AsyncGenerator[Total | Told, None]:
    if not (request.ids or request.sender or request.number):
        raise Refused("name jobs by their ids, or by sender or number")
    wanted = Search(ids=request.ids, sender=request.sender, to=request.number, limit=MOST_JOBS + 1)
    found = await desk.spool.read(lambda connection: find(connection, wanted))
    ids, is_more = found[:MOST_JOBS], len(found) > MOST_JOBS
    refuse_ambiguous(request.ids, ids)
    missing = unknown(request.ids, ids)
    yield Total(jobs=len(ids) + len(missing))
    narrowed = any((request.sender, request.number))
    for begin in missing:
        yield Told(job_id=begin, said=no_job(begin, narrowed=narrowed), refused=True)
    told: set[str] = set()
    for start in range(0, len(ids), BATCH):
        some = [job_id for job_id in ids[start : start + BATCH] if job_id not in told]
        for done in (await _erase(desk, caller, some)).done:
            told.add(done.job_id)
            yield Told(job_id=done.job_id, said=done.said, refused=done.refused)
    of_sender = request.sender if not request.ids and request.number is None else None
    if of_sender is not None and (letters := (await _erase(desk, caller, [], of_sender)).letters):
        yield Told(job_id="", said=f"{_mails(letters)} to the postmaster erased", refused=False)
    if is_more:
        yield Told(job_id="", said=f"these were the newest {MOST_JOBS} jobs: say it again for the others", refused=True)


async def _erase(desk: Desk, caller: Caller, ids: Sequence[str], sender: str | None = None) -> Erased:
    """The bytes on disk go once the rows are committed; a crash in between leaves files that housekeeping sweeps."""
    note = Note(caller.actor, desk.clock())
    found = await desk.spool.write(partial(_in_spool, ids, sender, note, ErasureLog(log_path(desk.place)), caller))
    for content_id in found.contents:
        await asyncio.to_thread(desk.contents.erase, content_id)
    return found


def _in_spool(
    ids: Sequence[str], sender: str | None, note: Note, log: ErasureLog, caller: Caller, connection: Connection
) -> Erased:
    found = erasing.erase(connection, load_many(connection, ids), note, log, sender=sender)
    deeds = [
        Deed(
            at=note.at,
            login=caller.name,
            address=caller.address,
            action="erase refused" if done.refused else "erase",
            job_id=done.job_id,
        )
        for done in found.done
    ]
    if found.letters:
        detail = f"{_mails(found.letters)} to the postmaster"
        deeds.append(Deed(at=note.at, login=caller.name, address=caller.address, action="erase", detail=detail))
    audit.note(connection, deeds)
    return found


def _mails(count: int) -> str:
    return f"{count} mail" if count == 1 else f"{count} mails"
