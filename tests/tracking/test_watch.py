"""Each data centre is watched in rounds of its own, whatever the others do, and whatever becomes of the clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import Connection, update

from gateway.fax4a import Fax4AClient, Refused, Transport, Unreachable, Unreadable
from gateway.spool import schema
from gateway.spool.attempts import RecordedAccount, keep_account, recorded
from gateway.spool.bell import Bell
from gateway.spool.states import State
from gateway.tracking.tracker import Tracker
from gateway.tracking.watch import LIST_INTERVAL

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def running(worker: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(worker)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await true():
            await asyncio.sleep(0.02)


def test_a_data_centre_that_hangs_delays_nothing_at_the_other(open_spool: Any, samples: Any, tracking: Any) -> None:
    centres = tracking.centres
    centres.slow = {"dc2": asyncio.Event()}

    async def scenario() -> None:
        async with open_spool() as spool, running(tracking.tracker(spool).run()):
            for number in range(3):  # one round after the other, while a single request hangs over there
                job = await samples.submitted(spool, f"+498912345{number}", wire_id=f"FJJ{number}")
                centres.put("dc1", tracking.report(f"FJJ{number}", job.id, number=f"+498912345{number}"))
                tracking.clock.wait(SECOND * 10)

                async def is_done(job_id: str = job.id) -> bool:
                    return (await samples.load(spool, job_id)).state is State.SENT and not centres.ids("dc1")

                await until(is_done)

            async def is_left_to_the_other() -> bool:
                return {name for name, _ in await tracking.deletions(spool)} == {"dc2"}

            await until(is_left_to_the_other)
            assert len([1 for name, *_ in centres.asked if name == "dc2"]) == 1
            centres.slow["dc2"].set()

            async def is_clean() -> bool:
                return not await tracking.deletions(spool)

            await until(is_clean)

    asyncio.run(scenario())


def test_a_real_data_centre_that_takes_connections_and_never_answers(
    open_spool: Any, samples: Any, service: Any
) -> None:
    """By HTTP, with a client that has two connections: the other one is asked and cleaned all the same."""

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65_536):
                pass
        finally:
            writer.close()

    async def scenario() -> None:
        hole = await asyncio.start_server(swallow, "127.0.0.1", 0)
        async with open_spool() as spool, service.listening() as whole:
            port = hole.sockets[0].getsockname()[1]
            dead = {"dc2": f"http://127.0.0.1:{port}/dc2/rest/v1"}
            account = replace(whole, datacenters={**whole.datacenters, **dead})
            job = await samples.submitted(spool)
            wire_id = service.faxed(job.id, "dc1")
            await spool.database.write(lambda c: _sent_to(c, recorded(account), wire_id))
            async with Fax4AClient(account, Transport(concurrency=2)) as client:

                async def connect(wanted: RecordedAccount) -> Fax4AClient | None:
                    return client if wanted.id == recorded(account).id else None

                part = Tracker(
                    database=spool.database,
                    connect=connect,
                    submitted=Bell(),
                    said=Bell(),
                    clock=lambda: datetime.now(UTC),
                )
                async with running(part.run()):

                    async def is_done() -> bool:
                        return (await samples.load(spool, job.id)).state is State.SENT and service.left() == 0

                    await until(is_done)
        hole.close()

    asyncio.run(scenario())


def _sent_to(connection: Connection, account: RecordedAccount, wire_id: str) -> None:
    keep_account(connection, account)
    now = datetime.now(UTC)
    connection.execute(update(schema.job).values(account_id=account.id, wire_id=wire_id, sent_at=now, due_at=now))


@pytest.mark.parametrize(
    "error",
    [Unreachable("dc2", "connection refused"), Refused("dc2", 503, ""), Refused("dc2", 401, "Authentication failed")],
    ids=["unreachable", "503", "401"],
)
def test_what_couldnt_be_asked_is_asked_as_soon_as_the_data_centre_is_back(
    open_spool: Any, samples: Any, tracking: Any, error: Exception
) -> None:
    centres = tracking.centres
    centres.fail("dc2", error)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            part = tracking.tracker(spool)
            with structlog.testing.capture_logs() as log:
                for _ in range(600):
                    await part.look()
                    tracking.clock.wait(SECOND)
            assert len([1 for name, *_ in centres.asked if name == "dc2"]) <= 20, "it rests between its tries"
            assert all(each["datacenter"] == "dc2" for each in log if each["event"] == "datacenter_unavailable")
            tracking.clock.wait(MINUTE)
            centres.down.clear()
            centres.put("dc2", tracking.report("FJJ1", job.id))
            centres.asked.clear()
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.SENT
            assert centres.ids("dc2") == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "error", [Unreadable("dc1", "no JSON"), Refused("dc1", 400, "jobIds must be a list")], ids=["unreadable", "400"]
)
def test_a_question_without_an_answer_hides_no_other(
    open_spool: Any, samples: Any, tracking: Any, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One broken bulk answer: the list of the same data centre is read all the same."""
    centres = tracking.centres

    async def broken(datacenter: str, job_ids: Any) -> list[Any]:
        await asyncio.sleep(0)
        raise error

    monkeypatch.setattr(centres, "get_reports", broken)

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool)
            doubtful = await samples.in_doubt(spool, "+4989123457")
            centres.put("dc1", tracking.report("FJJ2", doubtful.id, number="+4989123457"))
            await tracking.tracker(spool).look()
            assert (await samples.load(spool, doubtful.id)).state is State.SENT
            assert centres.ids("dc1") == []

    asyncio.run(scenario())


@pytest.mark.parametrize("change", [timedelta(hours=-5), timedelta(hours=5), timedelta(days=400), -timedelta(days=400)])
def test_a_clock_that_is_set_stops_no_look_and_no_deletion(
    open_spool: Any, samples: Any, tracking: Any, change: timedelta
) -> None:
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            first = await samples.submitted(spool)
            second = await samples.submitted(spool, "+4989123457", wire_id="FJJ2")
            centres.put("dc1", tracking.report("FJJ1", first.id))
            centres.undeletable = {"FJJ1"}
            part = tracking.tracker(spool)
            await part.look()
            tracking.clock.set_by(change)
            centres.undeletable = set()
            centres.put("dc2", tracking.report("FJJ2", second.id, number="+4989123457"), tracking.report("X"))
            for _ in range(7):
                await part.look()
                tracking.clock.wait(SECOND * 10)
            assert (await samples.load(spool, second.id)).state is State.SENT
            assert centres.ids("dc1") == []
            assert centres.ids("dc2") == ["X"]
            centres.asked.clear()
            tracking.clock.wait(LIST_INTERVAL)
            await part.look()
            assert len(centres.questions("list")) == 2

    asyncio.run(scenario())


def test_a_clock_that_was_set_back_makes_no_storm_of_questions(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A job from the future is asked for as often as a fresh one."""

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool)
            part = tracking.tracker(spool)
            await part.look()
            tracking.clock.set_by(timedelta(hours=-5))
            tracking.centres.asked.clear()
            for _ in range(300):
                await part.look()
                tracking.clock.wait(SECOND)
            assert len(tracking.centres.questions("get")) == 2 * 30

    asyncio.run(scenario())
