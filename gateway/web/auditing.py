"""/audit: who looked at what and did what."""

from aiohttp import web

from gateway.spool import audit
from gateway.web.call import Call
from gateway.web.desk import Desk

LIMIT = 100


async def show(desk: Desk, call: Call) -> web.Response:
    before, login = call.wanted("before"), call.wanted("login")
    number = int(before) if before.isdecimal() and len(before) < 18 else None  # noqa: PLR2004 - SQLite's integers
    entries = await desk.database.read(
        lambda connection: audit.newest(connection, before=number, login=login or None, limit=LIMIT)
    )
    return desk.pages.answer(
        call,
        "audit.html.j2",
        entries=entries,
        login=login,
        older=entries[-1].number if len(entries) == LIMIT else None,
        is_first=number is None,
    )
