"""Submits prepared jobs, several at a time, and commits what each answer means (``fax4a.outcome``)."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import TypeVar, assert_never

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from gateway.delivery.backoff import delay
from gateway.delivery.doubt import DoubtRules, OnDoubt, may_send_again
from gateway.delivery.pause import AccountPause, Consequence, after_acceptance, after_refusal
from gateway.delivery.request import fax_job_request
from gateway.fax4a import (
    Accepted,
    AcceptedEarlier,
    Fax4AClient,
    HttpStatusPush,
    Misconfigured,
    NotArrived,
    Outcome,
    PerhapsArrived,
    Rejected,
)
from gateway.spool import attempts, doubts, jobs, lineage, pauses
from gateway.spool.attempts import RecordedAccount
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.database import Database, Work
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken
from gateway.spool.pauses import Activity, Paused
from gateway.spool.rounds import rounds
from gateway.spool.states import Event, ForbiddenTransition, State

log = structlog.get_logger()

T = TypeVar("T")

# A report can stand as soon as the fax is out; the first look comes this soon after the submission.
FIRST_LOOK = timedelta(seconds=2)
LONGEST_SLEEP = timedelta(seconds=5)
# How often jobs in doubt are looked at, where they may be sent again.
DOUBT_LOOK = timedelta(seconds=1)
# How long a stop waits for answers that are on their way.
GRACE = timedelta(seconds=20)
BAD_REQUEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRules:
    concurrency: int  # requests at a time
    valid_for: timedelta  # jobValid.end of every request
    paused: bool  # delivery.paused
    doubt: DoubtRules


class Submitter:
    """Takes prepared jobs that are due, the longest waiting first. One per account; ``run`` until cancelled."""

    def __init__(
        self,
        *,
        database: Database,
        contents: ContentStore,
        client: Fax4AClient,
        account: RecordedAccount,
        rules: SubmitRules,
        push: Callable[[str], HttpStatusPush] | None = None,
        owner: str,
        prepared: Bell,
        submitted: Bell,
        said: Bell,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        self._database = database
        self._contents = contents
        self._client = client
        self._account = account
        self._rules = rules
        self._push = push  # where a job's report is pushed to, by its id
        self._owner = owner
        self._prepared = prepared
        self._submitted = submitted
        self._said = said
        self._clock = clock
        self._chance = chance
        self._pause = AccountPause()
        self._failures: dict[str, int] = {}  # in a row, by job; a restart begins anew
        self._account_kept = False  # in the spool
        self._again_at: dict[str, datetime] = {}  # of jobs in doubt whose next attempt waits
        self._in_flight: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            await rounds("delivery", self._round)
        finally:
            await self._let_finish()

    async def _round(self) -> None:
        await self._doubt_the_lost()
        if self._rules.paused or await self._database.read(lambda c: pauses.is_paused(c, Activity.SUBMIT)):
            await self._prepared.wait(LONGEST_SLEEP)
            return
        await self._start_due()
        await self._prepared.wait(await self._until_next())

    async def _doubt_the_lost(self) -> None:
        """A job in `submitting` that nobody here has in hand lost its task to a fault of ours: it perhaps arrived."""
        submitting = await self._database.read(lambda connection: jobs.ids_in_state(connection, State.SUBMITTING))
        lost = [job_id for job_id in submitting if job_id not in self._in_flight]
        if not lost:
            return
        for job in await self._database.read(lambda connection: jobs.load_many(connection, lost)):
            log.error("in_doubt", job_id=job.id, reason="its submission broke", hint="its report is looked for")
            await self._finish(job, Event.PERHAPS_ARRIVED, "its submission broke", due_at=self._clock())

    async def _start_due(self) -> None:
        now = self._clock()
        slots = self._pause.slots(now, in_flight=len(self._in_flight), concurrency=self._rules.concurrency)
        if slots == 0:
            return
        found = await self._database.read(
            lambda connection: [
                *jobs.due(connection, [State.PREPARED], now, limit=slots, without=self._in_flight),
                *self._to_send_again(connection, now),
            ]
        )
        for job in [job for job in found if job.id not in self._in_flight][:slots]:
            task = asyncio.create_task(self._submit(job), name=f"submit-{job.id}")
            self._in_flight[job.id] = task
            task.add_done_callback(partial(self._done, job.id))

    def _to_send_again(self, connection: Connection, now: datetime) -> list[Job]:
        """Jobs in doubt of this account of which another attempt makes no second fax."""
        rules = self._rules.doubt
        if rules.on_doubt is OnDoubt.FAIL:
            return []
        after = timedelta() if rules.on_doubt is OnDoubt.ASK else rules.in_doubt_after
        lists = doubts.lists_read(connection, self._account.id)
        return [
            job
            for job in doubts.unaccepted(connection, self._account.id, now - after)
            if may_send_again(rules, job, now, self._account.datacenters, lists)
            and now >= self._again_at.get(job.id, now)
        ]

    async def _let_finish(self) -> None:
        """An answer that is on its way is worth waiting for: without it the job is in doubt at the next start."""
        if not self._in_flight:
            return
        _, unfinished = await asyncio.wait(self._in_flight.values(), timeout=GRACE.total_seconds())
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    def _done(self, job_id: str, _: asyncio.Task[None]) -> None:
        del self._in_flight[job_id]
        self._prepared.ring()  # a slot is free

    async def _until_next(self) -> timedelta:
        due_at = await self._database.read(lambda connection: jobs.next_due(connection, [State.PREPARED]))
        longest = LONGEST_SLEEP if self._rules.doubt.on_doubt is OnDoubt.FAIL else DOUBT_LOOK
        if due_at is None or self._in_flight:
            return longest
        return min(max(due_at - self._clock(), timedelta(milliseconds=50)), longest)

    async def _submit(self, job: Job) -> None:
        with structlog.contextvars.bound_contextvars(job_id=job.id, message_id=job.mail.message_id):
            try:
                await self._attempt(job)
            except (Overtaken, ForbiddenTransition, Paused) as overtaken:
                # Held, cancelled, expired or paused while its connection was made: nothing has been sent.
                log.info("submission_dropped", reason=str(overtaken))
            except Exception:
                # Where its first byte may have left, the next round puts it in doubt.
                log.exception("submission_broken", hint="the job stays where it is; see its events")
                with suppress(Overtaken):
                    await self._postpone(job, "internal error, see the log", retry_after=None)

    async def _attempt(self, job: Job) -> None:
        documents = await self._database.read(lambda connection: attempts.documents(connection, self._contents, job.id))
        started_at = self._clock()
        valid_until = min(started_at + self._rules.valid_for, job.timing.ends_by or datetime.max.replace(tzinfo=UTC))
        if valid_until <= started_at:
            await self._expire(job)
            return
        push = self._push(job.id) if self._push is not None else None
        request = fax_job_request(job, documents, valid_until, push)
        started: list[Job] = []

        async def before_first_byte() -> None:
            def start(connection: Connection) -> Job:
                pauses.refuse_if_paused(connection, Activity.SUBMIT)
                if not self._account_kept:
                    attempts.keep_account(connection, self._account)
                attempts.start(
                    connection, job, self._account.id, owner=self._owner, at=started_at, valid_until=valid_until
                )
                return jobs.reload(connection, job)

            started.append(await self._database.write(start))
            self._account_kept = True
            log.info("submitting", attempt=started[0].attempts, documents=len(documents))

        try:
            outcome = await self._client.submit(request, before_first_byte=before_first_byte)
        except Exception as error:
            if not started:
                raise
            # Whatever broke, the request may be there: never to be sent again as if it weren't.
            log.exception("submission_broken", hint="its report is looked for")
            outcome = PerhapsArrived(f"internal error: {type(error).__name__}")
        await self._conclude(started[0] if started else job, outcome)

    async def _expire(self, job: Job) -> None:
        """Its sender has set a time (RFC 2852), and it is over: to send the fax now would be too late."""
        note = Note("delivery", self._clock(), "the time that its sender set is over")
        await self._commit(lambda connection: jobs.advance(connection, job, Event.EXPIRED, note))
        self._said.ring()

    async def _conclude(self, job: Job, outcome: Outcome) -> None:
        now = self._clock()
        match outcome:
            case Accepted():
                self._failures.pop(job.id, None)
                self._again_at.pop(job.id, None)
                if self._pause.paused:
                    log.info("account_resumed", account=self._account.username)
                self._pause = after_acceptance(self._pause, job.id, now)
                await self._finish(job, Event.ACCEPTED, "", due_at=now + FIRST_LOOK, wire_id=outcome.job_id)
                seconds = (now - job.sent_at).total_seconds() if job.sent_at is not None else 0.0
                log.info("submitted", fax4a_job_id=outcome.job_id, seconds=round(seconds, 3))
                self._submitted.ring()
            case NotArrived():
                await self._postpone(job, outcome.reason, retry_after=outcome.retry_after)
            case Misconfigured():
                await self._refused(job, outcome)
            case Rejected():
                await self._reject(job, outcome)
            case AcceptedEarlier():
                # On a first attempt something between us and the API repeats requests.
                level = log.error if job.attempts == 1 else log.warning
                level(
                    "accepted_earlier", answer=outcome.message, hint="409: the job is there; its report is looked for"
                )
                await self._finish(job, Event.ACCEPTED_EARLIER, outcome.message, due_at=now + FIRST_LOOK)
                self._submitted.ring()
            case PerhapsArrived():
                log.warning("in_doubt", reason=outcome.reason, hint="its report is looked for; see retarus.on_doubt")
                await self._finish(job, Event.PERHAPS_ARRIVED, outcome.reason, due_at=now + FIRST_LOOK)
                self._wait_with(job.id)
                self._submitted.ring()
            case _:
                assert_never(outcome)

    def _wait_with(self, job_id: str) -> timedelta:
        """How long until the next attempt, longer each time."""
        failures = self._failures[job_id] = self._failures.get(job_id, 0) + 1
        wait = delay(failures, self._chance)
        self._again_at[job_id] = self._clock() + wait
        return wait

    async def _postpone(self, job: Job, reason: str, *, retry_after: timedelta | None) -> None:
        failures = self._failures[job.id] = self._failures.get(job.id, 0) + 1
        wait = delay(failures, self._chance, retry_after)
        log.warning("not_arrived", reason=reason, again_in_s=round(wait.total_seconds(), 1), failures=failures)
        due_at = self._again_at[job.id] = self._clock() + wait
        if job.state is State.SUBMITTING:
            await self._finish(job, Event.NOT_ARRIVED, reason, due_at=due_at)
        else:
            await self._move_back(job, reason, due_at)

    async def _move_back(self, job: Job, reason: str, due_at: datetime) -> None:
        """For an attempt that never began: the job stays `prepared`."""

        def postpone(connection: Connection) -> None:
            jobs.change(connection, job, {"due_at": due_at, "last_error": reason})
            if job.last_error != reason:  # one event a reason, not one a try
                jobs.record(connection, job.id, "not_arrived", Note("delivery", self._clock(), reason))

        await self._commit(postpone)

    async def _refused(self, job: Job, outcome: Misconfigured) -> None:
        now = self._clock()
        wait = delay(self._pause.failures + 1, self._chance)
        began = job.state is State.SUBMITTING  # else a proxy refused us (407), and nothing of the request has left
        self._pause, consequence = after_refusal(self._pause, job.id, now, wait)
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
        splits = outcome.code == BAD_REQUEST and len(job.recipients) > 1 and not job.standing.perhaps_arrived
        if not splits:
            log.warning("rejected", answer=reason)
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
            except OperationalError as error:  # the disk, a lock: it passes
                failures += 1
                wait = delay(failures, self._chance)
                log.error("spool_not_writable", error=str(error.__cause__ or error), again_in_s=wait.total_seconds())  # noqa: TRY400 - no stack: the cause is the disk
                await asyncio.sleep(wait.total_seconds())
