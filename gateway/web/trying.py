"""/try: what would be sent of a mail, before anything is sent (``fax-gateway preview`` in the browser)."""

import re
from dataclasses import dataclass

from aiohttp import web

from gateway.spool import audit
from gateway.spool.job import Job
from gateway.web.call import Call
from gateway.web.desk import Desk, NotTaken, WouldGo
from gateway.web.drawer import NotDrawn, Pages
from gateway.web.sheets import documents

MOST_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class Tried:
    job: Job
    would_go: WouldGo
    pages: int
    problem: str


async def form(desk: Desk, call: Call) -> web.Response:
    return _page(desk, call)


async def run(desk: Desk, call: Call) -> web.Response:
    upload = call.form.upload
    if upload is None or not upload.data:
        return _page(desk, call, refusal="Choose a mail: a file that your mail program saved as .eml.", status=400)
    # A number may have spaces in it.
    recipients = [each.strip() for each in re.split("[,;\n]", call.form.get("to")) if each.strip()][:MOST_RECIPIENTS]
    deed = call.deed("try", desk.clock(), detail=f"{len(upload.data)} bytes")
    await desk.database.write(lambda connection: audit.note(connection, [deed]))
    try:
        found = await desk.errands.preview(upload.data, recipients, call.form.get("sender") or None)
    except NotTaken as refused:
        return _page(desk, call, reply=str(refused), status=422)
    tried, pages = [], []
    for each in found:
        drawn, problem = await _drawn(desk, each)
        pages.append(drawn)
        tried.append(Tried(each.job, each, len(drawn), problem))
    return _page(desk, call, tried=tried, key=desk.trials.keep(call.visitor.name, tuple(pages)))


async def image(desk: Desk, call: Call) -> web.Response:
    """A page of a mail that the visitor himself tried."""
    job, page = int(call.wanted("job")), int(call.wanted("page"))
    found = desk.trials.page(call.wanted("key"), call.visitor.name, job, page)
    if found is None:
        return web.Response(status=404, text="try the mail again\n")
    return web.Response(body=found, content_type="image/png")


async def _drawn(desk: Desk, would_go: WouldGo) -> tuple[Pages, str]:
    try:
        asked = documents(list(would_go.documents), would_go.job)
        return await desk.drawer.draw(f"try {would_go.job.id}", asked), ""
    except NotDrawn as reason:
        return (), str(reason)


def _page(
    desk: Desk,
    call: Call,
    *,
    refusal: str = "",
    reply: str = "",
    tried: list[Tried] | None = None,
    key: str = "",
    status: int = 200,
) -> web.Response:
    """`refusal` is the page's own, `reply` what the mail would be answered."""
    facts = {"refusal": refusal, "reply": reply, "tried": tried, "key": key}
    fields = {name: call.form.get(name) for name in ("to", "sender")}
    return desk.pages.answer(call, "try.html.j2", status=status, fields=fields, **facts)
