"""Looks for the reports of open jobs at every data centre, and brings each job to its end.

Reports are asked for by jobId where we have one, in batches. A job in doubt has none: it is looked for by its
customerDefinedId in each data centre's list. A data centre that is down delays its own reports only.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from gateway.fax4a import Fax4AClient, FaxReport, ReportError
from gateway.spool import attempts, jobs, reports
from gateway.spool.attempts import RecordedAccount
from gateway.spool.bell import Bell
from gateway.spool.database import Database
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken
from gateway.spool.rounds import rounds
from gateway.spool.states import ForbiddenTransition, State
from gateway.tracking.foreign import Foreigners
from gateway.tracking.schedule import REPORTS_STAY, pause_until_next_look

log = structlog.get_logger()

OPEN = (State.SUBMITTED, State.IN_DOUBT, State.UNKNOWN)
LARGEST_CYCLE = 10_000  # jobs
LARGEST_BATCH = 1000  # job ids in one bulk request (fax4a.md)
LONGEST_SLEEP = timedelta(seconds=1)
DELETION_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Found:
    """A report, and the data centre that had it."""

    datacenter: str
    report: FaxReport


class Tracker:
    """Follows the jobs of every account that the spool knows; ``run`` until cancelled.

    `connect` gives the client for a recorded account, or None where its login isn't configured any more.
    """

    def __init__(
        self,
        *,
        database: Database,
        connect: Callable[[RecordedAccount], Awaitable[Fax4AClient | None]],
        submitted: Bell,
        said: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._connect = connect
        self._submitted = submitted
        self._said = said
        self._clock = clock
        self._foreigners = Foreigners()
        self._orphaned: set[str] = set()

    async def run(self) -> None:
        await rounds("tracking", self._round)

    async def _round(self) -> None:
        await self.look()
        await self._submitted.wait(LONGEST_SLEEP)

    async def look(self) -> None:
        """One round: every open job whose time has come, then the deletions that are due."""
        now = self._clock()
        open_jobs = await self._database.read(lambda connection: jobs.due(connection, OPEN, now, LARGEST_CYCLE))
        accounts = await self._database.read(attempts.accounts)
        by_account: dict[str | None, list[Job]] = defaultdict(list)
        for job in open_jobs:
            by_account[job.account_id].append(job)
        for account in accounts:
            client = await self._client(account)
            if client is None:
                continue
            if by_account[account.id]:
                await self._look_for(account, client, by_account[account.id], now)
            await self._delete(account, client, now)

    async def _client(self, account: RecordedAccount) -> Fax4AClient | None:
        client = await self._connect(account)
        if client is None and account.id not in self._orphaned:
            self._orphaned.add(account.id)
            log.error(
                "account_without_login",
                account=account.username,
                hint="jobs were sent there; their reports can't be read until its login is configured again",
            )
        return client

    async def _look_for(self, account: RecordedAccount, client: Fax4AClient, wanted: list[Job], now: datetime) -> None:
        await asyncio.gather(*(self._look_at(account, client, name, wanted) for name in account.datacenters))
        await self._postpone(wanted, now)

    async def _look_at(
        self, account: RecordedAccount, client: Fax4AClient, datacenter: str, wanted: Sequence[Job]
    ) -> None:
        """What has come is stored at once, however long another data centre takes."""
        await self._store(account, wanted, await self._ask(account, client, datacenter, wanted))

    async def _ask(
        self, account: RecordedAccount, client: Fax4AClient, datacenter: str, wanted: Sequence[Job]
    ) -> list[Found]:
        """What one data centre has on `wanted`; a data centre that can't answer has nothing this time."""
        ids = [job.wire_id for job in wanted if job.wire_id is not None]
        nameless = any(job.wire_id is None for job in wanted)
        found: list[FaxReport] = []
        try:
            for start in range(0, len(ids), LARGEST_BATCH):
                found += await client.get_reports(datacenter, ids[start : start + LARGEST_BATCH])
            if nameless:
                listed = await client.list_reports(datacenter)
                await self._look_at_strangers(datacenter, listed)
                found += listed
        except ReportError as error:
            log.warning("datacenter_unavailable", datacenter=datacenter, account=account.username, error=str(error))
        return [Found(datacenter, report) for report in found]

    async def _look_at_strangers(self, datacenter: str, listed: Sequence[FaxReport]) -> None:
        named = {r.reference.customer_defined_id for r in listed if r.reference and r.reference.customer_defined_id}
        found = await self._database.read(lambda connection: jobs.load_many(connection, named))
        self._foreigners.look(datacenter, listed, {job.id: job for job in found})

    async def _store(self, account: RecordedAccount, wanted: Iterable[Job], found: Sequence[Found]) -> None:
        by_wire_id = {job.wire_id: job for job in wanted if job.wire_id is not None}
        by_id = {job.id: job for job in wanted if job.wire_id is None}
        stored: set[str] = set()
        for each in found:
            job = by_wire_id.get(each.report.job_id) or by_id.get(_customer_id(each.report) or "")
            if job is not None and job.id not in stored:
                stored.add(job.id)
                await self._end(account, job, each)

    async def _end(self, account: RecordedAccount, job: Job, found: Found) -> None:
        report, now = found.report, self._clock()
        note = Note("tracking", now, f"report {report.job_id} at {found.datacenter}")

        def store(connection: Connection) -> State:
            transition = reports.store(
                connection, job, report, note, datacenter=found.datacenter, all_datacenters=account.datacenters
            )
            return transition.standing.state

        with structlog.contextvars.bound_contextvars(job_id=job.id, message_id=job.mail.message_id):
            try:
                state = await self._database.write(store)
            except (Overtaken, ForbiddenTransition):
                return  # it moved in this moment; the report stays where it is for the next round
            except Exception:
                # One odd report must not hide the others; it is asked for again, ever more seldom.
                log.exception("report_not_stored", fax4a_job_id=report.job_id, datacenter=found.datacenter)
                return
            log.info(
                "reported",
                state=state.value,
                datacenter=found.datacenter,
                pages=report.pages,
                statuses=[recipient.status for recipient in report.recipient_status],
            )
        self._said.ring()

    async def _postpone(self, looked_for: Iterable[Job], now: datetime) -> None:
        """Sets the next look for those that are still open; the others have moved on, and the row says so."""
        next_looks: dict[datetime, list[str]] = defaultdict(list)
        for job in looked_for:
            age = now - (job.sent_at or job.created_at)
            pause = pause_until_next_look(age) if age < REPORTS_STAY else REPORTS_STAY
            next_looks[now + pause].append(job.id)

        def postpone(connection: Connection) -> None:
            for due_at, ids in next_looks.items():
                jobs.postpone(connection, ids, OPEN, due_at)

        await self._database.write(postpone)

    async def _delete(self, account: RecordedAccount, client: Fax4AClient, now: datetime) -> None:
        todo = await self._database.read(
            lambda connection: reports.deletions_due(connection, account.id, now, LARGEST_BATCH)
        )
        by_datacenter: Mapping[str, list[str]] = defaultdict(list)
        for deletion in todo:
            by_datacenter[deletion.datacenter].append(deletion.wire_id)
        await asyncio.gather(
            *(self._delete_at(account, client, name, wire_ids) for name, wire_ids in by_datacenter.items())
        )

    async def _delete_at(
        self, account: RecordedAccount, client: Fax4AClient, datacenter: str, wire_ids: list[str]
    ) -> None:
        try:
            answers = await client.delete_reports(datacenter, wire_ids)
        except ReportError as error:
            log.warning("deletion_postponed", datacenter=datacenter, reports=len(wire_ids), error=str(error))
            answers = []
        gone = {answer.job_id for answer in answers if answer.gone}
        left = [wire_id for wire_id in wire_ids if wire_id not in gone]

        def settle(connection: Connection) -> None:
            reports.deletions_done(connection, account.id, datacenter, gone)
            due_at = self._clock() + DELETION_RETRY
            reports.deletions_postponed(connection, account.id, datacenter, left, due_at)

        await self._database.write(settle)


def _customer_id(report: FaxReport) -> str | None:
    return report.reference.customer_defined_id if report.reference is not None else None
