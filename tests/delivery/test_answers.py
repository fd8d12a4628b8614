"""What each answer to a send makes of a job, on a real spool, with an API that answers by script."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import update

from gateway.fax4a import (
    Accepted,
    AcceptedEarlier,
    Account,
    Misconfigured,
    NotArrived,
    Outcome,
    PerhapsArrived,
    Rejected,
)
from gateway.monitor.metrics import ALERTS
from gateway.spool import jobs, schema
from gateway.spool.states import State
from tests.delivery.scripted_api import ScriptedApi, submitter, until


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
                    return len(await spool.database.read(lambda c: jobs.ids_in_state(c, State.SUBMITTED))) == 2

                await until(both_sent)
            assert await samples.letters(spool) == []

    asyncio.run(scenario())
    assert [len(request.recipients) for request in api.requests] == [2, 1, 1]


def test_a_proxy_that_wants_a_login_moves_the_job_to_the_end_of_the_line(
    open_spool: Any, samples: Any, account: Account
) -> None:
    refusal = Misconfigured(407, "Proxy Authentication Required")
    job, said = outcome_of(open_spool, samples, ScriptedApi(account, refusal, connects=False))
    assert (job.state, job.attempts, said) == (State.PREPARED, 0, [])
    assert job.last_error == "407 Proxy Authentication Required"


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


def test_a_409_is_an_alert_where_nothing_of_ours_had_arrived(open_spool: Any, samples: Any, account: Account) -> None:
    with structlog.testing.capture_logs() as said:
        job, _ = outcome_of(open_spool, samples, ScriptedApi(account, AcceptedEarlier("duplicate")))
    assert (job.state, job.attempts) == (State.IN_DOUBT, 1)
    (alert,) = [event for event in said if event["event"] in ALERTS]
    assert (alert["event"], alert["log_level"], alert["answer"]) == ("request_repeated", "error", "duplicate")
