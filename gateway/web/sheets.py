"""What a job has in it: its pages as they are printed, its documents, its mail. Each look is an audit row."""

from aiohttp import web
from sqlalchemy import Connection

from gateway.documents.render import RenderError, SourceDocument
from gateway.intake.printing import printing_of
from gateway.spool import audit, jobs
from gateway.spool.attempts import StoredDocument
from gateway.spool.content import Content, ContentPurged
from gateway.spool.job import Job
from gateway.web.call import Call
from gateway.web.desk import Desk
from gateway.web.drawer import NotDrawn, Pages
from gateway.web.drawing import Documents
from gateway.web.story import documents_of, no_such_job

GONE = "Its bytes are gone: they were kept as long as retention.content wants."


async def pages(desk: Desk, call: Call) -> web.Response:
    """All pages side by side."""
    job, drawn, problem = await _drawn(desk, call)
    if job is None:
        return no_such_job(desk, call)
    return desk.pages.answer(call, "sheets.html.j2", job=job, count=len(drawn), problem=problem)


async def page(desk: Desk, call: Call) -> web.Response:
    """One page, large."""
    job, drawn, problem = await _drawn(desk, call)
    number = int(call.wanted("page"))
    if job is None or (drawn and not 0 < number <= len(drawn)):
        return no_such_job(desk, call)
    zoom = call.wanted("zoom") if call.wanted("zoom") in {"fit", "full", "double"} else "fit"
    return desk.pages.answer(
        call, "sheet.html.j2", job=job, number=number, count=len(drawn), zoom=zoom, problem=problem
    )


async def image(desk: Desk, call: Call) -> web.Response:
    job, drawn, _ = await _drawn(desk, call)
    number = int(call.wanted("page"))
    if job is None or not 0 < number <= len(drawn):
        return no_such_job(desk, call)
    await _note(desk, call, "page", job.id, str(number))
    return web.Response(body=drawn[number - 1], content_type="image/png")


async def document(desk: Desk, call: Call) -> web.Response:
    """As it goes out; never shown by the browser, only kept."""
    job = await desk.database.read(lambda connection: jobs.load(connection, call.wanted("id")))
    found = await desk.database.read(lambda connection: documents_of(connection, desk.contents, call.wanted("id")))
    position = int(call.wanted("position"))
    if job is None or not found or not 0 < position <= len(found):
        return no_such_job(desk, call)
    stored = found[position - 1]
    await _note(desk, call, "document", job.id, stored.name)
    return _download(await stored.content.read(), f"{job.id[:8]}-{position}{_ending(stored.name)}")


async def mail(desk: Desk, call: Call) -> web.Response:
    def content(connection: Connection) -> tuple[Job | None, Content | None]:
        job = jobs.load(connection, call.wanted("id"))
        try:
            return job, desk.contents.load(connection, job.mail.content_id) if job is not None else None
        except ContentPurged:
            return job, None

    job, kept = await desk.database.read(content)
    if job is None:
        return no_such_job(desk, call)
    if kept is None:
        return desk.pages.answer(call, "message.html.j2", status=410, title="The mail is gone", text=GONE)
    await _note(desk, call, "mail", job.id, "")
    return _download(await kept.read(), f"{job.id[:8]}.eml")


async def _drawn(desk: Desk, call: Call) -> tuple[Job | None, Pages, str]:
    """The job, its pages, and why there are none."""
    job_id = call.wanted("id")

    def read(connection: Connection) -> tuple[Job | None, list[StoredDocument] | None]:
        return jobs.load(connection, job_id), documents_of(connection, desk.contents, job_id)

    job, stored = await desk.database.read(read)
    if job is None:
        return None, (), ""
    if stored is None:
        return job, (), GONE
    if not stored:
        return job, (), "Its documents have not been made yet."
    known = desk.drawer.remembered(job_id)
    if known is not None:
        return job, known, ""
    sources = [SourceDocument(each.name, await each.content.read(), each.charset) for each in stored]
    try:
        return job, await desk.drawer.draw(job_id, documents(sources, job)), ""
    except NotDrawn as reason:
        return job, (), str(reason)


def documents(sources: list[SourceDocument], job: Job) -> Documents:
    """Raises NotDrawn."""
    try:
        return Documents(tuple(sources), printing_of(job))
    except RenderError as error:
        raise NotDrawn(str(error)) from error


async def _note(desk: Desk, call: Call, action: str, job_id: str, detail: str) -> None:
    """Committed before the bytes leave."""
    deed = call.deed(action, desk.clock(), job_id, detail)
    await desk.database.write(lambda connection: audit.note(connection, [deed]))


def _download(data: bytes, name: str) -> web.Response:
    """RFC 6266; `name` is ours, so that no name of a stranger reaches a header."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=data, content_type="application/octet-stream", headers=headers)


def _ending(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return f".{ending}" if ending in {"pdf", "tif", "tiff", "txt", "html", "htm"} else ""
