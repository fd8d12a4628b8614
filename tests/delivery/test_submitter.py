"""What each answer to a send makes of a job, on a real spool, with an API that answers by script."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import update

from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.delivery.recovery import Recovery
from gateway.delivery.submitter import SubmitRules, Submitter
from gateway.fax4a import (
    Accepted,
    AcceptedEarlier,
    Account,
    FaxJobRequest,
    Misconfigured,
    NotArrived,
    Outcome,
    PerhapsArrived,
    Rejected,
)
from gateway.spool import doubts, jobs, pauses, schema
from gateway.spool.attempts import recorded
from gateway.spool.bell import Bell
from gateway.spool.jobs import Note
from gateway.spool.pauses import Activity
from gateway.spool.states import Event, State


class ScriptedApi:
    """Stands where Fax4AClient stands; each answer says whether the connection stood before it came."""

    def __init__(self, account: Account, *script: Outcome | Exception, connects: bool = True) -> None:
        self.account = account
        self.script = list(script)
        self.connects = connects
        self.requests: list[FaxJobRequest] = []
        self.concurrent = self.most_concurrent = 0

    async def submit(self, request: FaxJobRequest, *, before_first_byte: Callable[[], Awaitable[None]]) -> Outcome:
        self.concurrent += 1
        self.most_concurrent = max(self.most_concurrent, self.concurrent)
        try:
            if self.connects:
                await before_first_byte()
            self.requests.append(request)
            await asyncio.sleep(0.01)
            answer = self.script.pop(0) if self.script else Accepted(f"FJJ{len(self.requests)}")
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.concurrent -= 1


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def submitter(
    spool: Any,
    api: ScriptedApi,
    now: datetime,
    *,
    paused: bool = False,
    concurrency: int = 8,
    on_doubt: OnDoubt = OnDoubt.FAIL,
) -> Any:
    prepared, clock = Bell(), Clock(now)
    part = Submitter(
        database=spool.database,
        contents=spool.contents,
        client=api,  # type: ignore[arg-type] # it has what the submitter uses
        account=recorded(api.account),
        rules=SubmitRules(
            concurrency=concurrency,
            valid_for=timedelta(hours=24),
            paused=paused,
            doubt=DoubtRules(on_doubt=on_doubt, in_doubt_after=timedelta(hours=2), expire_after=timedelta(hours=72)),
        ),
        lease=spool.lease,
        in_hand=spool.in_hand,
        prepared=prepared,
        submitted=Bell(),
        said=Bell(),
        clock=clock,
        chance=Random(1),
    )
    task = asyncio.create_task(part.run())
    try:
        yield clock, prepared
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.01)


def outcome_of(open_spool: Any, samples: Any, api: ScriptedApi, *numbers: str) -> tuple[Any, list[str]]:
    """The job after its first answer, and the words that are due."""

    async def scenario() -> tuple[Any, list[str]]:
        async with open_spool() as spool:
            job = await samples.prepared(spool, *numbers)
            async with submitter(spool, api, samples.now):

                async def answered() -> bool:
                    return (await samples.load(spool, job.id)) != job and not api.concurrent

                await until(answered)
                await asyncio.sleep(0.05)
            return await samples.load(spool, job.id), [letter.word for letter in await samples.letters(spool)]

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (Accepted("FJJ1"), State.SUBMITTED, []),
        (NotArrived("503"), State.PREPARED, []),
        (Rejected(413, "too large"), State.FAILED, ["failed"]),
        (Misconfigured(401, "Authentication failed"), State.PREPARED, []),
        (AcceptedEarlier("duplicate"), State.IN_DOUBT, []),
        (PerhapsArrived("500"), State.IN_DOUBT, []),
        (LookupError("a bug of ours"), State.IN_DOUBT, []),
    ],
)
def test_each_answer_has_its_state(
    open_spool: Any, samples: Any, account: Account, answer: Outcome | Exception, state: State, words: list[str]
) -> None:
    job, said = outcome_of(open_spool, samples, ScriptedApi(account, answer))
    assert (job.state, said) == (state, words)
    assert job.attempts == 1
    assert job.standing.perhaps_arrived is (state is State.IN_DOUBT)


def test_an_api_that_is_down_makes_no_attempt_and_no_doubt(open_spool: Any, samples: Any, account: Account) -> None:
    job, said = outcome_of(open_spool, samples, ScriptedApi(account, NotArrived("no connection"), connects=False))
    assert (job.state, job.attempts, said) == (State.PREPARED, 0, [])
    assert job.last_error == "no connection"
    assert job.due_at > samples.now


def test_the_request_is_what_the_spool_has(open_spool: Any, samples: Any, account: Account) -> None:
    api = ScriptedApi(account)
    job, _ = outcome_of(open_spool, samples, api, "+4989123456", "+4989123457")
    (request,) = api.requests
    assert request.reference is not None
    assert request.reference.customer_defined_id == job.id
    assert [recipient.number for recipient in request.recipients] == ["+4989123456", "+4989123457"]
    assert request.meta is not None
    assert request.meta.job_valid is not None
    assert request.meta.job_valid.end == samples.now + timedelta(hours=24) == job.valid_until


def test_a_400_on_several_recipients_is_split(open_spool: Any, samples: Any, account: Account) -> None:
    api = ScriptedApi(account, Rejected(400, "No number available for rcpt"))

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.prepared(spool, "+4989123456", "+4989123457")
            async with submitter(spool, api, samples.now):

                async def both_sent() -> bool:
                    return len(await spool.database.read(lambda c: jobs.in_states(c, [State.SUBMITTED]))) == 2

                await until(both_sent)
            assert await samples.letters(spool) == []

    asyncio.run(scenario())
    assert [len(request.recipients) for request in api.requests] == [2, 1, 1]


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


def test_a_proxy_that_wants_a_login_moves_the_job_to_the_end_of_the_line(
    open_spool: Any, samples: Any, account: Account
) -> None:
    refusal = Misconfigured(407, "Proxy Authentication Required")
    job, said = outcome_of(open_spool, samples, ScriptedApi(account, refusal, connects=False))
    assert (job.state, job.attempts, said) == (State.PREPARED, 0, [])
    assert job.last_error == "407 Proxy Authentication Required"


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


def test_the_time_that_a_sender_set_ends_the_validity_of_the_request(
    open_spool: Any, samples: Any, account: Account
) -> None:
    """RFC 2852 §4, by-mode R: jobValid.end is not later; and behind it nothing is sent at all."""
    api = ScriptedApi(account)

    async def scenario() -> None:
        async with open_spool() as spool:
            ends_by = samples.now + timedelta(hours=1)
            job = await samples.prepared(spool)
            late = await samples.prepared(spool, "+4989123457")
            timings = {job.id: ends_by, late.id: samples.now - timedelta(seconds=1)}
            for job_id, moment in timings.items():
                query = update(schema.job).where(schema.job.c.id == job_id).values(ends_by=moment)
                await spool.database.write(lambda c, query=query: c.execute(query) and None)
            async with submitter(spool, api, samples.now):

                async def both() -> bool:
                    states = {(await samples.load(spool, job_id)).state for job_id in timings}
                    return states == {State.SUBMITTED, State.EXPIRED}

                await until(both)
            (request,) = api.requests
            assert request.meta is not None
            assert request.meta.job_valid is not None
            assert request.meta.job_valid.end == ends_by
            assert [letter.word for letter in await samples.letters(spool)] == ["expired"]

    asyncio.run(scenario())


def resubmitted(
    open_spool: Any, samples: Any, account: Account, on_doubt: OnDoubt, answer: Outcome, **facts: timedelta
) -> Any:
    """A job in doubt after the submitter has looked at it: `later` than its attempt, each list read after `listed`."""

    async def scenario() -> tuple[Any, int, str]:
        api = ScriptedApi(account, answer)
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            if "listed" in facts:
                for name in account.datacenters:
                    read = partial(
                        doubts.note_list_read,
                        account_id=recorded(account).id,
                        datacenter=name,
                        read_at=samples.now + facts["listed"],
                    )
                    await spool.database.write(read)
            async with submitter(spool, api, samples.now + facts["later"], on_doubt=on_doubt):
                await asyncio.sleep(0.4)
            return await samples.load(spool, job.id), len(api.requests), job.id

    return asyncio.run(scenario())


DAY, HOURS = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("on_doubt", "later", "listed", "attempts"),
    [
        (OnDoubt.FAIL, DAY * 2, DAY * 2, 0),
        (OnDoubt.RESUBMIT, DAY, DAY, 0),  # jobValid.end is just over: a report may still come
        (OnDoubt.RESUBMIT, DAY + HOURS * 3, DAY + HOURS, 0),  # the lists were read too early
        (OnDoubt.RESUBMIT, DAY + HOURS * 3, None, 0),  # nobody has looked
        (OnDoubt.RESUBMIT, DAY + HOURS * 3, DAY + HOURS * 2.5, 1),
        (OnDoubt.RESUBMIT, DAY * 4, DAY * 4, 0),  # delivery.expire_after is over
        (OnDoubt.ASK, timedelta(seconds=5), None, 1),
        (OnDoubt.ASK, DAY * 4, None, 0),
    ],
)
def test_a_job_in_doubt_is_sent_again_only_where_that_makes_no_second_fax(
    open_spool: Any,
    samples: Any,
    account: Account,
    on_doubt: OnDoubt,
    later: timedelta,
    listed: timedelta | None,
    attempts: int,
) -> None:
    facts = {"later": later} | ({"listed": listed} if listed is not None else {})
    job, requests, job_id = resubmitted(open_spool, samples, account, on_doubt, Accepted("FJJ2"), **facts)
    assert requests == attempts
    assert (job.state, job.attempts) == ((State.SUBMITTED, 2) if attempts else (State.IN_DOUBT, 1))
    assert job.id == job_id


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [(AcceptedEarlier("duplicate"), True), (NotArrived("503", None), False), (Rejected(400, "no"), False)],
)
def test_an_attempt_after_a_doubt_never_ends_the_doubt_but_by_an_acceptance(
    open_spool: Any, samples: Any, account: Account, answer: Outcome, accepted: bool
) -> None:
    job, requests, _ = resubmitted(open_spool, samples, account, OnDoubt.ASK, answer, later=timedelta(seconds=5))
    assert requests == 1  # the next one waits for its backoff, or for ever
    assert (job.state, job.accepted_at is not None) == (State.IN_DOUBT, accepted)
