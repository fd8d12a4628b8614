"""The emergency stop, from the command line; in effect when the answer comes."""

from collections.abc import AsyncGenerator
from typing import Literal

from sqlalchemy import Connection

from gateway.control.caller import Caller
from gateway.control.desk import Desk
from gateway.control.protocol import Item, Request
from gateway.spool import audit, pauses
from gateway.spool.audit import Deed
from gateway.spool.pauses import Activity


class Pause(Request):
    """Without an activity: both."""

    do: Literal["pause"] = "pause"
    activity: Activity | None = None


class Resume(Request):
    do: Literal["resume"] = "resume"
    activity: Activity | None = None


class Switched(Item):
    """`before`: the pause that stood before, in a sentence."""

    activity: Activity
    before: str | None


async def switched(desk: Desk, request: Pause | Resume, caller: Caller) -> AsyncGenerator[Switched, None]:
    meant = list(Activity) if request.activity is None else [request.activity]
    at = desk.clock()
    switch = pauses.pause if isinstance(request, Pause) else pauses.resume

    def work(connection: Connection) -> list[Switched]:
        found = [(each, switch(connection, each, caller.actor, at)) for each in meant]
        deeds = [
            Deed(at=at, login=caller.name, address=caller.address, action=request.do, detail=each.value)
            for each in meant
        ]
        audit.note(connection, deeds)
        return [Switched(activity=each, before=str(before) if before is not None else None) for each, before in found]

    done = await desk.spool.write(work)
    await desk.errands.switched()
    for each in done:
        yield each
