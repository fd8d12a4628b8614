"""The emergency stop: an operator pauses the acceptance of mail, the submission of faxes, or both.

It stands in the spool, so it outlives a restart and holds for every daemon of that spool. Rows are only added: the
newest of an activity says how things are, the others who did what when. ``delivery.paused`` is a setting beside it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import Connection, bindparam, func, insert, select

from gateway.spool.database import Database
from gateway.spool.rounds import rounds
from gateway.spool.schema import pause as table

log = structlog.get_logger()

# A command writes the spool from another process, and nobody rings: how soon the daemon notices. Seconds.
LOOK = 1.0


class Activity(StrEnum):
    ACCEPT = "accept"  # paused: MAIL is answered 451
    SUBMIT = "submit"  # paused: no request leaves


@dataclass(frozen=True, slots=True)
class Switch:
    """Somebody has paused an activity, or resumed it."""

    activity: Activity
    paused: bool
    by: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.activity} is paused by {self.by} since {self.at:%Y-%m-%d %H:%M:%S} UTC"


class Paused(Exception):
    """What was about to begin is paused; the text says by whom and since when."""


def newest(connection: Connection) -> dict[Activity, Switch]:
    """The last switch of each activity that was ever paused."""
    ids = select(func.max(table.c.id)).group_by(table.c.activity)
    rows = connection.execute(select(table).where(table.c.id.in_(ids)).order_by(table.c.activity))
    return {Activity(row.activity): Switch(Activity(row.activity), row.paused, row.actor, row.at) for row in rows}


def standing(connection: Connection) -> list[Switch]:
    """What is paused now."""
    return [switch for switch in newest(connection).values() if switch.paused]


# Asked before every request: made once.
_NEWEST_OF_ONE = (
    select(table.c.paused).where(table.c.activity == bindparam("activity")).order_by(table.c.id.desc()).limit(1)
)


def is_paused(connection: Connection, activity: Activity) -> bool:
    return bool(connection.execute(_NEWEST_OF_ONE, {"activity": activity.value}).scalar())


def refuse_if_paused(connection: Connection, activity: Activity) -> None:
    """Raises Paused. In the transaction that begins something: a pause that was committed before holds for it."""
    if is_paused(connection, activity):
        raise Paused(str(newest(connection)[activity]))


def pause(connection: Connection, activity: Activity, by: str, at: datetime) -> Switch | None:
    """None where it is paused from now on; else the pause that stood already, and stays."""
    return _switched(connection, Switch(activity, paused=True, by=by, at=at))


def resume(connection: Connection, activity: Activity, by: str, at: datetime) -> Switch | None:
    """The pause that is over now; None where there was none."""
    return _switched(connection, Switch(activity, paused=False, by=by, at=at))


def _switched(connection: Connection, switch: Switch) -> Switch | None:
    """The pause that stood before, if one did."""
    before = newest(connection).get(switch.activity)
    was_paused = before is not None and before.paused
    if was_paused != switch.paused:
        row = {"activity": switch.activity.value, "paused": switch.paused, "actor": switch.by, "at": switch.at}
        connection.execute(insert(table).values(row))
    return before if was_paused else None


class PauseWatch:
    """What is paused, as of a second ago, for those who can't ask the spool each time; ``run`` until cancelled."""

    def __init__(self, *, database: Database, resumed: Callable[[], None]) -> None:
        self._database = database
        self._resumed = resumed
        self._newest: dict[Activity, Switch] = {}
        self._looking = asyncio.Lock()  # a look that began earlier must not have the last word

    def is_paused(self, activity: Activity) -> bool:
        switch = self._newest.get(activity)
        return switch is not None and switch.paused

    async def run(self) -> None:
        await rounds("pauses", self._round)

    async def look(self) -> None:
        """Reads the spool, and tells what has changed since the look before."""
        async with self._looking:
            found = await self._database.read(newest)
            before, self._newest = self._newest, found
        for activity, switch in found.items():
            known = before.get(activity)
            if switch == known:
                continue
            if switch.paused:
                log.warning("paused", activity=activity.value, by=switch.by, at=switch.at.isoformat())
            elif known is not None:
                log.warning("resumed", activity=activity.value, by=switch.by, at=switch.at.isoformat())
                self._resumed()

    async def _round(self) -> None:
        await self.look()
        await asyncio.sleep(LOOK)
