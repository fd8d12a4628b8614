"""Which jobs are submitted when: prepared ones in the order of their time, several at a time."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog
from sqlalchemy import Connection

from gateway.delivery.attempt import Sending
from gateway.delivery.clock_jumps import steady_clock
from gateway.delivery.consequences import Consequences
from gateway.delivery.doubt import DoubtRules, OnDoubt, may_send_again
from gateway.fax4a import Fax4AClient, HttpStatusPush
from gateway.spool import doubts, jobs, pauses
from gateway.spool.attempts import RecordedAccount
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.in_hand import InHand
from gateway.spool.job import Job
from gateway.spool.jobs import Overtaken
from gateway.spool.lease import Lease, LeaseLost
from gateway.spool.pauses import Activity, Paused
from gateway.spool.rounds import rounds
from gateway.spool.states import ForbiddenTransition, State

log = structlog.get_logger()

LONGEST_SLEEP = timedelta(seconds=5)
# How often jobs in doubt are looked at, where they may be sent again.
DOUBT_LOOK = timedelta(seconds=1)
# How long a stop waits for answers that are on their way.
GRACE = timedelta(seconds=20)


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
        lease: Lease,
        in_hand: InHand,
        prepared: Bell,
        submitted: Bell,
        said: Bell,
        clock: Callable[[], datetime],
        chance: Random,
        steady: Callable[[], float] = steady_clock,
    ) -> None:
        self._database = database
        self._account = account
        self._rules = rules
        self._prepared = prepared
        self._clock = clock
        self._sending = Sending(
            database=database,
            contents=contents,
            client=client,
            account=account,
            push=push,
            lease=lease,
            valid_for=rules.valid_for,
        )
        self._consequences = Consequences(
            database=database,
            account=account,
            submitted=submitted,
            said=said,
            clock=clock,
            steady=steady,
            chance=chance,
        )
        self._is_shared = lease.is_shared
        self._in_hand = in_hand
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self._uploading: set[str] = set()
        lease.on_lost(self._close_uploads)

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
        submitting = await self._in_hand.submitting()
        lost = [job_id for job_id in submitting if job_id not in self._in_flight]
        if not lost:
            return
        found = await self._database.read(lambda connection: jobs.load_many(connection, lost))
        still = set(await self._in_hand.submitting())
        for job in found:
            if job.id in still and job.state is State.SUBMITTING:  # it may have moved between the looks
                await self._consequences.doubt(job, "its submission broke")

    async def _start_due(self) -> None:
        now = self._clock()
        slots = self._consequences.slots(in_flight=len(self._in_flight), concurrency=self._rules.concurrency)
        if slots == 0 or (self._is_shared and await self._consequences.gives_way()):
            return
        most = self._rules.concurrency
        found = await self._in_hand.prepared(now, slots, concurrency=most, without=self._in_flight)
        if self._rules.doubt.on_doubt is not OnDoubt.FAIL:
            found += await self._database.read(lambda connection: self._to_send_again(connection, now))
        for job in [job for job in found if job.id not in self._in_flight][:slots]:
            task = asyncio.create_task(self._submit(job), name=f"submit-{job.id}")
            self._in_flight[job.id] = task
            task.add_done_callback(partial(self._done, job.id))

    def _to_send_again(self, connection: Connection, now: datetime) -> list[Job]:
        """Jobs in doubt of this account of which another attempt makes no second fax."""
        rules = self._rules.doubt
        after = timedelta() if rules.on_doubt is OnDoubt.ASK else rules.in_doubt_after
        lists = doubts.lists_read(connection, self._account.id)
        return [
            job
            for job in doubts.unaccepted(connection, self._account.id, now - after)
            if may_send_again(rules, job, now, self._account.datacenters, lists) and self._consequences.may_try(job.id)
        ]

    async def _let_finish(self) -> None:
        """An answer that is on its way is worth waiting for: without it the job is in doubt at the next start."""
        if not self._in_flight:
            return
        _, unfinished = await asyncio.wait(self._in_flight.values(), timeout=GRACE.total_seconds())
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    def _close_uploads(self) -> None:
        """The others hold this daemon for dead. Answers that are there already are still committed."""
        for job_id in self._uploading:
            self._in_flight[job_id].cancel()

    def _done(self, job_id: str, _: asyncio.Task[None]) -> None:
        del self._in_flight[job_id]
        self._prepared.ring()  # a slot is free

    async def _until_next(self) -> timedelta:
        due_at = await self._in_hand.next_prepared()
        longest = LONGEST_SLEEP if self._rules.doubt.on_doubt is OnDoubt.FAIL else DOUBT_LOOK
        if due_at is None or self._in_flight:
            return longest
        return min(max(due_at - self._clock(), timedelta(milliseconds=50)), longest)

    async def _submit(self, job: Job) -> None:
        with structlog.contextvars.bound_contextvars(job_id=job.id, message_id=job.mail.message_id):
            try:
                began_at = self._consequences.uptime()
                self._uploading.add(job.id)
                try:
                    attempted = await self._sending.send(job, self._clock())
                finally:
                    self._uploading.discard(job.id)
                if attempted is None:
                    await self._consequences.expire(job)
                else:
                    await self._consequences.conclude(attempted.job, attempted.outcome, began_at=began_at)
            except (Overtaken, ForbiddenTransition, LeaseLost, Paused) as overtaken:
                # Held, cancelled, expired or paused while its connection was made: nothing has been sent.
                log.info("submission_dropped", reason=str(overtaken))
            except Exception:
                # Where its first byte may have left, the next round puts it in doubt.
                log.exception("submission_broken", hint="the job stays where it is; see its events")
                with suppress(Overtaken):
                    await self._consequences.postpone(job, "internal error, see the log", retry_after=None)
