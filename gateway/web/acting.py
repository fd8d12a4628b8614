"""Retry, cancel, hold, release: first the questions (the laws ask them: docs/architecture.md), then the deed, once.

A page of questions carries, for each job, the number of the newest line of its story. A deed on a job whose story has
gone on is refused: so a form that is sent twice sends no fax twice.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection, func, select

from gateway.spool import audit, jobs, schema
from gateway.spool.audit import Deed
from gateway.spool.job import Job
from gateway.spool.jobs import Note
from gateway.spool.operations import Done
from gateway.spool.prospects import OPERATIONS, SURE_OPERATIONS, Action, Answer, Prospect, prospect
from gateway.web.call import Call
from gateway.web.desk import Desk

MOST = 200  # jobs at once
TITLES = {
    Action.RETRY: "Send again",
    Action.CANCEL: "Cancel",
    Action.HOLD: "Hold",
    Action.RELEASE: "Release",
}
MOVED_ON = "it has moved on since you were asked: look at it again"


@dataclass(frozen=True, slots=True)
class Question:
    job: Job
    prospect: Prospect
    seen: int  # the newest line of its story


async def ask(desk: Desk, call: Call) -> web.Response:
    """What would be done to the chosen jobs; nothing is done yet."""
    action = _action(call)
    ids = list(dict.fromkeys(call.form.all("id")))[:MOST]
    if action is None or not ids:
        return desk.pages.answer(
            call, "message.html.j2", status=400, title="Nothing was chosen", text="Tick the jobs first."
        )
    questions = await desk.database.read(lambda connection: _questions(connection, ids, action))
    return desk.pages.answer(
        call,
        "ask.html.j2",
        action=action,
        title=TITLES[action],
        questions=questions,
        doable=any(each.prospect.answer is not Answer.IMPOSSIBLE for each in questions),
        answers=Answer,
    )


async def act(desk: Desk, call: Call) -> web.Response:
    """Does it, with an audit row each, in one transaction; then leads to what came of it."""
    action = _action(call)
    ids = list(dict.fromkeys(call.form.all("id")))[:MOST]
    if action is None or not ids:
        return desk.pages.answer(call, "message.html.j2", status=400, title="Nothing was done", text="")
    sure = set(call.form.all("sure"))
    seen = {job_id: call.form.get(f"seen-{job_id}") for job_id in ids}
    now = desk.clock()
    note = Note(f"operator {call.visitor.name}"[:64], now)

    def do(connection: Connection) -> tuple[int, int]:
        found = {job.id: job for job in jobs.load_many(connection, ids)}
        done = [
            _done(connection, found[job_id], action, note, seen=seen[job_id], sure=job_id in sure)
            for job_id in ids
            if job_id in found
        ]
        return audit.note(connection, [_deed(call, action, each, note) for each in done])

    first, last = await desk.database.write(do)
    desk.errands.wake()
    query = urlencode({"first": first, "last": last})
    return web.Response(status=303, headers={"Location": f"{desk.pages.root}/done?{query}"})


async def done(desk: Desk, call: Call) -> web.Response:
    """What came of the visitor's own deed, from the audit log."""
    try:
        first, last = int(call.wanted("first")), int(call.wanted("last"))
    except ValueError:
        first, last = 0, -1
    entries = await desk.database.read(
        lambda connection: audit.newest(connection, before=last + 1, login=call.visitor.name, limit=MOST)
    )
    return desk.pages.answer(
        call, "done.html.j2", entries=[entry for entry in reversed(entries) if entry.number >= first]
    )


def _action(call: Call) -> Action | None:
    name = call.form.get("action")
    return Action(name) if name in set(Action) else None


def _questions(connection: Connection, ids: list[str], action: Action) -> list[Question]:
    found = {job.id: job for job in jobs.load_many(connection, ids)}
    return [
        Question(found[job_id], prospect(found[job_id], action), _newest_line(connection, job_id))
        for job_id in ids
        if job_id in found
    ]


def _done(connection: Connection, job: Job, action: Action, note: Note, *, seen: str, sure: bool) -> Done:
    if seen != str(_newest_line(connection, job.id)):
        return Done(job.id, MOVED_ON, refused=True)
    operation = SURE_OPERATIONS.get(action, OPERATIONS[action]) if sure else OPERATIONS[action]
    return operation(connection, job, note)


def _newest_line(connection: Connection, job_id: str) -> int:
    table = schema.event.c
    return connection.execute(select(func.max(table.id)).where(table.job_id == job_id)).scalar_one() or 0


def _deed(call: Call, action: Action, done: Done, note: Note) -> Deed:
    name = f"{action.value} refused" if done.refused else action.value
    return call.deed(name, note.at, done.job_id, done.said)
