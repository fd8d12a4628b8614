"""Files what a data centre has shown or the service has pushed.

Reports end their jobs, and what must never happen is committed as an alert.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from gateway.fax4a import FaxReport
from gateway.spool import attempts, jobs, reports, tracked
from gateway.spool.attempts import RecordedAccount
from gateway.spool.bell import Bell
from gateway.spool.commits import PASSING
from gateway.spool.database import Database
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken
from gateway.spool.states import ForbiddenTransition, State
from gateway.tracking.sorting import Alert, Sorted, customer_id, sort_out, sort_pushed

log = structlog.get_logger()

# Reports of one transaction: mails wait for the same writer.
AT_ONCE = 16


class Filing:
    """One for all data centres. `ended` gets the id of each job that a report has ended."""

    def __init__(
        self, *, database: Database, said: Bell, clock: Callable[[], datetime], ended: Callable[[str], None]
    ) -> None:
        self._database = database
        self._said = said
        self._clock = clock
        self._ended = ended

    async def file(self, account: RecordedAccount, datacenter: str, found: Sequence[FaxReport]) -> Sorted:
        """Commits what `found` means; returns how it was sorted, and what could not be stored (`unfiled`)."""
        if not found:
            return Sorted()
        ids = {name for name in map(customer_id, found) if name}
        wire_ids = {report.job_id for report in found}
        known = await self._database.read(lambda connection: tracked.known(connection, ids, wire_ids))
        result = sort_out(found, known)
        await self._alert(result.alerts, datacenter)
        await self._delete_again(account, result.stored)
        await self._store(account, datacenter, result)
        return result

    async def file_pushed(self, job_id: str, report: FaxReport) -> Sorted | None:
        """As ``file``, of the job that the push's token names, which chooses it alone; None where it is gone.

        Where it is stored already, its deletion is no to-do again: a push doesn't say that it is still there. Should a
        deletion have come before the data centre showed it, the next list makes it one.
        """
        ids = {job_id, customer_id(report) or job_id}
        known = await self._database.read(lambda connection: tracked.known(connection, ids, {report.job_id}))
        job = next((each for each in known if each.id == job_id), None)
        if job is None:
            return None
        result = sort_pushed(job, known, report)
        await self._alert(result.alerts, None)
        if result.ours:
            account = await self._database.read(lambda connection: attempts.account_of(connection, job_id))
            await self._store(account, None, result)
        return result

    async def _alert(self, alerts: Sequence[Alert], datacenter: str | None) -> None:
        if not alerts:
            return
        now = self._clock()

        def record(connection: Connection) -> list[Alert]:
            return [
                alert
                for alert in alerts
                if tracked.record_once(connection, alert.job_id, alert.alarm, Note("tracking", now, alert.detail))
            ]

        for alert in await self._database.write(record):
            log.error(alert.alarm.value, job_id=alert.job_id, what=alert.detail, datacenter=datacenter)

    async def _delete_again(self, account: RecordedAccount, stored: Sequence[FaxReport]) -> None:
        """What is stored and still shown: its deletion is to be done yet, or came too early."""
        if not stored:
            return
        now = self._clock()

        def note(connection: Connection) -> None:
            for report in stored:
                reports.note_deletion(connection, account.id, account.datacenters, report.job_id, now)

        await self._database.write(note)

    async def _store(self, account: RecordedAccount | None, datacenter: str | None, result: Sorted) -> None:
        found = await self._database.read(lambda connection: jobs.load_many(connection, result.ours))
        for start in range(0, len(found), AT_ONCE):
            some = found[start : start + AT_ONCE]
            ended = await asyncio.gather(*(self._end(account, datacenter, job, result.ours[job.id]) for job in some))
            result.unfiled.update(job.id for job, done in zip(some, ended, strict=True) if not done)

    async def _end(self, account: RecordedAccount | None, datacenter: str | None, job: Job, report: FaxReport) -> bool:
        """Whether the report has ended its job; without `datacenter` it was pushed."""
        found = f"at {datacenter}" if datacenter is not None else "by push"
        note = Note("tracking", self._clock(), f"report {report.job_id} {found}")

        def store(connection: Connection) -> State:
            transition = reports.store(
                connection,
                job,
                report,
                note,
                datacenter=datacenter,
                all_datacenters=account.datacenters if account is not None else (),
                account_id=account.id if account is not None else None,
            )
            return transition.standing.state

        with structlog.contextvars.bound_contextvars(job_id=job.id, message_id=job.mail.message_id):
            try:
                state = await self._database.write(store)
            except (Overtaken, ForbiddenTransition):
                return False  # it moved in this moment; the report stays where it is for the next round
            except PASSING:  # no fault of this report, and the next one's too
                raise
            except Exception:
                # One odd report must not hide the others; it is asked for again, ever more seldom.
                log.exception("report_not_stored", fax4a_job_id=report.job_id, datacenter=datacenter)
                return False
            log.info(
                "reported",
                state=state.value,
                by="look" if datacenter is not None else "push",
                datacenter=datacenter,
                pages=report.pages,
                statuses=[recipient.status for recipient in report.recipient_status],
                seconds=_seconds(job.accepted_at, note.at),
                lag_s=_seconds(_last_dialled(report), note.at),
            )
        self._ended(job.id)
        self._said.ring()
        return True


def _last_dialled(report: FaxReport) -> datetime | None:
    """By the service's clock; None where it doesn't say."""
    return max((each.sent_ts for each in report.recipient_status if each.sent_ts is not None), default=None)


def _seconds(since: datetime | None, now: datetime) -> float | None:
    """Not below 0, however two clocks differ."""
    return round(max((now - since).total_seconds(), 0.0), 3) if since is not None else None
