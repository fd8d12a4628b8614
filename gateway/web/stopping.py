"""POST /pause: the emergency stop, as ``fax-gateway pause`` and ``resume`` set it."""

from aiohttp import web
from sqlalchemy import Connection

from gateway.spool import audit, pauses
from gateway.spool.pauses import Activity
from gateway.web.call import Call
from gateway.web.desk import Desk


async def switch(desk: Desk, call: Call) -> web.Response:
    name, wanted = call.form.get("activity"), call.form.get("pause")
    if name not in set(Activity) or wanted not in {"yes", "no"}:
        return desk.pages.answer(call, "message.html.j2", status=400, title="Nothing was done", text="")
    activity, now, who = Activity(name), desk.clock(), f"operator {call.visitor.name}"[:64]

    def do(connection: Connection) -> None:
        change = pauses.pause if wanted == "yes" else pauses.resume
        change(connection, activity, who, now)
        audit.note(connection, [call.deed("pause" if wanted == "yes" else "resume", now, detail=name)])

    await desk.database.write(do)
    desk.errands.wake()
    return web.Response(status=303, headers={"Location": f"{desk.pages.root}/"})
