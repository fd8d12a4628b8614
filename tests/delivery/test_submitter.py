"""Which jobs are sent when, how many at a time, and what comes between: pauses, a cancellation, a stop, a crash."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.delivery.recovery import Recovery
from gateway.fax4a import (
    Accepted,
    Account,
    FaxJobRequest,
    Misconfigured,
    Outcome,
)
from gateway.spool import jobs, pauses
from gateway.spool.jobs import Note
from gateway.spool.pauses import Activity
from gateway.spool.states import Event, State
from tests.delivery.scripted_api import ScriptedApi, submitter, until


def test_no_more_requests_at_a_time_than_the_account_allows(open_spool: Any, samples: Any, account: Account) -> None:
    api = ScriptedApi(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            for number in range(10):
                await samples.prepared(spool, f"+498912345{number}")
            async with submitter(spool, api, samples.now, concurrency=3):

                async def all_sent() -> bool:
                    return len(api.requests) == 10

                await until(all_sent)

    asyncio.run(scenario())
    assert api.most_concurrent == 3


def test_a_large_fax_that_was_begun_with_the_old_password_holds_no_other_job(
    open_spool: Any, samples: Any, account: Account
) -> None:
    """It is accepted late, after the password was changed and another job was refused."""

    class ChangedAmidst(ScriptedApi):
        large = ""
        refusals = 0
        refused = asyncio.Event()

        async def submit(self, request: FaxJobRequest, *, before_first_byte: Callable[[], Awaitable[None]]) -> Outcome:
            await before_first_byte()
            if request.reference is not None and request.reference.customer_defined_id == self.large:
                await self.refused.wait()
                return Accepted("FJJ1")
            self.refusals += 1
            self.refused.set()
            return Misconfigured(401, "Authentication failed")

    api = ChangedAmidst(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            large = await samples.prepared(spool)
            api.large = large.id
            other = await samples.prepared(spool, "+4989123457", message_id="<2@example.com>")
            async with submitter(spool, api, samples.now):
                await until(lambda: in_state(spool, samples, large.id, State.SUBMITTED))

                async def probed() -> bool:
                    return api.refusals == 2 and await in_state(spool, samples, other.id, State.PREPARED)

                await until(probed)
            assert (await samples.load(spool, other.id)).state is State.PREPARED  # not held

    asyncio.run(scenario())


def test_delivery_paused_sends_nothing(open_spool: Any, samples: Any, account: Account) -> None:
    api = ScriptedApi(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            async with submitter(spool, api, samples.now, paused=True) as (_, prepared):
                prepared.ring()
                await asyncio.sleep(0.2)
            assert await samples.load(spool, job.id) == job

    asyncio.run(scenario())
    assert api.requests == []


def test_an_operators_pause_sends_nothing_and_its_end_sends_at_once(
    open_spool: Any, samples: Any, account: Account
) -> None:
    async def scenario() -> None:
        api = ScriptedApi(account)
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            await spool.database.write(lambda c: pauses.pause(c, Activity.SUBMIT, "operator jana", samples.now))
            async with submitter(spool, api, samples.now) as (_, prepared):
                prepared.ring()
                await asyncio.sleep(0.2)
                assert await samples.load(spool, job.id) == job
                assert api.requests == []
                await spool.database.write(lambda c: pauses.resume(c, Activity.SUBMIT, "operator jana", samples.now))
                prepared.ring()
                await until(lambda: in_state(spool, samples, job.id, State.SUBMITTED))
            assert len(api.requests) == 1

    asyncio.run(scenario())


def test_a_pause_while_a_connection_is_made_lets_no_byte_leave(open_spool: Any, samples: Any, account: Account) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)

            class SlowConnection(ScriptedApi):
                connected = 0

                async def submit(self, request: FaxJobRequest, **gate: Any) -> Outcome:
                    self.connected += 1
                    await spool.database.write(lambda c: pauses.pause(c, Activity.SUBMIT, "operator jana", samples.now))
                    return await super().submit(request, **gate)

            api = SlowConnection(account)
            async with submitter(spool, api, samples.now):
                await asyncio.sleep(0.3)
            assert (api.connected, api.requests) == (1, [])
            assert await samples.load(spool, job.id) == job

    asyncio.run(scenario())


async def in_state(spool: Any, samples: Any, job_id: str, state: State) -> bool:
    return bool((await samples.load(spool, job_id)).state is state)


def test_a_job_that_is_cancelled_while_its_connection_is_made_is_not_sent(
    open_spool: Any, samples: Any, account: Account
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)

            class SlowConnection(ScriptedApi):
                async def submit(self, request: FaxJobRequest, **gate: Any) -> Outcome:
                    note = Note("operator", samples.now)
                    await spool.database.write(lambda c: jobs.advance(c, job, Event.CANCELLED, note))
                    return await super().submit(request, **gate)

            api = SlowConnection(account)
            async with submitter(spool, api, samples.now):

                async def cancelled() -> bool:
                    return bool((await samples.load(spool, job.id)).state is State.CANCELLED)

                await until(cancelled)
                await asyncio.sleep(0.1)
            assert api.requests == []
            assert (await samples.load(spool, job.id)).state is State.CANCELLED

    asyncio.run(scenario())


def test_a_crash_in_submitting_is_doubt_at_the_next_start_and_never_a_second_request(
    open_spool: Any, samples: Any, account: Account
) -> None:
    api = ScriptedApi(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitting(spool)
        async with open_spool() as spool:
            assert await Recovery(database=spool.database, clock=lambda: samples.now).look() == 1
            async with submitter(spool, api, samples.now) as (_, prepared):
                prepared.ring()
                await asyncio.sleep(0.2)
            found = await samples.load(spool, job.id)
            assert (found.state, found.standing.perhaps_arrived) == (State.IN_DOUBT, True)
            assert await Recovery(database=spool.database, clock=lambda: samples.now).look() == 0

    asyncio.run(scenario())
    assert api.requests == []


def test_a_stop_waits_for_the_answer_that_is_on_its_way(open_spool: Any, samples: Any, account: Account) -> None:
    class SlowAnswer(ScriptedApi):
        async def submit(self, request: FaxJobRequest, *, before_first_byte: Callable[[], Awaitable[None]]) -> Outcome:
            await before_first_byte()
            self.requests.append(request)
            await asyncio.sleep(0.5)
            return Accepted("FJJ1")

    api = SlowAnswer(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            async with submitter(spool, api, samples.now):

                async def sent() -> bool:
                    return bool(api.requests)

                await until(sent)
            assert (await samples.load(spool, job.id)).state is State.SUBMITTED

    asyncio.run(scenario())


def test_a_job_whose_submission_broke_after_its_first_byte_is_in_doubt_without_a_restart(
    open_spool: Any, samples: Any, account: Account
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitting(spool)  # and nobody has it in hand
            async with submitter(spool, ScriptedApi(account), samples.now):

                async def in_doubt() -> bool:
                    return bool((await samples.load(spool, job.id)).state is State.IN_DOUBT)

                await until(in_doubt)

    asyncio.run(scenario())
