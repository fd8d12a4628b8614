"""Two data centres in memory, a clock that is turned by hand, and a tracker over a real spool between them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.fax4a import Account, FaxReport, JobDeleteReport, ReportError, Unreachable
from gateway.fax4a.report import Listed
from gateway.sandbox import SandboxOptions
from gateway.sandbox.api import Api
from gateway.sandbox.dialling import recipient_status
from gateway.sandbox.jobs import Account as Login
from gateway.sandbox.jobs import JobState
from gateway.sandbox.state import Access
from gateway.sandbox.state import State as Sandbox
from gateway.sandbox.validation import validated
from gateway.spool import reports
from gateway.spool.attempts import RecordedAccount, recorded
from gateway.spool.bell import Bell
from gateway.spool.search import Line, story
from gateway.tracking.tracker import Tracker

NUMBER = "+4989123456"
LOGIN = Login("sandbox", "99999")


def report(wire_id: str, customer_id: str | None = None, status: str = "OK", number: str = NUMBER) -> FaxReport:
    return FaxReport.model_validate(
        {
            "jobId": wire_id,
            "pages": 2,
            "recipientStatus": [{"number": number, "status": status}],
            "reference": {"customerDefinedId": customer_id} if customer_id else None,
        }
    )


class DataCentres:
    """Two of them, with reports; stands where Fax4AClient stands, limits and all."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.reports: dict[str, list[FaxReport]] = {"dc1": [], "dc2": []}
        self.unreadable = 0  # reports of each list that nobody can read
        self.at: datetime | None = datetime.max.replace(tzinfo=UTC)  # by the service's clock: never before ours
        self.down: dict[str, ReportError] = {}
        self.slow: dict[str, asyncio.Event] = {}  # answers when it is set
        self.undeletable: set[str] = set()  # INTERNAL_ERROR
        self.asked: list[tuple[str, str, int]] = []
        self.deleted: list[tuple[str, str]] = []  # data centre, jobId
        self.on_delete: list[Any] = []

    def fail(self, datacenter: str, error: ReportError | None = None) -> None:
        self.down[datacenter] = error or Unreachable(datacenter, "connection refused")

    def put(self, datacenter: str, *these: FaxReport) -> None:
        self.reports[datacenter] += these

    def ids(self, datacenter: str) -> list[str]:
        return [each.job_id for each in self.reports[datacenter]]

    def questions(self, what: str) -> list[tuple[str, int]]:
        return [(datacenter, count) for datacenter, kind, count in self.asked if kind == what]

    async def _ask(self, datacenter: str, what: str, count: int) -> None:
        assert count <= 1000, "more ids than the service takes"
        self.asked.append((datacenter, what, count))
        if datacenter in self.slow:
            await self.slow[datacenter].wait()
        if datacenter in self.down:
            raise self.down[datacenter]

    async def get_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[FaxReport]:
        wanted = set(job_ids)
        await self._ask(datacenter, "get", len(wanted))
        return [each for each in self.reports[datacenter] if each.job_id in wanted]

    async def list_reports(self, datacenter: str) -> Listed:
        await self._ask(datacenter, "list", 0)
        return Listed(tuple(self.reports[datacenter][:1000]), self.unreadable, self.at)

    async def delete_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[JobDeleteReport]:
        wanted = list(job_ids)
        await self._ask(datacenter, "delete", len(wanted))
        for look in self.on_delete:
            await look(wanted)
        return [JobDeleteReport.model_validate(self._delete(datacenter, each)) for each in wanted]

    def _delete(self, datacenter: str, job_id: str) -> dict[str, Any]:
        if job_id in self.undeletable:
            return {"jobId": job_id, "deleted": False, "reason": "INTERNAL_ERROR"}
        if job_id not in self.ids(datacenter):
            return {"jobId": job_id, "deleted": False, "reason": "NOT_FOUND"}
        self.reports[datacenter] = [each for each in self.reports[datacenter] if each.job_id != job_id]
        self.deleted.append((datacenter, job_id))
        return {"jobId": job_id}


class Clock:
    """The machine's clock; ``steady`` goes on as it does, unless the clock is set."""

    def __init__(self, now: datetime) -> None:
        self.now = self.begun = now

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> float:
        return (self.now - self.begun).total_seconds()

    def wait(self, time: timedelta) -> None:
        self.now += time

    def set_by(self, change: timedelta) -> None:
        """Somebody sets it; no time passes."""
        self.now += change
        self.begun += change


@dataclass
class Tracking:
    account: Account
    centres: DataCentres
    clock: Clock
    said: Bell = field(default_factory=Bell)

    def tracker(self, spool: Any) -> Tracker:
        """A new one, as after a restart."""

        async def connect(account: RecordedAccount) -> Any:
            return self.centres if account.id == recorded(self.account).id else None

        return Tracker(
            database=spool.database,
            connect=connect,
            submitted=Bell(),
            said=self.said,
            clock=self.clock,
            monotonic=self.clock.steady,
        )

    async def deletions(self, spool: Any) -> set[tuple[str, str]]:
        """The to-dos that stand: data centre, jobId."""
        account_id = recorded(self.account).id
        at = self.clock.now + timedelta(days=1)
        found = await spool.database.read(lambda c: reports.deletions_due(c, account_id, at, 100_000))
        return {(each.datacenter, each.wire_id) for each in found}

    async def story(self, spool: Any, job_id: str, name: str) -> list[Line]:
        """The lines of that name in the job's story."""
        lines: list[Line] = await spool.database.read(lambda c: story(c, job_id))
        return [line for line in lines if line.name == name]

    report = staticmethod(report)


class Service:
    """The sandbox's API on a free port, with finished jobs that nobody had to send."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.sandbox = Sandbox(SandboxOptions(data_dir=directory, render=False), lambda: datetime.now(UTC))
        request = {
            "recipients": [{"number": "+4989123456"}],
            "documents": [{"name": "a.txt", "charset": "UTF-8", "data": "eA=="}],
        }
        self._request = validated(request, self.sandbox.clock(), self.sandbox.settings.limits)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Account]:
        app = web.Application()
        app.add_routes(Api(self.sandbox).routes())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield Account(
                send_url=f"{origin}/ha/rest/v1",
                datacenters={name: f"{origin}/{name}/rest/v1" for name in ("dc1", "dc2")},
                customer_number="99999",
                username="sandbox",
                password="sandbox",
            )
        finally:
            await runner.cleanup()

    def faxed(self, customer_id: str, datacenter: str) -> str:
        """The jobId of a fax that has its report."""
        now = self.sandbox.clock()
        taken = replace(self._request, reference={**self._request.reference, "customerDefinedId": customer_id})
        job = self.sandbox.jobs.add(LOGIN, datacenter, taken, b"{}", now, self.sandbox.chance.jobs)
        job.state, job.reported_at, job.pages = JobState.FINISHED, now, 1
        job.statuses = (recipient_status("+4989123456", "OK", None, 1, now),)
        return job.id

    def left(self) -> int:
        return sum(job.state is not JobState.DELETED for job in self.sandbox.jobs)

    @property
    def accesses(self) -> list[Access]:
        return self.sandbox.accesses


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path / "sandbox")


@pytest.fixture
def tracking(account: Account, samples: Any) -> Tracking:
    return Tracking(account, DataCentres(account), Clock(samples.now))
