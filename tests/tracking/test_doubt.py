"""The laws of doubt, sentence by sentence, on a real spool: each docstring names the sentence that its test holds."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import update

from gateway.delivery.deadlines import DeadlineRules, Deadlines
from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.spool import attempts, operations, schema
from gateway.spool.bell import Bell
from gateway.spool.jobs import Note, advance
from gateway.spool.states import Event, State
from gateway.tracking.watch import LIST_INTERVAL

HOUR = timedelta(hours=1)
DOUBT = DoubtRules(on_doubt=OnDoubt.FAIL, in_doubt_after=HOUR * 2, expire_after=HOUR * 24)
RULES = DeadlineRules(warn_after=HOUR, expire_after=HOUR * 24, doubt=DOUBT)


def deadlines(spool: Any, tracking: Any) -> Deadlines:
    clock = tracking.clock
    return Deadlines(database=spool.database, rules=RULES, said=Bell(), clock=clock, steady=clock.steady)


@pytest.mark.parametrize("datacenter", ["dc1", "dc2"])
def test_it_is_looked_for_in_every_data_centres_list(
    open_spool: Any, samples: Any, tracking: Any, datacenter: str
) -> None:
    """A job in doubt is looked for in every data centre's list of reports (by customerDefinedId)."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            centres.put(datacenter, tracking.report("FJJ8", "another's"), tracking.report("FJJ7", job.id))
            await tracking.tracker(spool).look()
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.wire_id, ended.datacenter) == (State.SENT, "FJJ7", datacenter)
            assert {name for name, _ in centres.questions("list")} == {"dc1", "dc2"}

    asyncio.run(scenario())


def test_it_is_looked_for_again_and_again(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A job in doubt is looked for: its lists are read as often as a fresh job's report is asked for."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            part = tracking.tracker(spool)
            for _ in range(300):
                await part.look()
                tracking.clock.wait(timedelta(seconds=1))
            at_dc1 = len([1 for name, _ in centres.questions("list") if name == "dc1"])
            assert 300 / 10 <= at_dc1 <= 300 / 5
            centres.put("dc2", tracking.report("FJJ7", job.id))
            tracking.clock.wait(timedelta(seconds=10))
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())


def test_no_report_proves_nothing_before_the_end_of_its_validity(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A report exists only once every recipient is final, so "no report" proves nothing before jobValid.end is over."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)  # valid for 24 h
            time, part = deadlines(spool, tracking), tracking.tracker(spool)
            for _ in range(25):
                await part.look()
                await time.look()
                tracking.clock.wait(HOUR)
            assert (await samples.load(spool, job.id)).state is State.SUBMITTED
            tracking.clock.wait(HOUR)
            await time.look()
            assert (await samples.load(spool, job.id)).state is State.UNKNOWN
            assert [letter.word for letter in await samples.letters(spool)] == ["doubt"]

    asyncio.run(scenario())


def test_a_full_list_and_a_data_centre_that_is_down_prove_nothing(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Neither does a list that is full (1000) or a data centre that is down: the job stays in doubt, then unknown."""
    centres = tracking.centres
    centres.put("dc1", *(tracking.report(f"X{number}") for number in range(1000)))
    centres.fail("dc2")

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            centres.put("dc1", tracking.report("FJJ7", job.id))
            part, time = tracking.tracker(spool), deadlines(spool, tracking)
            for _ in range(20):
                await part.look()
                await time.look()
                tracking.clock.wait(timedelta(minutes=5))
            assert (await samples.load(spool, job.id)).state is State.IN_DOUBT
            tracking.clock.wait(HOUR)
            await time.look()
            assert (await samples.load(spool, job.id)).state is State.UNKNOWN
            del centres.reports["dc1"][0]  # its owner takes one away: ours becomes visible
            tracking.clock.wait(HOUR)
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())


def test_on_doubt_fail(open_spool: Any, samples: Any, tracking: Any) -> None:
    """`on_doubt = "fail"`: in_doubt_after after the later of the last send and the start, unknown, with a DSN."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            time = deadlines(spool, tracking)
            tracking.clock.wait(DOUBT.in_doubt_after - timedelta(seconds=1))
            await time.look()
            assert (await samples.load(spool, job.id)).state is State.IN_DOUBT
            tracking.clock.wait(timedelta(seconds=1))
            await time.look()
            assert (await samples.load(spool, job.id)).state is State.UNKNOWN
            assert [letter.word for letter in await samples.letters(spool)] == ["doubt"]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "state"), [("OK", State.SENT), ("BUSY", State.FAILED), ("EOD_FAILED", State.PARTLY_SENT)]
)
def test_a_report_that_comes_later_still_updates_it_and_is_told(
    open_spool: Any, samples: Any, tracking: Any, status: str, state: State
) -> None:
    """A report that comes later still updates it and is told."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            overdue = Note("delivery", samples.now)
            await spool.database.write(lambda c: advance(c, job, Event.REPORT_OVERDUE, overdue))
            assert [letter.word for letter in await samples.letters(spool)] == ["doubt"]
            await samples.tell(spool)
            tracking.clock.wait(HOUR * 5)
            centres.put("dc1", tracking.report("FJJ1", job.id, status=status))
            await tracking.tracker(spool).look()
            assert (await samples.load(spool, job.id)).state is state
            words = [letter.word for letter in await samples.letters(spool)]
            assert "resolved" in words, "may have gone out must not be the last word"
            assert centres.ids("dc1") == []

    asyncio.run(scenario())


def test_an_unknown_job_is_looked_for_as_long_as_reports_stay(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A report that comes later still updates it: for 30 days, as long as reports stay (Fax4A), then no more."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            await spool.database.write(lambda c: advance(c, job, Event.REPORT_OVERDUE, Note("delivery", samples.now)))
            part = tracking.tracker(spool)
            for day in range(40):
                tracking.clock.wait(timedelta(days=1))
                centres.asked.clear()
                await part.look()
                assert bool(centres.questions("get")) == (day < 29)

    asyncio.run(scenario())


def test_an_accepted_earlier_job_is_looked_for(open_spool: Any, samples: Any, tracking: Any) -> None:
    """409 means that it was accepted: its report is looked for, though its jobId is unknown."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitting(spool)
            note = Note("delivery", samples.now, "409")
            await spool.database.write(
                lambda c: attempts.finish(c, job, Event.ACCEPTED_EARLIER, note, due_at=samples.now)
            )
            centres.put("dc2", tracking.report("FJJ3", job.id))
            await tracking.tracker(spool).look()
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())


@pytest.mark.parametrize("where", [("dc1", "dc1"), ("dc1", "dc2"), ("dc2", "dc1")])
def test_a_second_job_id_is_an_alert(open_spool: Any, samples: Any, tracking: Any, where: tuple[str, str]) -> None:
    """A second jobId for one customerDefinedId raises an alert, "faxed twice": also where no job is in doubt."""
    centres = tracking.centres

    async def scenario() -> None:
        with structlog.testing.capture_logs() as log:
            async with open_spool() as spool:
                job = await samples.submitted(spool)
                centres.put(where[0], tracking.report("FJJ1", job.id))
                part = tracking.tracker(spool)
                await part.look()
                assert (await samples.load(spool, job.id)).state is State.SENT
                centres.put(where[1], tracking.report("FJJ2", job.id))
                tracking.clock.wait(LIST_INTERVAL)
                await part.look()
            async with open_spool() as spool:  # it is said once, whatever restarts there are
                again = tracking.tracker(spool)
                for _ in range(3):
                    await again.look()
                    tracking.clock.wait(LIST_INTERVAL)
                lines = await tracking.story(spool, job.id, "faxed_twice")
                assert [line.detail for line in lines] == ["second jobId FJJ2"]
        alerts = [each for each in log if each["event"] == "faxed_twice"]
        assert [(each["job_id"], each["log_level"]) for each in alerts] == [(job.id, "error")]
        assert centres.ids(where[1]) == ["FJJ2"], "evidence stays"

    asyncio.run(scenario())


def test_two_reports_of_one_job_in_doubt(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A second jobId for one customerDefinedId: also where both are seen at once, one at each data centre."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            centres.put("dc1", tracking.report("FJJ1", job.id))
            centres.put("dc2", tracking.report("FJJ2", job.id))
            part = tracking.tracker(spool)
            for _ in range(2):
                await part.look()
                tracking.clock.wait(LIST_INTERVAL)
            assert (await samples.load(spool, job.id)).state is State.SENT
            assert len(await tracking.story(spool, job.id, "faxed_twice")) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("wire_id", ["FJJ1", None], ids=["was submitted", "was in doubt"])
def test_a_held_job_is_tracked(open_spool: Any, samples: Any, tracking: Any, wire_id: str | None) -> None:
    """`hold` keeps the former state: a report ends the job, whatever an operator wanted to wait for."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            done = await spool.database.write(lambda c: operations.hold(c, job, Note("operator", samples.now)))
            assert not done.refused
            if wire_id is not None:  # as a restored backup makes it
                await spool.database.write(lambda c: _restored(c, job.id, wire_id))
            part = tracking.tracker(spool)
            await part.look()
            tracking.clock.wait(timedelta(minutes=1))
            asked = centres.questions("get" if wire_id else "list")
            assert {name for name, _ in asked} == {"dc1", "dc2"}
            centres.put("dc2", tracking.report("FJJ1", job.id))
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())


def _restored(connection: Any, job_id: str, wire_id: str) -> None:
    connection.execute(
        update(schema.job).where(schema.job.c.id == job_id).values(former=State.SUBMITTED, wire_id=wire_id)
    )


def test_a_held_job_that_was_never_sent_isnt_asked_for(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Only what perhaps arrived is tracked: a held job without an attempt costs no question."""

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool, wire_id="FJJ1")
            job = await samples.prepared(spool, "+4989123457")
            await spool.database.write(lambda c: operations.hold(c, job, Note("operator", samples.now)))
            part = tracking.tracker(spool)
            for _ in range(5):
                await part.look()
                tracking.clock.wait(timedelta(minutes=1))
            assert {count for _, count in tracking.centres.questions("get")} == {1}
            assert len(tracking.centres.questions("list")) == 2

    asyncio.run(scenario())


def test_a_report_of_a_job_that_still_waits_stops_it(open_spool: Any, samples: Any, tracking: Any) -> None:
    """No fax goes out twice: an answer like 503 that was wrong is found out by the list before the next attempt."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitting(spool)
            note = Note("delivery", samples.now, "503")
            await spool.database.write(lambda c: attempts.finish(c, job, Event.NOT_ARRIVED, note, due_at=samples.now))
            centres.put("dc1", tracking.report("FJJ1", job.id))
            await tracking.tracker(spool).look()
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.wire_id) == (State.SENT, "FJJ1")
            (line,) = await tracking.story(spool, job.id, "held")
            assert line.detail.startswith("it has been sent already")

    asyncio.run(scenario())


def test_a_report_of_a_job_that_we_said_was_never_sent_is_an_alert(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    """No contradictory word: a final state has no way out, so that an operator must know."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool, "+4989123457", wire_id="FJJ2")
            job = await samples.prepared(spool)
            await spool.database.write(lambda c: advance(c, job, Event.EXPIRED, Note("delivery", samples.now)))
            centres.put("dc1", tracking.report("FJJ1", job.id))
            with structlog.testing.capture_logs() as log:
                await tracking.tracker(spool).look()
            assert [each["job_id"] for each in log if each["event"] == "faxed_unawares"] == [job.id]
            assert (await samples.load(spool, job.id)).state is State.EXPIRED

    asyncio.run(scenario())
