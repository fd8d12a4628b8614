"""Sessions of the dashboard: how long they hold, and what the table gives away."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateway.spool import audit, logins, sessions
from gateway.spool.audit import Deed
from gateway.spool.logins import Role
from gateway.spool.schema import web_session


@pytest.mark.parametrize(
    ("minutes", "seen_at", "stands"),
    [(0, 0, True), (59, 0, True), (61, 0, False), (119, 60, True), (719, 700, True), (721, 700, False)],
)
def test_a_session_ends_an_hour_after_it_was_seen_and_after_twelve_at_the_latest(
    open_spool: Any, samples: Any, minutes: int, seen_at: int, stands: bool
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            db, now = spool.database, samples.now
            await db.write(lambda c: logins.add(c, "Jana", "password", now, Role.OPERATOR))
            key = await db.write(lambda c: sessions.begin(c, "JANA", now))
            await db.write(lambda c: sessions.touch(c, key, now + timedelta(minutes=seen_at)))
            found = await db.read(lambda c: sessions.find(c, key, now + timedelta(minutes=minutes)))
            assert (found is not None) == stands
            if found is not None:
                assert (found.login, found.role) == ("jana", Role.OPERATOR)
            kept = await db.read(lambda c: c.execute(select(web_session)).one())
            assert key not in map(str, kept)

    asyncio.run(scenario())


@pytest.mark.parametrize("how", ["logged out", "new password", "removed", "unknown"])
def test_a_session_ends_with_what_it_rests_on(open_spool: Any, samples: Any, how: str) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            db, now = spool.database, samples.now
            await db.write(lambda c: logins.add(c, "jana", "password", now))
            key = await db.write(lambda c: sessions.begin(c, "jana", now))
            works: dict[str, Any] = {
                "logged out": lambda c: sessions.end(c, key),
                "new password": lambda c: logins.add(c, "jana", "another", now),
                "removed": lambda c: logins.remove(c, "Jana"),
                "unknown": lambda c: None,
            }
            await db.write(works[how])
            asked = "unknown" if how == "unknown" else key
            assert await db.read(lambda c: sessions.find(c, asked, now)) is None

    asyncio.run(scenario())


def test_the_audit_log_is_read_from_the_newest_on(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            db = spool.database
            deeds = [
                Deed(at=samples.now, login=name, address="127.0.0.1", action="cancel", detail=str(number))
                for number, name in enumerate(["jana", "ida", "jana"])
            ]
            await db.write(lambda c: audit.note(c, deeds))
            newest = await db.read(lambda c: audit.newest(c, limit=2))
            assert [entry.deed.detail for entry in newest] == ["2", "1"]
            rest = await db.read(lambda c: audit.newest(c, before=newest[-1].number, limit=2))
            assert [entry.deed for entry in rest] == deeds[:1]
            hers = await db.read(lambda c: audit.newest(c, login="Jana", limit=5))
            assert [entry.deed.detail for entry in hers] == ["2", "0"]

    asyncio.run(scenario())
