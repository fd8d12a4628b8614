"""What an answer to a send means for its job, committed (docs/architecture.md, "Answers to a send", ``fax4a.outcome``).

Here stands what is remembered between attempts: how often each job failed in a row, and whether the account is paused.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar, assert_never

import structlog
from sqlalchemy import Connection

from gateway.delivery.backoff import delay
from gateway.delivery.pause import AccountPause, Consequence, after_acceptance, after_refusal
from gateway.fax4a import (
    Accepted,
    AcceptedEarlier,
    Misconfigured,
    NotArrived,
    Outcome,
    PerhapsArrived,
    Rejected,
)
from gateway.fax4a.hints import hint_of
from gateway.spool import attempts, jobs, lineage
from gateway.spool.attempts import RecordedAccount
from gateway.spool.bell import Bell
from gateway.spool.commits import PASSING, CommitUnknown
from gateway.spool.database import Database, Work
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken
from gateway.spool.states import Event, State

log = structlog.get_logger()

T = TypeVar("T")

# A report can stand as soon as the fax is out; the first look comes this soon after the submission.
FIRST_LOOK = timedelta(seconds=2)
BAD_REQUEST = 400


class Consequences:
    """One for an account."""

    def __init__(
        self,
        *,
        database: Database,
        account: RecordedAccount,
        submitted: Bell,
        said: Bell,
        clock: Callable[[], datetime],
        steady: Callable[[], float],
        chance: Random,
    ) -> None:
        self._database = database
        self._account = account
        self._submitted = submitted
        self._said = said
        self._clock = clock
        self._steady = steady
        self._chance = chance
        self._pause = AccountPause()
        self._failures: dict[str, int] = {}  # in a row, by job; a restart begins anew
        self._again_at: dict[str, timedelta] = {}  # of jobs whose next attempt waits; by `steady`

    def slots(self, *, in_flight: int, concurrency: int) -> int:
        """How many jobs may be started now."""
        return self._pause.slots(self.uptime(), in_flight=in_flight, concurrency=concurrency)

    async def gives_way(self) -> bool:
        """Whether a daemon at the same spool has probed a paused account for this one."""
        if not self._pause.paused:
            return False
        refused = await self._database.read(
            lambda connection: attempts.last_misconfigured(connection, self._account.id)
        )
        return self._pause.gives_way(self.uptime(), self._clock(), refused)

    def may_try(self, job_id: str) -> bool:
        """Whether its last attempt is long enough ago."""
        now = self.uptime()
        return now >= self._again_at.get(job_id, now)

    def uptime(self) -> timedelta:
        """What is only remembered is so by a clock that nobody can set: an account would stay paused for as long."""
        return timedelta(seconds=self._steady())

    async def doubt(self, job: Job, reason: str) -> None:
        """Nobody knows what became of its attempt."""
        log.error("in_doubt", job_id=job.id, reason=reason, hint="its report is looked for")
        await self._finish(job, Event.PERHAPS_ARRIVED, reason, due_at=self._clock())

    async def expire(self, job: Job) -> None:
        """Its sender has set a time (RFC 2852), and it is over: to send the fax now would be too late."""
        note = Note("delivery", self._clock(), "the time that its sender set is over")
        await self._commit(lambda connection: jobs.advance(connection, job, Event.EXPIRED, note))
        self._said.ring()

    async def conclude(self, job: Job, outcome: Outcome, *, began_at: timedelta) -> None:
        """`job` is as its attempt has left it: `submitting` where it began. `began_at` by ``uptime``."""
        now = self._clock()
        match outcome:
            case Accepted():
                self._failures.pop(job.id, None)
                self._again_at.pop(job.id, None)
                was_paused = self._pause.paused
                self._pause = after_acceptance(self._pause, job.id, self.uptime(), began_at=began_at)
                if was_paused and not self._pause.paused:
                    log.info("account_resumed", account=self._account.username)
                await self._accepted(job, outcome.job_id, now)
                seconds = (now - job.sent_at).total_seconds() if job.sent_at is not None else 0.0
                log.info("submitted", fax4a_job_id=outcome.job_id, seconds=round(seconds, 3))
                self._submitted.ring()
            case NotArrived():
                await self.postpone(job, outcome.reason, retry_after=outcome.retry_after)
            case Misconfigured():
                await self._refused(job, outcome, began_at)
            case Rejected():
                await self._reject(job, outcome)
            case AcceptedEarlier():
                if job.standing.perhaps_there:
                    hint = "409: the job is there; its report is looked for"
                    log.warning("accepted_earlier", answer=outcome.message, hint=hint)
                else:
                    hint = "409, and no attempt of ours had arrived: what repeats requests between us and the API?"
                    log.error("request_repeated", answer=outcome.message, hint=hint)
                await self._finish(job, Event.ACCEPTED_EARLIER, outcome.message, due_at=now + FIRST_LOOK)
                self._submitted.ring()
            case PerhapsArrived():
                log.warning("in_doubt", reason=outcome.reason, hint="its report is looked for; see retarus.on_doubt")
                await self._finish(job, Event.PERHAPS_ARRIVED, outcome.reason, due_at=now + FIRST_LOOK)
                self._wait_with(job.id)
                self._submitted.ring()
            case _:
                assert_never(outcome)

    async def _accepted(self, job: Job, wire_id: str, now: datetime) -> None:
        due_at = now + FIRST_LOOK

        def accepted(connection: Connection) -> None:
            try:
                attempts.finish(connection, job, Event.ACCEPTED, Note("delivery", now), due_at=due_at, wire_id=wire_id)
            except Overtaken:
                # Another daemon held this one for dead, and the job is in doubt: the answer ends that.
                doubted = jobs.reload(connection, job)
                if doubted.state is not State.IN_DOUBT or doubted.attempts != job.attempts:
                    raise
                note = Note("delivery", now, "its answer came late")
                attempts.finish(connection, doubted, Event.FOUND, note, due_at=due_at, wire_id=wire_id)

        await self._commit(accepted)

    def _wait_with(self, job_id: str) -> timedelta:
        """How long until the next attempt, longer each time."""
        failures = self._failures[job_id] = self._failures.get(job_id, 0) + 1
        wait = delay(failures, self._chance)
        self._again_at[job_id] = self.uptime() + wait
        return wait

    async def postpone(self, job: Job, reason: str, *, retry_after: timedelta | None) -> None:
        failures = self._failures[job.id] = self._failures.get(job.id, 0) + 1
        wait = delay(failures, self._chance, retry_after)
        log.warning("not_arrived", reason=reason, again_in_s=round(wait.total_seconds(), 1), failures=failures)
        self._again_at[job.id] = self.uptime() + wait
        due_at = self._clock() + wait
        if job.state is State.SUBMITTING:
            await self._finish(job, Event.NOT_ARRIVED, reason, due_at=due_at)
        else:
            await self._move_back(job, reason, due_at)

    async def _move_back(self, job: Job, reason: str, due_at: datetime) -> None:
        """For an attempt that never began: the job stays `prepared`."""

        def postpone(connection: Connection) -> None:
            jobs.change(connection, job, {"due_at": due_at, "last_error": reason, "owner": None})
            if job.last_error != reason:  # one event a reason, not one a try
                jobs.record(connection, job.id, "not_arrived", Note("delivery", self._clock(), reason))

        await self._commit(postpone)

    async def _refused(self, job: Job, outcome: Misconfigured, began_at: timedelta) -> None:
        now = self._clock()
        wait = delay(self._pause.failures + 1, self._chance)
        began = job.state is State.SUBMITTING  # else a proxy refused us (407), and nothing of the request has left
        self._pause, consequence = after_refusal(self._pause, job.id, self.uptime(), wait, began_at=began_at)
        reason = f"{outcome.code} {outcome.message}"
        match consequence:
            case Consequence.PAUSE:
                log.error(
                    "account_paused",
                    account=self._account.username,
                    answer=reason,
                    probe_in_s=round(wait.total_seconds(), 1),
                    hint="check retarus.username, password, customer_number and the login's IP allow-list",
                )
                await self._back_in_line(job, reason, began=began)
            case Consequence.WAIT:
                log.warning("probe_refused", answer=reason, probe_in_s=round(wait.total_seconds(), 1))
                await self._back_in_line(job, reason, began=began)
            case Consequence.AGAIN:
                log.warning(
                    "refused_late", answer=reason, hint="a request that began later was accepted: it is sent again"
                )
                await self._back_in_line(job, reason, began=began)
            case Consequence.HOLD:
                log.error("job_held", answer=reason, hint="other jobs are accepted: look at this one, then release it")
                await self._finish(job, Event.HELD, reason, due_at=now)
            case _:
                assert_never(consequence)

    async def _back_in_line(self, job: Job, reason: str, *, began: bool) -> None:
        """Behind the others: a paused account is probed with the job that was probed longest ago."""
        if began:
            await self._finish(job, Event.MISCONFIGURED, reason, due_at=self._clock())
        else:
            await self._move_back(job, reason, self._clock())

    async def _reject(self, job: Job, outcome: Rejected) -> None:
        reason = f"{outcome.code} {outcome.message}"
        now = self._clock()
        splits = outcome.code == BAD_REQUEST and len(job.recipients) > 1 and not job.standing.perhaps_there
        if not splits:
            log.warning("rejected", answer=reason, hint=hint_of(outcome.code, outcome.message))
            await self._finish(job, Event.REJECTED, reason, due_at=now)
            self._wait_with(job.id)  # where it stays in doubt
            self._said.ring()
            return
        note = Note("delivery", now, reason)
        children = await self._commit(lambda connection: lineage.split(connection, job, note, due_at=now))
        log.warning("split", answer=reason, into=list(children))

    async def _finish(
        self, job: Job, event: Event, detail: str, *, due_at: datetime, wire_id: str | None = None
    ) -> None:
        note = Note("delivery", self._clock(), detail)

        def finish(connection: Connection) -> None:
            attempts.finish(connection, job, event, note, due_at=due_at, wire_id=wire_id)

        await self._commit(finish)

    async def _commit(self, work: Work[T]) -> T:
        """Commits what an answer means, however long the spool can't be written: the answer comes only once."""
        failures = 0
        while True:
            try:
                return await self._database.write(work)
            except (*PASSING, CommitUnknown) as error:
                failures += 1
                wait = delay(failures, self._chance)
                log.error("spool_not_writable", error=str(error.__cause__ or error), again_in_s=wait.total_seconds())  # noqa: TRY400 - no stack: the cause is the disk
                await asyncio.sleep(wait.total_seconds())
