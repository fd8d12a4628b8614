"""When a job in doubt is sent again, and what the answer then makes of it."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from gateway.delivery.doubt import OnDoubt
from gateway.fax4a import (
    Accepted,
    AcceptedEarlier,
    Account,
    NotArrived,
    Outcome,
    Rejected,
)
from gateway.spool import doubts
from gateway.spool.attempts import recorded
from gateway.spool.states import State
from tests.delivery.scripted_api import ScriptedApi, submitter


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
