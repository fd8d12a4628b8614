"""/jobs/{id}: everything that is known of a job, from the mail to the last word."""

from dataclasses import dataclass, replace

from aiohttp import web
from sqlalchemy import Connection, select

from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.fax4a.status_words import sentence
from gateway.reasons.matching import change_in_german, translated
from gateway.spool import attempts, jobs, schema
from gateway.spool.attempts import StoredDocument
from gateway.spool.content import ContentPurged, ContentStore
from gateway.spool.job import Job, Recipient
from gateway.spool.logins import Role
from gateway.spool.prospects import possible
from gateway.spool.search import Line, story
from gateway.spool.telling import Said, said_of
from gateway.web.call import Call
from gateway.web.desk import Desk
from gateway.web.language import Language


@dataclass(frozen=True, slots=True)
class Story:
    job: Job
    lines: list[Line]
    said: list[Said]
    documents: list[StoredDocument] | None  # None: their bytes are gone
    children: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A recipient's status with what it means."""

    recipient: Recipient
    tone: str
    sentence: str


async def show(desk: Desk, call: Call) -> web.Response:
    found = await desk.database.read(lambda connection: load(connection, desk.contents, call.wanted("id")))
    if found is None:
        return no_such_job(desk, call)
    may_read = call.may(Role.OPERATOR)
    words = [(each, await desk.errands.letter(each.letter) if may_read else "") for each in found.said]
    request = desk.errands.request(found.job, found.documents) if may_read and found.documents else None
    return desk.pages.answer(
        call,
        "job.html.j2",
        job=found.job,
        lines=[_line(each, call.language) for each in found.lines],
        words=words,
        documents=found.documents,
        children=found.children,
        outcomes=[_outcome(each, call.language) for each in found.job.recipients],
        request=request,
        actions=possible(found.job) if may_read else (),
        may_read=may_read,
    )


def no_such_job(desk: Desk, call: Call) -> web.Response:
    return desk.pages.answer(
        call,
        "message.html.j2",
        status=404,
        title="There is no such job",
        text="Its rows may have been purged (retention.rows).",
    )


def load(connection: Connection, contents: ContentStore, job_id: str) -> Story | None:
    job = jobs.load(connection, job_id)
    if job is None:
        return None
    children = select(schema.job.c.id).where(schema.job.c.mail_id == job.mail.id, schema.job.c.parent_id == job_id)
    return Story(
        job,
        story(connection, job_id),
        said_of(connection, job_id),
        documents_of(connection, contents, job_id),
        list(connection.execute(children.order_by(schema.job.c.created_at)).scalars()),
    )


def documents_of(connection: Connection, contents: ContentStore, job_id: str) -> list[StoredDocument] | None:
    try:
        return attempts.documents(connection, contents, job_id)
    except ContentPurged:
        return None


def _line(line: Line, language: Language) -> Line:
    """A detail that is no reason of ours stays: a name, an id, an operator's words."""
    if language == "en":
        return line
    if line.name == "changed":
        return replace(line, detail=change_in_german(line.detail))
    return replace(line, detail=translated(line.detail) or line.detail)


def _outcome(recipient: Recipient, language: Language) -> Outcome:
    if recipient.status is None:
        return Outcome(recipient, "wait", "")
    tone = "good" if delivered(recipient.status) else "part" if perhaps_delivered(recipient.status) else "bad"
    return Outcome(recipient, tone, sentence(recipient.status, language))
