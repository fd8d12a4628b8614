"""Whom a retry faxes; and what an operator may do to a job in which state."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from gateway.spool import lineage, operations, schema
from gateway.spool.jobs import Note
from gateway.spool.lineage import NotRetried
from gateway.spool.states import State


async def ended(spool: Any, samples: Any, state: State, *statuses: str | None) -> Any:
    """A prepared job, moved to its end by hand, with a status for each recipient."""
    numbers = [f"+498912345{position}" for position in range(len(statuses))]
    job = await samples.prepared(spool, *numbers)
    await spool.database.write(lambda c: _end(c, job.id, state, dict(enumerate(statuses))))
    return await samples.load(spool, job.id)


def _end(connection: Any, job_id: str, state: State, statuses: dict[int, str | None]) -> None:
    connection.execute(update(schema.job).where(schema.job.c.id == job_id).values(state=state))
    for position, status in statuses.items():
        of = (schema.recipient.c.job_id == job_id) & (schema.recipient.c.position == position)
        connection.execute(update(schema.recipient).where(of).values(status=status))


@pytest.mark.parametrize(
    ("state", "statuses", "may_duplicate", "retried"),
    [
        (State.FAILED, ["BUSY"], False, [0]),
        (State.FAILED, [None], False, [0]),
        (State.PARTLY_SENT, ["OK", "BUSY", "OK"], False, [1]),
        (State.PARTLY_SENT, ["OK", "EOD_FAILED"], True, [1]),
        (State.CANCELLED, [None, None], False, [0, 1]),
        (State.EXPIRED, [None], False, [0]),
        (State.UNKNOWN, [None], True, [0]),
    ],
)
def test_a_retry_is_a_new_job_for_those_who_have_nothing(
    open_spool: Any, samples: Any, state: State, statuses: list[str | None], may_duplicate: bool, retried: list[int]
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await ended(spool, samples, state, *statuses)
            note = Note("operator", samples.now)
            child = await spool.database.write(lambda c: lineage.retry(c, job, note, may_duplicate=may_duplicate))
            new = await samples.load(spool, child)
            assert new.parent_id == job.id
            assert new.state is State.PREPARED
            assert [r.number for r in new.recipients] == [job.recipients[position].number for position in retried]
            assert (await samples.load(spool, job.id)).state is state
            # the same mail, handed over once more, is kept away by the retry
            again = await samples.take(spool, samples.job(*[r.number for r in new.recipients]))
            assert again.job_ids == (child,)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("state", "statuses", "reason"),
    [
        (State.SENT, ["OK"], "every recipient has the fax"),
        (State.PARTLY_SENT, ["OK", "EOD_FAILED"], "+4989123451 perhaps has the fax"),
        (State.UNKNOWN, [None], "+4989123450 perhaps has the fax"),
        (State.PREPARED, [None], "it is prepared"),
    ],
)
def test_a_retry_that_could_fax_twice_is_refused(
    open_spool: Any, samples: Any, state: State, statuses: list[str | None], reason: str
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await ended(spool, samples, state, *statuses)
            with pytest.raises(NotRetried, match=reason.replace("+", r"\+")):
                lineage.retried(job, may_duplicate=False)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("becomes", "status", "refused"),
    [
        (None, None, "it has been sent again already: see "),  # it waits
        (State.SENT, "OK", "it has been sent again already: see "),
        (State.UNKNOWN, None, "perhaps has the fax"),
        (State.PARTLY_SENT, "EOD_FAILED", "perhaps has the fax"),
        (State.FAILED, "BUSY", ""),
        (State.CANCELLED, None, ""),
    ],
)
@pytest.mark.parametrize("how", ["retried", "split", "handed over again"])
def test_what_was_sent_again_is_not_sent_once_more(
    open_spool: Any, samples: Any, how: str, becomes: State | None, status: str | None, refused: str
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            note = Note("operator", samples.now)
            job = await ended(spool, samples, State.FAILED, None)
            child = await _again(spool, samples, job, how)
            if becomes is not None:
                await spool.database.write(lambda c: _end(c, child, becomes, {0: status}))
            done = await spool.database.write(lambda c: operations.retry(c, job, note))
            assert (refused in done.said, done.refused) == (True, bool(refused))
            if becomes in {None, State.SENT}:
                done = await spool.database.write(lambda c: operations.retry_though_it_may_duplicate(c, job, note))
                assert done.refused

    asyncio.run(scenario())


async def _again(spool: Any, samples: Any, job: Any, how: str) -> str:
    """Another job for the recipient of a job that failed; its id."""
    note = Note("operator", samples.now)
    if how == "handed over again":
        number = job.recipients[0].number
        return str((await samples.take(spool, samples.job(number))).job_of[number])
    if how == "retried":
        return str(await spool.database.write(lambda c: lineage.retry(c, job, note, may_duplicate=False)))
    await spool.database.write(lambda c: _end(c, job.id, State.SUBMITTING, {}))
    submitting = await samples.load(spool, job.id)
    (child,) = await spool.database.write(lambda c: lineage.split(c, submitting, note, due_at=samples.now))
    return str(child)


@pytest.mark.parametrize(
    ("operation", "state", "becomes"),
    [
        (operations.cancel, "prepared", State.CANCELLED),
        (operations.cancel, "submitting", None),
        (operations.cancel, "submitted", None),
        (operations.cancel, "in_doubt", None),
        (operations.hold, "prepared", State.HELD),
        (operations.hold, "submitting", None),
        (operations.hold, "submitted", None),
        (operations.hold, "in_doubt", State.HELD),
        (operations.release, "prepared", None),
    ],
)
def test_what_an_operator_may_do(
    open_spool: Any, samples: Any, operation: Any, state: str, becomes: State | None
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await getattr(samples, state)(spool)
            done = await spool.database.write(lambda c: operation(c, job, Note("operator", samples.now)))
            assert done.refused is (becomes is None)
            assert (await samples.load(spool, job.id)).state is (becomes or job.state)
            words = [letter.word for letter in await samples.letters(spool)]
            assert words == (["cancelled"] if becomes is State.CANCELLED else [])

    asyncio.run(scenario())


def test_release_returns_to_where_the_job_was(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            note = Note("operator", samples.now)
            for job in (await samples.prepared(spool), await samples.in_doubt(spool, "+4989123499")):
                await spool.database.write(lambda c, job=job: operations.hold(c, job, note))
                held = await samples.load(spool, job.id)
                await spool.database.write(lambda c, held=held: operations.release(c, held, note))
                assert (await samples.load(spool, job.id)).standing == job.standing

    asyncio.run(scenario())


def test_an_operator_who_acts_on_a_job_that_has_just_moved_changes_nothing(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            seen = await samples.prepared(spool)
            note = Note("operator", samples.now)
            await spool.database.write(lambda c: operations.cancel(c, seen, note))
            done = await spool.database.write(lambda c: operations.hold(c, seen, note))
            assert done.refused
            assert (await samples.load(spool, seen.id)).state is State.CANCELLED

    asyncio.run(scenario())
