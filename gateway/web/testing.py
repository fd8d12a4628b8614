"""/test: a test fax, a mail like any other. A form that is sent twice is the same mail twice, and makes one fax."""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex

from aiohttp import web

from gateway.spool import audit
from gateway.web.call import Call
from gateway.web.desk import Desk, NotTaken

_ONCE = re.compile(r"[0-9a-f]{32}")
_ADDRESS = re.compile(r"[^\s<>,@]+@[^\s<>,@]+")
LONGEST_TEXT = 4000


async def form(desk: Desk, call: Call) -> web.Response:
    return _page(desk, call)


async def send(desk: Desk, call: Call) -> web.Response:
    to, sender, once = call.form.get("to"), call.form.get("sender"), call.form.get("once")
    if not to or not _ADDRESS.fullmatch(sender) or not _ONCE.fullmatch(once):
        return _page(
            desk, call, refusal="A number, and a mail address that is told of the result, are needed.", status=400
        )
    text = call.form.get("text")[:LONGEST_TEXT] or "This is a test fax."
    raw = test_mail(sender, text, f"<{once}@{desk.settings.hostname}>", desk.clock())
    try:
        jobs = await desk.errands.send(raw, sender, to)
    except NotTaken as refused:
        return _page(desk, call, reply=str(refused), status=422)
    deeds = [call.deed("test fax", desk.clock(), job_id, to) for job_id in jobs]
    await desk.database.write(lambda connection: audit.note(connection, deeds))
    place = f"/jobs/{jobs[0]}" if jobs else "/jobs"
    return web.Response(status=303, headers={"Location": f"{desk.pages.root}{place}"})


def test_mail(sender: str, text: str, message_id: str, at: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Subject"] = "Test fax"
    mail.set_content(text)
    return mail.as_bytes()


def _page(desk: Desk, call: Call, *, refusal: str = "", reply: str = "", status: int = 200) -> web.Response:
    """`refusal` is the page's own, `reply` what the mail was answered."""
    fields = {name: call.form.get(name) for name in ("to", "sender", "text")}
    once = call.form.get("once") or token_hex(16)
    return desk.pages.answer(
        call, "test.html.j2", status=status, refusal=refusal, reply=reply, fields=fields, once=once
    )
