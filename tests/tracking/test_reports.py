"""The laws of reports, sentence by sentence, on a real spool: each docstring names the sentence that its test holds."""

import asyncio
import sqlite3
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from gateway.fax4a import Refused
from gateway.spool.attempts import recorded
from gateway.spool.bell import Bell
from gateway.spool.jobs import load
from gateway.spool.reports import note_deletion, verdict
from gateway.spool.states import State
from gateway.tracking.tracker import Tracker
from gateway.tracking.watch import DELETION_RETRY, LIST_INTERVAL

MINUTE = timedelta(minutes=1)


def test_bulk_get_by_the_ids_of_open_jobs_at_every_data_centre(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Bulk GET by the ids of open jobs, in batches of 1000, at every data centre."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            for number in range(3):
                await samples.submitted(spool, f"+498912345{number}", wire_id=f"FJJ{number}")
            ended = await samples.submitted(spool, "+4989123459", wire_id="FJJ9")
            centres.put("dc1", tracking.report("FJJ9", ended.id, number="+4989123459"))
            part = tracking.tracker(spool)
            await part.look()
            assert sorted(centres.questions("get")) == [("dc1", 4), ("dc2", 4)]
            centres.asked.clear()
            tracking.clock.wait(MINUTE)
            await part.look()
            assert sorted(centres.questions("get")) == [("dc1", 3), ("dc2", 3)], "an ended job isn't asked for"

    asyncio.run(scenario())


@pytest.mark.parametrize("datacenter", ["dc1", "dc2"])
def test_store_and_commit_then_delete(open_spool: Any, samples: Any, tracking: Any, datacenter: str) -> None:
    """Store and commit; then bulk DELETE those and only those."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            centres.put(datacenter, tracking.report("FJJ1", job.id), tracking.report("FJJ2", "another's"))

            async def is_committed(wire_ids: list[str]) -> None:
                assert wire_ids == ["FJJ1"]
                stored = await spool.database.read(lambda c: load(c, job.id))
                assert stored is not None
                assert stored.state is State.SENT

            centres.on_delete = [is_committed]
            await tracking.tracker(spool).look()
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.datacenter, ended.pages) == (State.SENT, datacenter, 2)
            assert centres.deleted == [(datacenter, "FJJ1")]
            assert centres.ids(datacenter) == ["FJJ2"]

    asyncio.run(scenario())


def test_a_deletion_is_a_committed_to_do(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A deletion is a committed to-do: one that a crash came before is done by the next daemon."""
    centres = tracking.centres

    async def crash(_: list[str]) -> None:
        raise asyncio.CancelledError

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            centres.put("dc1", tracking.report("FJJ1", job.id))
            centres.on_delete = [crash]
            with pytest.raises(asyncio.CancelledError):
                await tracking.tracker(spool).look()
        assert centres.ids("dc1") == ["FJJ1"]
        centres.on_delete = []
        async with open_spool() as spool:
            assert await tracking.deletions(spool) == {("dc1", "FJJ1"), ("dc2", "FJJ1")}
            await tracking.tracker(spool).look()
            assert await tracking.deletions(spool) == set()
        assert centres.ids("dc1") == []

    asyncio.run(scenario())


def test_a_deletion_whose_answer_was_lost_is_sent_again(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Sent to every data centre until it says deleted or NOT_FOUND: the second time it says NOT_FOUND."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            centres.put("dc2", tracking.report("FJJ1", job.id))
            part = tracking.tracker(spool)
            await part.look()
            account = recorded(tracking.account)
            await spool.database.write(
                lambda c: note_deletion(c, account.id, account.datacenters, "FJJ1", tracking.clock.now)
            )
            centres.asked.clear()
            await part.look()
            assert sorted(centres.questions("delete")) == [("dc1", 1), ("dc2", 1)]
            assert await tracking.deletions(spool) == set()

    asyncio.run(scenario())


def test_a_deletion_waits_for_the_data_centre_that_is_down(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Sent to every data centre until it says deleted or NOT_FOUND: one that is down has its own to-dos."""
    centres = tracking.centres
    centres.fail("dc2")

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            centres.put("dc1", tracking.report("FJJ1", job.id))
            part = tracking.tracker(spool)
            for _ in range(100):
                await part.look()
                tracking.clock.wait(timedelta(seconds=10))
            assert (await samples.load(spool, job.id)).state is State.SENT
            assert centres.ids("dc1") == []
            assert await tracking.deletions(spool) == {("dc2", "FJJ1")}
        async with open_spool() as spool:
            centres.down.clear()
            await tracking.tracker(spool).look()
            assert await tracking.deletions(spool) == set()

    asyncio.run(scenario())


def test_a_report_that_cant_be_deleted_is_tried_again_now_and_then(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    """Sent to every data centre until it says deleted or NOT_FOUND: INTERNAL_ERROR is neither."""
    centres = tracking.centres
    centres.undeletable = {"FJJ1"}

    async def scenario() -> None:
        async with open_spool() as spool:
            stuck = await samples.submitted(spool)
            good = await samples.submitted(spool, "+4989123457", wire_id="FJJ2")
            centres.put(
                "dc1", tracking.report("FJJ1", stuck.id), tracking.report("FJJ2", good.id, number="+4989123457")
            )
            part = tracking.tracker(spool)
            for _ in range(61):
                await part.look()
                tracking.clock.wait(timedelta(seconds=5))
            assert centres.deleted == [("dc1", "FJJ2")]
            assert await tracking.deletions(spool) == {("dc1", "FJJ1"), ("dc2", "FJJ1")}
            tries = [count for name, count in centres.questions("delete") if name == "dc1"]
            assert len(tries) == 1 + timedelta(minutes=5) // DELETION_RETRY, (
                "one request a minute, however often it looks"
            )
            centres.undeletable = set()
            tracking.clock.wait(MINUTE)
            await part.look()
            assert centres.ids("dc1") == []

    asyncio.run(scenario())


def test_ten_thousand_deletions_are_ten_requests_a_data_centre(open_spool: Any, samples: Any, tracking: Any) -> None:
    """In batches of 1000: deletions are bounded as questions are."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool)
            account = recorded(tracking.account)

            def note(connection: Any) -> None:
                for number in range(10_000):
                    note_deletion(connection, account.id, account.datacenters, f"FJJ{number}", tracking.clock.now)

            await spool.database.write(note)
            await tracking.tracker(spool).look()
            assert await tracking.deletions(spool) == set()
            assert sorted(centres.questions("delete")) == [("dc1", 1000)] * 10 + [("dc2", 1000)] * 10

    asyncio.run(scenario())


def test_the_same_report_twice_changes_nothing(open_spool: Any, samples: Any, tracking: Any) -> None:
    """The same report twice changes nothing: neither where two data centres have it, nor where it comes back."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            one = tracking.report("FJJ1", job.id, status="EOD_FAILED")
            centres.put("dc1", one)
            centres.put("dc2", one)
            part = tracking.tracker(spool)
            await part.look()
            first = await samples.load(spool, job.id)
            letters = await samples.letters(spool)
            centres.put("dc2", one)
            tracking.clock.wait(LIST_INTERVAL)
            await part.look()
            assert await samples.load(spool, job.id) == first
            assert await samples.letters(spool) == letters
            assert len(letters) == 1
            assert len(await tracking.story(spool, job.id, "reported_partly")) == 1
            assert centres.ids("dc1") == centres.ids("dc2") == [], "one that came back is deleted anew"

    asyncio.run(scenario())


def test_a_foreign_report_is_never_deleted(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A foreign report is never deleted, however often the list is read."""
    centres = tracking.centres
    centres.put("dc1", tracking.report("FJJ8"), tracking.report("FJJ9", "somebody else's"))

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            centres.put("dc1", tracking.report("FJJ7", job.id))
            part = tracking.tracker(spool)
            for _ in range(10):
                await part.look()
                tracking.clock.wait(LIST_INTERVAL)
            assert centres.ids("dc1") == ["FJJ8", "FJJ9"]
            assert centres.deleted == [("dc1", "FJJ7")]

    asyncio.run(scenario())


def test_the_log_warns_at_the_first_foreign_report(open_spool: Any, samples: Any, tracking: Any) -> None:
    """The gateway needs a login of its own: a warning at the first foreign report, though no job is in doubt."""

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool)
            part = tracking.tracker(spool)
            with structlog.testing.capture_logs() as log:
                await part.look()
                assert [each for each in log if each["event"] == "foreign_report"] == []
                tracking.centres.put("dc2", tracking.report("FJJ9", "somebody else's"))
                for _ in range(3):
                    tracking.clock.wait(LIST_INTERVAL)
                    await part.look()
            said = [each for each in log if each["event"] == "foreign_report"]
            assert [(each["datacenter"], each["fax4a_job_id"]) for each in said] == [("dc2", "FJJ9")]

    asyncio.run(scenario())


def test_lists_are_read_at_the_start_and_every_ten_minutes(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Foreign reports and second faxes are seen in the lists only, so these are read now and then, and not more."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.submitted(spool)
            part = tracking.tracker(spool)
            for _ in range(121):  # an hour
                await part.look()
                tracking.clock.wait(timedelta(seconds=30))
            assert sorted(centres.questions("list")) == [("dc1", 0)] * 7 + [("dc2", 0)] * 7

    asyncio.run(scenario())


def test_a_list_that_is_full_is_named(open_spool: Any, samples: Any, tracking: Any) -> None:
    """A list shows the oldest 1000 only: theirs may hide ours, and an operator must know."""
    tracking.centres.put("dc1", *(tracking.report(f"X{number}") for number in range(1001)))

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            tracking.centres.put("dc1", tracking.report("FJJ1", job.id))
            with structlog.testing.capture_logs() as log:
                await tracking.tracker(spool).look()
            assert [each["foreign"] for each in log if each["event"] == "list_full"] == [1000]
            assert (await samples.load(spool, job.id)).state is State.SENT, "by its id it is found all the same"

    asyncio.run(scenario())


def test_a_report_that_ends_no_job_is_no_reason_to_lose_the_others(
    open_spool: Any, samples: Any, tracking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Store and commit: one that can't be stored stays at the data centre, the others of its batch are stored."""
    centres = tracking.centres

    async def scenario() -> None:
        async with open_spool() as spool:
            broken = await samples.submitted(spool, wire_id="FJJ1")
            sound = await samples.submitted(spool, "+4989123457", wire_id="FJJ2")
            centres.put(
                "dc1", tracking.report("FJJ1", broken.id), tracking.report("FJJ2", sound.id, number="+4989123457")
            )
            part = tracking.tracker(spool)
            with monkeypatch.context() as patch:
                patch.setattr("gateway.spool.reports.verdict", _breaks_on("FJJ1"))
                await part.look()
            assert (await samples.load(spool, broken.id)).state is State.SUBMITTED
            assert (await samples.load(spool, sound.id)).state is State.SENT
            assert centres.deleted == [("dc1", "FJJ2")]
            tracking.clock.wait(MINUTE)
            await part.look()
            assert (await samples.load(spool, broken.id)).state is State.SENT

    asyncio.run(scenario())


def test_a_spool_that_cant_be_written_loses_no_report(
    open_spool: Any, samples: Any, tracking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Store and commit; then bulk DELETE: without a commit nothing is deleted, and nothing forgotten."""
    centres = tracking.centres

    def full(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE job", {}, sqlite3.OperationalError("database or disk is full"))

    async def scenario() -> None:
        async with open_spool() as spool:
            known, doubtful = await samples.submitted(spool), await samples.in_doubt(spool, "+4989123457")
            centres.put("dc1", tracking.report("FJJ1", known.id))
            centres.put("dc2", tracking.report("FJJ2", doubtful.id, number="+4989123457"))
            part = tracking.tracker(spool)
            with monkeypatch.context() as patch, structlog.testing.capture_logs() as log:
                patch.setattr("gateway.spool.reports.store", full)
                for _ in range(3):
                    with pytest.raises(OperationalError):
                        await part.look()
                    tracking.clock.wait(timedelta(seconds=1))
            assert "report_not_stored" not in [each["event"] for each in log], "no stack for every report"
            assert centres.deleted == []
            await part.look()  # at once: what couldn't be stored is still wanted
            for job in (known, doubtful):
                assert (await samples.load(spool, job.id)).state is State.SENT
            assert centres.ids("dc1") == centres.ids("dc2") == []

    asyncio.run(scenario())


def _breaks_on(wire_id: str) -> Any:
    def judged(job: Any, report: Any) -> Any:
        if report.job_id == wire_id:
            raise ValueError("odd")
        return verdict(job, report)

    return judged


def test_reports_are_read_where_they_were_sent_to(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Each attempt records its account and is tracked there; an account whose login is gone is named once."""

    async def nobody(_: Any) -> None:
        return None

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            part = Tracker(database=spool.database, connect=nobody, submitted=Bell(), said=Bell(), clock=tracking.clock)
            with structlog.testing.capture_logs() as log:
                await part.look()
                await part.look()
            assert [each["event"] for each in log] == ["account_without_login"]
            assert (await samples.load(spool, job.id)).state is State.SUBMITTED

    asyncio.run(scenario())


def test_nothing_is_sent_for_a_login_that_is_refused_but_now_and_then_a_probe(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    """Configuration faults where reports are asked for: one request a minute once it has failed for a while."""
    centres = tracking.centres
    for name in ("dc1", "dc2"):
        centres.fail(name, Refused(name, 401, "Authentication failed"))

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            centres.put("dc1", tracking.report("FJJ1", job.id))
            part = tracking.tracker(spool)
            for _ in range(600):
                await part.look()
                tracking.clock.wait(timedelta(seconds=1))
            assert len([1 for name, *_ in centres.asked if name == "dc1"]) < 20
            centres.down.clear()
            tracking.clock.wait(MINUTE)
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())
