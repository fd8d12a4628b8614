"""The same mail twice makes one fax, unless the first one surely failed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from gateway.spool import jobs, schema
from gateway.spool.mails import handover_key, suppresses
from gateway.spool.states import State


async def count(spool: Any, table: Any) -> int:
    counted = select(func.count()).select_from(table)
    return int(await spool.database.read(lambda connection: connection.execute(counted).scalar_one()))


def test_a_mail_is_written_with_its_jobs_recipients_and_story(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            new = samples.job("+4989123456", "+4989123457")
            taken = await samples.take(spool, new, subject="Angebot für Müller")
            assert taken.job_ids == (new.id,)
            assert taken.repeated == ()
            job = await spool.database.read(lambda connection: jobs.load(connection, new.id))
            assert job is not None
            assert job.state is State.RECEIVED
            assert [recipient.number for recipient in job.recipients] == ["+4989123456", "+4989123457"]
            assert job.mail.subject == "Angebot für Müller"
            assert job.created_at == job.start_at == job.due_at == samples.now

    asyncio.run(scenario())


def test_a_relay_that_never_saw_our_250_gets_one_that_names_the_first_job(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            first = await samples.take(spool, samples.job())
            second = await samples.take(spool, samples.job(), received_at=samples.now + timedelta(minutes=5))
            assert second.job_ids == second.repeated == first.job_ids
            assert await count(spool, schema.job) == 1
            assert await count(spool, schema.mail) == 1
            names = await spool.database.read(lambda c: c.execute(select(schema.event.c.name)).scalars().all())
            assert names == ["received", "handed_over_again"]

    asyncio.run(scenario())


def test_a_relay_that_retries_with_one_recipient_more_makes_a_fax_for_that_one_only(
    open_spool: Any, samples: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            first = await samples.take(spool, samples.job("+4989123456"))
            second = await samples.take(spool, samples.job("+4989123456", "+4989123457"))
            assert second.repeated == first.job_ids
            (fresh,) = set(second.job_ids) - set(first.job_ids)
            job = await spool.database.read(lambda connection: jobs.load(connection, fresh))
            assert job is not None
            assert [recipient.number for recipient in job.recipients] == ["+4989123457"]

    asyncio.run(scenario())


def test_two_sessions_at_the_same_moment_make_one_fax(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            taken = await asyncio.gather(*(samples.take(spool, samples.job()) for _ in range(5)))
            assert len({each.job_ids for each in taken}) == 1
            assert await count(spool, schema.job) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("state", "status", "makes_a_fax"),
    [
        (State.FAILED, None, True),
        (State.FAILED, "BUSY", True),
        (State.CANCELLED, None, True),
        (State.EXPIRED, None, True),
        (State.PARTLY_SENT, "BUSY", True),
        (State.PARTLY_SENT, "EOD_FAILED", False),
        (State.SENT, "OK", False),
        (State.UNKNOWN, None, False),
        (State.IN_DOUBT, None, False),
        (State.SUBMITTED, None, False),
        (State.HELD, None, False),
    ],
)
def test_a_resend_is_welcome_only_where_the_first_one_surely_failed(
    open_spool: Any, samples: Any, state: State, status: str | None, makes_a_fax: bool
) -> None:
    assert suppresses(state, status) is not makes_a_fax

    async def scenario() -> None:
        async with open_spool() as spool:
            first = await samples.take(spool, samples.job())

            def end(connection: Any) -> None:
                connection.execute(update(schema.job).values(state=state))
                connection.execute(update(schema.recipient).values(status=status))

            await spool.database.write(end)
            second = await samples.take(spool, samples.job())
            assert (second.job_ids != first.job_ids) is makes_a_fax

    asyncio.run(scenario())


def test_after_the_window_the_same_mail_is_a_new_one(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            first = await samples.take(spool, samples.job())
            second = await samples.take(spool, samples.job(), received_at=samples.now + timedelta(hours=25))
            assert second.job_ids != first.job_ids

    asyncio.run(scenario())


FACT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.tuples(FACT, FACT, FACT, FACT), st.tuples(FACT, FACT, FACT, FACT))
def test_different_mails_have_different_keys(one: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> None:
    assert (handover_key(*one) == handover_key(*other)) is (one == other)
