"""The emergency stop stands in the spool: by whom, since when, and what a daemon that runs notices of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import structlog

from gateway.spool import pauses
from gateway.spool.pauses import Activity, Paused, PauseWatch, Switch


def test_a_pause_stands_until_it_is_resumed_and_outlives_a_restart(open_spool: Any, samples: Any) -> None:
    jana = Switch(Activity.SUBMIT, paused=True, by="operator jana", at=samples.now)
    later = samples.now + timedelta(minutes=5)

    async def run() -> None:
        async with open_spool() as spool:
            assert await spool.database.read(pauses.standing) == []
            write = spool.database.write
            assert await write(lambda c: pauses.pause(c, Activity.SUBMIT, "operator jana", samples.now)) is None
        async with open_spool() as spool:
            assert await spool.database.read(pauses.standing) == [jana]
            write = spool.database.write
            # The first one stays: who stopped it, and when, is what others want to know.
            assert await write(lambda c: pauses.pause(c, Activity.SUBMIT, "operator ida", later)) == jana
            assert await spool.database.read(pauses.standing) == [jana]
            assert await write(lambda c: pauses.resume(c, Activity.SUBMIT, "operator ida", later)) == jana
            assert await write(lambda c: pauses.resume(c, Activity.SUBMIT, "operator ida", later)) is None
            assert await spool.database.read(pauses.standing) == []
            assert await write(lambda c: pauses.pause(c, Activity.SUBMIT, "operator ida", later)) is None

    asyncio.run(run())


@pytest.mark.parametrize("activity", Activity)
def test_each_activity_is_paused_alone(open_spool: Any, samples: Any, activity: Activity) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            await spool.database.write(lambda c: pauses.pause(c, activity, "operator jana", samples.now))
            for each in Activity:
                expected = each is activity
                assert await spool.database.read(lambda c, each=each: pauses.is_paused(c, each)) is expected
                if not expected:
                    await spool.database.read(lambda c, each=each: pauses.refuse_if_paused(c, each))
            with pytest.raises(Paused, match=f"{activity} is paused by operator jana since 2026-11-23 09:30:00 UTC"):
                await spool.database.read(lambda c: pauses.refuse_if_paused(c, activity))

    asyncio.run(run())


def test_the_daemon_notices_within_two_seconds_and_says_who_and_when_once(open_spool: Any, samples: Any) -> None:
    at = samples.now.isoformat()

    async def run() -> tuple[list[Any], list[str]]:
        resumed: list[str] = []
        async with open_spool() as spool:
            watch = PauseWatch(database=spool.database, resumed=lambda: resumed.append("rung"))
            with structlog.testing.capture_logs() as events:
                task = asyncio.create_task(watch.run())
                for switch, expected in ((pauses.pause, True), (pauses.resume, False)):
                    await spool.database.write(
                        lambda c, do=switch: do(c, Activity.ACCEPT, "operator jana", samples.now)
                    )
                    async with asyncio.timeout(2):
                        while watch.is_paused(Activity.ACCEPT) is not expected:
                            await asyncio.sleep(0.01)
                    assert not watch.is_paused(Activity.SUBMIT)
                await watch.look()
                task.cancel()
            return [(e["event"], e["activity"], e["by"], e["at"]) for e in events], resumed

    events, resumed = asyncio.run(run())
    assert events == [("paused", "accept", "operator jana", at), ("resumed", "accept", "operator jana", at)]
    assert resumed == ["rung"]


def test_a_daemon_that_starts_says_what_is_paused_and_not_what_was(open_spool: Any, samples: Any) -> None:
    async def run() -> list[Any]:
        async with open_spool() as spool:
            for switch, activity in (
                (pauses.pause, Activity.ACCEPT),
                (pauses.resume, Activity.ACCEPT),
                (pauses.pause, Activity.SUBMIT),
            ):
                await spool.database.write(lambda c, do=switch, a=activity: do(c, a, "operator jana", samples.now))
            with structlog.testing.capture_logs() as events:
                await PauseWatch(database=spool.database, resumed=lambda: None).look()
            return [(event["event"], event["activity"]) for event in events]

    assert asyncio.run(run()) == [("paused", "submit")]
