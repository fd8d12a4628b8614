"""What time alone does to a job: a warning, an end without submission, an end without a report.

``due_event`` is the law (pure); ``Deadlines`` looks at the spool every few seconds.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import structlog
from sqlalchemy import Connection

from gateway.delivery.clock_jumps import ClockJumps, steady_clock
from gateway.delivery.doubt import DoubtRules, given_up_at
from gateway.spool import jobs
from gateway.spool.bell import Bell
from gateway.spool.database import Database
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken
from gateway.spool.overdue import UNSUBMITTED, WAITING, Before, Overdue, overdue
from gateway.spool.rounds import rounds
from gateway.spool.set_back import bring_forward
from gateway.spool.states import Event, ForbiddenTransition, State

log = structlog.get_logger()

# A report is surely there this long after jobValid.end, if it ever comes.
REPORT_GRACE = timedelta(hours=2)
# A daemon that has just started asks every data centre for everything; so long it may take.
CATCH_UP = timedelta(minutes=10)
INTERVAL = timedelta(seconds=2)
MOST = 500  # jobs in one round
AT_ONCE = 16  # of one transaction: mails wait for the same writer


class Warn(Enum):
    """A word that changes no state; its value is the column that holds when it was said."""

    DELAYED = "warned_at"  # delivery.warn_after
    LATE = "late_told_at"  # MAIL's BY=n;N (RFC 2852 §4)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRules:
    warn_after: timedelta
    expire_after: timedelta
    doubt: DoubtRules


def due_event(rules: DeadlineRules, job: Job, now: datetime, up_since: datetime) -> Event | Warn | None:
    """What the clock does to `job` at `now`; None: nothing yet.

    A daemon that was down has asked for no report: what only a missing report says, is counted from its start on.
    """
    waiting_since, ends_by, late_by = job.start_at, job.timing.ends_by, job.timing.late_by
    if job.state in UNSUBMITTED and (now >= waiting_since + rules.expire_after or (ends_by and now >= ends_by)):
        return Event.EXPIRED
    if job.state in WAITING and late_by is not None and job.late_told_at is None and now >= late_by:
        return Warn.LATE
    if job.state in UNSUBMITTED:
        # Of what is perhaps faxed already, "not sent yet" would be wrong.
        if job.warned_at is None and now >= waiting_since + rules.warn_after and not job.standing.perhaps_there:
            return Warn.DELAYED
    elif job.state is State.IN_DOUBT:
        given_up = given_up_at(rules.doubt, job, _reported_by(job))
        if now >= max(given_up, up_since + rules.doubt.in_doubt_after):
            return Event.REPORT_OVERDUE
    elif job.state is State.SUBMITTED and now >= max(_reported_by(job), up_since + CATCH_UP):
        return Event.REPORT_OVERDUE
    return None


def _reported_by(job: Job) -> datetime:
    """When the report of a submitted job surely stands, if it ever comes."""
    return (job.valid_until or job.start_at) + REPORT_GRACE


def due_before(rules: DeadlineRules, now: datetime, up_since: datetime) -> Before:
    """Where to look for jobs that ``due_event`` may find due. Pure."""
    return Before(
        now=now,
        warned=now - rules.warn_after,
        expired=now - rules.expire_after,
        in_doubt=now - rules.doubt.in_doubt_after if now >= up_since + rules.doubt.in_doubt_after else None,
        submitted=now - REPORT_GRACE if now >= up_since + CATCH_UP else None,
    )


class Deadlines:
    def __init__(
        self,
        *,
        database: Database,
        rules: DeadlineRules,
        said: Bell,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = steady_clock,
    ) -> None:
        self._database = database
        self._rules = rules
        self._said = said
        self._clock = clock
        self._up_since = clock()
        self._jumps = ClockJumps(clock, steady)

    async def run(self) -> None:
        await rounds("deadlines", self._round)

    async def _round(self) -> None:
        await self.look()
        await asyncio.sleep(INTERVAL.total_seconds())

    async def look(self) -> None:
        """One round over the jobs whose time has come."""
        now = self._jumps.look()
        self._up_since = min(self._up_since, now)  # a clock that was set back
        if self._jumps.set_back:
            await self._database.write(lambda connection: bring_forward(connection, now))
            self._jumps.settled()
        due = await self._due(now)
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._judge(job, now) for job in due[start : start + AT_ONCE]))

    async def _due(self, now: datetime) -> list[Job]:
        """Those that are due by the clock, without those that are so only because it was set forward."""
        jumps = self._jumps
        found = await self._overdue(now)
        ids = [each.id for each in found if not jumps.credit(each.since)]
        if jumps.total:
            ids += [each.id for each in await self._overdue(now - jumps.total)]
        some = dict.fromkeys(ids[:MOST])
        return await self._database.read(lambda connection: jobs.load_many(connection, some)) if some else []

    async def _overdue(self, now: datetime) -> list[Overdue]:
        before = due_before(self._rules, now, self._up_since)
        return await self._database.read(lambda connection: overdue(connection, before))

    async def _judge(self, job: Job, now: datetime) -> None:
        event = due_event(self._rules, job, now - self._jumps.credit(job.sent_at or job.created_at), self._up_since)
        if event is not None:
            await self._apply(job, event, now)

    async def _apply(self, job: Job, event: Event | Warn, now: datetime) -> None:
        note = Note("delivery", now, job.last_error or "")

        def apply(connection: Connection) -> None:
            if isinstance(event, Warn):
                jobs.warn(connection, job, note, column=event.value)
            else:
                jobs.advance(connection, job, event, note)

        with structlog.contextvars.bound_contextvars(job_id=job.id, message_id=job.mail.message_id):
            try:
                await self._database.write(apply)
            except (Overtaken, ForbiddenTransition):
                return  # it has just moved by itself
            self._said.ring()
            log.warning("deadline", became=event.value, was=job.state.value, last_error=job.last_error)
