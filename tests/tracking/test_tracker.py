"""DESIGN §3.3, §3.4: reports are found at every data centre, stored, and only then deleted, on a real spool."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from gateway.fax4a import Account, FaxReport, JobDeleteReport, Unreachable
from gateway.spool import reports
from gateway.spool.attempts import RecordedAccount, recorded
from gateway.spool.bell import Bell
from gateway.spool.jobs import Note, advance
from gateway.spool.states import Event, State
from gateway.tracking.tracker import Tracker


def report(wire_id: str, customer_id: str | None, status: str = "OK", number: str = "+4989123456") -> FaxReport:
    return FaxReport.model_validate(
        {
            "jobId": wire_id,
            "pages": 2,
            "recipientStatus": [{"number": number, "status": status}],
            "reference": {"customerDefinedId": customer_id} if customer_id else None,
        }
    )


class DataCentres:
    """Two of them, with reports; stands where Fax4AClient stands."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.reports: dict[str, list[FaxReport]] = {"dc1": [], "dc2": []}
        self.down: set[str] = set()
        self.asked: list[tuple[str, str, int]] = []

    def _ask(self, datacenter: str, what: str, count: int) -> None:
        self.asked.append((datacenter, what, count))
        if datacenter in self.down:
            raise Unreachable(datacenter, "connection refused")

    async def get_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[FaxReport]:
        wanted = set(job_ids)
        self._ask(datacenter, "get", len(wanted))
        return [each for each in self.reports[datacenter] if each.job_id in wanted]

    async def list_reports(self, datacenter: str) -> list[FaxReport]:
        self._ask(datacenter, "list", 0)
        return list(self.reports[datacenter])

    async def delete_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[JobDeleteReport]:
        wanted = list(job_ids)
        self._ask(datacenter, "delete", len(wanted))
        here = {each.job_id for each in self.reports[datacenter]}
        self.reports[datacenter] = [each for each in self.reports[datacenter] if each.job_id not in wanted]
        return [
            JobDeleteReport.model_validate(
                {"jobId": each} if each in here else {"jobId": each, "deleted": False, "reason": "NOT_FOUND"}
            )
            for each in wanted
        ]


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def tracker(spool: Any, centres: DataCentres, clock: Clock) -> Tracker:
    ours = recorded(centres.account)

    async def connect(account: RecordedAccount) -> Any:
        return centres if account.id == ours.id else None

    return Tracker(database=spool.database, connect=connect, submitted=Bell(), said=Bell(), clock=clock)


async def deletions(spool: Any, account: Account, at: datetime) -> list[reports.Deletion]:
    found: list[reports.Deletion] = await spool.database.read(
        lambda connection: reports.deletions_due(connection, recorded(account).id, at, 100)
    )
    return found


@pytest.mark.parametrize("datacenter", ["dc1", "dc2"])
def test_a_report_ends_its_job_wherever_it_stands_and_is_then_deleted_there(
    open_spool: Any, samples: Any, account: Account, datacenter: str
) -> None:
    centres = DataCentres(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            centres.reports[datacenter] = [report("FJJ1", job.id)]
            await tracker(spool, centres, Clock(samples.now)).look()
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.datacenter) == (State.SENT, datacenter)
            assert centres.reports[datacenter] == []
            assert await deletions(spool, account, samples.now + timedelta(days=1)) == []

    asyncio.run(scenario())


def test_a_job_without_a_report_is_looked_for_again_and_a_finished_one_is_not(
    open_spool: Any, samples: Any, account: Account
) -> None:
    centres, clock = DataCentres(account), Clock(samples.now)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            part = tracker(spool, centres, clock)
            await part.look()
            assert len(centres.asked) == 2
            await part.look()
            assert len(centres.asked) == 2, "not due yet"
            clock.now += timedelta(seconds=10)
            centres.reports["dc1"] = [report("FJJ1", job.id)]
            await part.look()
            clock.now += timedelta(minutes=10)
            centres.asked.clear()
            await part.look()
            assert centres.asked == []

    asyncio.run(scenario())


def test_a_data_centre_that_is_down_delays_its_own_reports_only(
    open_spool: Any, samples: Any, account: Account
) -> None:
    centres, clock = DataCentres(account), Clock(samples.now)
    centres.down = {"dc2"}

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            centres.reports["dc1"] = [report("FJJ1", job.id)]
            part = tracker(spool, centres, clock)
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.SENT
            left = await deletions(spool, account, samples.now + timedelta(days=1))
            assert [each.datacenter for each in left] == ["dc2"]
            centres.down = set()
            clock.now += timedelta(minutes=5)
            await part.look()
            assert await deletions(spool, account, clock.now + timedelta(days=1)) == []

    asyncio.run(scenario())


def test_a_job_in_doubt_is_found_in_the_lists_by_its_own_id(open_spool: Any, samples: Any, account: Account) -> None:
    centres = DataCentres(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            centres.reports["dc2"] = [report("FJJ7", job.id)]
            await tracker(spool, centres, Clock(samples.now)).look()
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.wire_id) == (State.SENT, "FJJ7")

    asyncio.run(scenario())


def test_a_foreign_report_is_named_and_never_deleted(open_spool: Any, samples: Any, account: Account) -> None:
    centres = DataCentres(account)
    centres.reports["dc1"] = [report("FJJ8", None), report("FJJ9", "somebody else's")]

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.in_doubt(spool)
            part = tracker(spool, centres, Clock(samples.now))
            with structlog.testing.capture_logs() as log:
                await part.look()
            assert [each["event"] for each in log].count("foreign_report") == 1

    asyncio.run(scenario())
    assert len(centres.reports["dc1"]) == 2


def test_a_second_job_id_for_one_of_ours_is_an_alert(open_spool: Any, samples: Any, account: Account) -> None:
    centres = DataCentres(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            known = await samples.submitted(spool)
            await samples.in_doubt(spool, "+4989123457")
            centres.reports["dc1"] = [report("FJJ2", known.id)]
            with structlog.testing.capture_logs() as log:
                await tracker(spool, centres, Clock(samples.now)).look()
            assert "faxed_twice" in [each["event"] for each in log]

    asyncio.run(scenario())


def test_a_report_that_comes_after_the_verdict_still_updates_the_job(
    open_spool: Any, samples: Any, account: Account
) -> None:
    centres, clock = DataCentres(account), Clock(samples.now)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            overdue = Note("delivery", samples.now)
            await spool.database.write(lambda c: advance(c, job, Event.REPORT_OVERDUE, overdue))
            assert [letter.word for letter in await samples.letters(spool)] == ["doubt"]
            clock.now += timedelta(hours=5)
            centres.reports["dc1"] = [report("FJJ1", job.id, status="BUSY")]
            await tracker(spool, centres, clock).look()
            assert (await samples.load(spool, job.id)).state is State.FAILED

    asyncio.run(scenario())


def test_a_job_of_an_account_whose_login_is_gone_is_kept_and_named(
    open_spool: Any, samples: Any, account: Account
) -> None:
    async def nobody(_: RecordedAccount) -> None:
        return None

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            part = Tracker(
                database=spool.database,
                connect=nobody,
                submitted=Bell(),
                said=Bell(),
                clock=Clock(samples.now),
            )
            with structlog.testing.capture_logs() as log:
                await part.look()
                await part.look()
            assert [each["event"] for each in log] == ["account_without_login"]
            assert (await samples.load(spool, job.id)).state is State.SUBMITTED

    asyncio.run(scenario())
