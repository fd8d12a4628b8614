"""What a restored backup does to its jobs, and what may become of them then."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.delivery.deadlines import DeadlineRules, Deadlines
from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.fax4a import FaxReport
from gateway.spool import jobs, operations, reports, tracked
from gateway.spool.attempts import accounts, recorded
from gateway.spool.bell import Bell
from gateway.spool.forward_path import ForwardPath, Notify
from gateway.spool.job import Job
from gateway.spool.jobs import Note, advance
from gateway.spool.mails import NewRecipient
from gateway.spool.prospects import Action, Answer, prospect
from gateway.spool.restored import hold_restored, look_there_too
from gateway.spool.search import story
from gateway.spool.states import Event, State

HOUR = timedelta(hours=1)
RULES = DeadlineRules(
    warn_after=HOUR,
    expire_after=24 * HOUR,
    doubt=DoubtRules(on_doubt=OnDoubt.FAIL, in_doubt_after=2 * HOUR, expire_after=24 * HOUR),
)


async def restore(spool: Any, backed_up_at: datetime, at: datetime) -> int:
    held: int = await spool.database.write(lambda c: hold_restored(c, backed_up_at, Note("operator jana", at)))
    return held


async def days_pass(spool: Any, at: datetime) -> None:
    clock = {"now": at}
    deadlines = Deadlines(
        database=spool.database, rules=RULES, said=Bell(), clock=lambda: clock["now"], steady=lambda: 0.0
    )
    await deadlines.look()


async def act(spool: Any, job: Job, operation: operations.Operation, at: datetime) -> operations.Done:
    done: operations.Done = await spool.database.write(lambda c: operation(c, job, Note("operator jana", at)))
    return done


def test_what_had_not_ended_is_held_with_its_former_state_and_tracked(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            restored_at = samples.now + 3 * HOUR
            received = (await samples.take(spool, samples.job())).job_ids[0]
            prepared = (await samples.prepared(spool, "+49891234520")).id
            submitting = (await samples.submitting(spool, "+49891234530")).id
            submitted = (await samples.submitted(spool, "+49891234540")).id
            in_doubt = (await samples.in_doubt(spool, "+49891234550")).id
            held = await samples.prepared(spool, "+49891234560")
            await act(spool, held, operations.hold, samples.now)
            ended = await samples.submitted(spool, "+49891234570", wire_id="FJJ7")
            await spool.database.write(lambda c: advance(c, ended, Event.REPORTED_SENT, Note("test", samples.now)))

            assert await restore(spool, samples.now + HOUR, restored_at) == 6
            former = {
                received: State.RECEIVED,
                prepared: State.PREPARED,
                submitting: State.IN_DOUBT,
                submitted: State.SUBMITTED,
                in_doubt: State.IN_DOUBT,
                held.id: State.PREPARED,
            }
            for job_id, state in former.items():
                job = await samples.load(spool, job_id)
                assert (job.state, job.standing.former, job.restored_at) == (State.HELD, state, restored_at)
            assert (await samples.load(spool, ended.id)).state is State.SENT
            looked_for = await spool.database.read(lambda c: tracked.due_looks(c, restored_at, 100))
            assert {each.id for each in looked_for} == former.keys()

    asyncio.run(scenario())


def test_what_had_failed_in_the_backup_was_perhaps_retried_since_and_is_not_retried_unasked(
    open_spool: Any, samples: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:

            async def fails(job: Job, at: datetime) -> Job:
                note = Note("tracking", at)
                status = {"number": job.recipients[0].number, "status": "BUSY"}
                busy = FaxReport.model_validate({"jobId": job.wire_id, "recipientStatus": [status]})
                await spool.database.write(
                    lambda c: reports.store(c, job, busy, note, datacenter="dc1", all_datacenters=("dc1",))
                )
                ended: Job = await samples.load(spool, job.id)
                assert ended.state is State.FAILED
                return ended

            before = await fails(await samples.submitted(spool), samples.now)
            assert prospect(before, Action.RETRY).answer is Answer.POSSIBLE
            open_one = await samples.submitted(spool, "+4989123457", wire_id="FJJ2")
            await restore(spool, samples.now + HOUR, samples.now + 2 * HOUR)

            before = await samples.load(spool, before.id)
            assert prospect(before, Action.RETRY).answer is Answer.ASKS
            refused = await act(spool, before, operations.retry, samples.now + 3 * HOUR)
            assert refused.refused
            assert "+4989123456 perhaps has the fax (it may have been sent again after the backup)" in refused.said
            sure = await act(spool, before, operations.retry_though_it_may_duplicate, samples.now + 3 * HOUR)
            assert not sure.refused
            # What ends after the restore is known here whole.
            since = await fails(await samples.load(spool, open_one.id), samples.now + 3 * HOUR)
            assert prospect(since, Action.RETRY).answer is Answer.POSSIBLE

    asyncio.run(scenario())


def test_without_release_or_report_its_sender_hears_that_it_may_have_gone_out(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            restored_at = samples.now + 100 * 24 * HOUR  # an old backup
            await restore(spool, samples.now, restored_at)
            await days_pass(spool, restored_at + 23 * HOUR)
            assert (await samples.load(spool, job.id)).state is State.HELD
            assert await samples.letters(spool) == []  # "not sent yet" may be wrong
            await days_pass(spool, restored_at + 24 * HOUR)
            assert (await samples.load(spool, job.id)).state is State.UNKNOWN
            (letter,) = await samples.letters(spool)
            assert (letter.word, letter.detail) == ("doubt", "restored from a backup of 2026-11-23 09:30 UTC")

    asyncio.run(scenario())


def test_an_explicit_notify_without_failure_hears_nothing_of_it(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            path = ForwardPath(address="+4989123456@fax.local", notify=frozenset({Notify.SUCCESS}))
            quiet = NewRecipient("+4989123456", (path,), None)
            taken = await samples.take(spool, replace(samples.job(), recipients=(quiet,)))
            await restore(spool, samples.now, samples.now + HOUR)
            await days_pass(spool, samples.now + 25 * HOUR)
            assert (await samples.load(spool, taken.job_ids[0])).state is State.UNKNOWN
            assert await samples.letters(spool) == []
            lines = await spool.database.read(lambda c: story(c, taken.job_ids[0]))
            assert ("no_word", "doubt: NOTIFY asks for none") in [(line.name, line.detail) for line in lines]

    asyncio.run(scenario())


def test_its_deadline_begins_anew_and_a_delay_that_waits_is_not_said(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            await spool.database.write(lambda c: jobs.warn(c, job, Note("delivery", samples.now + HOUR)))
            assert [letter.word for letter in await samples.letters(spool)] == ["delayed"]
            await restore(spool, samples.now, samples.now + 2 * HOUR)
            assert await samples.letters(spool) == []
            assert (await samples.load(spool, job.id)).start_at == samples.now + 2 * HOUR

    asyncio.run(scenario())


def test_only_who_takes_a_second_fax_into_account_lets_it_go_on(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            later = samples.now + 30 * 24 * HOUR
            await restore(spool, samples.now, later)
            held = await samples.load(spool, job.id)
            assert prospect(held, Action.RELEASE).answer is Answer.ASKS
            assert prospect(held, Action.CANCEL).answer is Answer.IMPOSSIBLE
            assert (await act(spool, held, operations.release, later)).refused
            assert (await act(spool, held, operations.cancel, later)).refused
            released_at = later + 20 * HOUR
            assert not (await act(spool, held, operations.release_though_it_may_duplicate, released_at)).refused
            released = await samples.load(spool, job.id)
            assert released.state is State.PREPARED
            await days_pass(spool, released_at + 23 * HOUR)
            assert (await samples.load(spool, job.id)).state is State.PREPARED  # it has its time again
            await days_pass(spool, released_at + 24 * HOUR)
            assert (await samples.load(spool, job.id)).state is State.UNKNOWN  # never "not sent": nobody knows that
            assert [letter.word for letter in await samples.letters(spool)] == ["doubt"]

    asyncio.run(scenario())


@pytest.mark.parametrize("released", [False, True])
def test_a_report_ends_it_whatever_it_waits_for(open_spool: Any, samples: Any, released: bool) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            await restore(spool, samples.now, samples.now + HOUR)
            job = await samples.load(spool, job.id)
            if released:
                await act(spool, job, operations.release_though_it_may_duplicate, samples.now + HOUR)
                job = await samples.load(spool, job.id)
            report = FaxReport.model_validate(
                {"jobId": "FJJ9", "recipientStatus": [{"number": "+4989123456", "status": "OK"}]}
            )
            note = Note("tracking", samples.now + 2 * HOUR)
            await spool.database.write(
                lambda c: reports.store(c, job, report, note, datacenter="dc1", all_datacenters=("dc1",))
            )
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())


def test_its_reports_are_looked_for_at_the_daemons_account_where_the_backup_knows_none(
    open_spool: Any, samples: Any, account: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.prepared(spool)
            await spool.database.write(lambda c: look_there_too(c, recorded(account)))
            assert await spool.database.read(accounts) == []
            await restore(spool, samples.now, samples.now)
            await spool.database.write(lambda c: look_there_too(c, recorded(account)))
            assert await spool.database.read(accounts) == [recorded(account)]

    asyncio.run(scenario())
