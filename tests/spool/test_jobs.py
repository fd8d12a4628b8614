"""A transition is one transaction, conditional on what its author saw; its event and its word come with it."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.fax4a import Account, FaxReport
from gateway.spool import attempts, jobs, lineage, reports, schema
from gateway.spool.attempts import recorded
from gateway.spool.job import JobOptions
from gateway.spool.jobs import Note, Overtaken
from gateway.spool.states import Event, ForbiddenTransition, State


def test_the_documents_of_a_prepared_job_are_in_their_order_with_their_bytes(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            assert job.state is State.PREPARED
            (document,) = await spool.database.read(lambda c: attempts.documents(c, spool.contents, job.id))
            assert (document.name, document.charset) == ("offer.pdf", None)
            assert await document.content.read() == b"%PDF-1.7"

    asyncio.run(scenario())


def test_two_who_act_on_one_job_at_the_same_moment_cannot_both_win(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            note = Note("test", samples.now)
            moves = [
                spool.database.write(lambda c, e=event: jobs.advance(c, job, e, note))
                for event in (Event.HELD, Event.CANCELLED)
            ]
            _, second = await asyncio.gather(*moves, return_exceptions=True)
            assert isinstance(second, Overtaken)
            assert (await samples.load(spool, job.id)).state is State.HELD

    asyncio.run(scenario())


def test_a_word_is_committed_with_the_transition_that_causes_it(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            note = Note("delivery", samples.now, "the API was down")
            await spool.database.write(lambda c: jobs.advance(c, job, Event.EXPIRED, note))
            (letter,) = await samples.letters(spool)
            assert (letter.word, letter.forward_path, letter.reverse_path) == ("expired", "jana@example.com", "")
            assert letter.detail == "the API was down"

    asyncio.run(scenario())


def test_a_forbidden_transition_leaves_neither_event_nor_word(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            with pytest.raises(ForbiddenTransition):
                await spool.database.write(lambda c: jobs.advance(c, job, Event.CANCELLED, Note("test", samples.now)))
            assert await samples.letters(spool) == []
            assert await samples.load(spool, job.id) == job

    asyncio.run(scenario())


def test_a_null_reverse_path_has_nobody_to_tell_and_the_story_says_so(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool, report_to="")
            await spool.database.write(lambda c: jobs.advance(c, job, Event.EXPIRED, Note("delivery", samples.now)))
            assert await samples.letters(spool) == []
            names = await spool.database.read(lambda c: c.execute(select(schema.event.c.name)).scalars().all())
            assert names[-1] == "no_word"

    asyncio.run(scenario())


def test_a_split_gives_each_recipient_a_job_and_moves_what_keeps_the_mail_from_coming_twice(
    open_spool: Any, samples: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            started = await samples.submitting(spool, "+4989123456", "+4989123457")
            note = Note("delivery", samples.now, "400 No number available for rcpt")
            children = await spool.database.write(lambda c: lineage.split(c, started, note, due_at=samples.now))
            numbers = [(await samples.load(spool, child)).recipients[0].number for child in children]
            assert numbers == ["+4989123456", "+4989123457"]
            for child in children:
                stored = await spool.database.read(lambda c, child=child: attempts.documents(c, spool.contents, child))
                assert len(stored) == 1
                assert (await samples.load(spool, child)).parent_id == started.id
            assert (await samples.load(spool, started.id)).state is State.FAILED
            assert await samples.letters(spool) == []
            again = await samples.take(spool, samples.job("+4989123456", "+4989123457"))
            assert set(again.job_ids) == set(children)

    asyncio.run(scenario())


def report(*outcomes: tuple[str, str]) -> FaxReport:
    recipients = [{"number": number, "status": status} for number, status in outcomes]
    return FaxReport.model_validate({"jobId": "FJJ1", "pages": 2, "recipientStatus": recipients})


@pytest.mark.parametrize(
    ("statuses", "state", "words"),
    [
        (("OK", "OK"), State.SENT, []),
        (("BUSY", "NOFAX"), State.FAILED, []),
        (("OK", "BUSY"), State.PARTLY_SENT, []),
        (("EOD_FAILED", "EOD_FAILED"), State.PARTLY_SENT, ["perhaps"]),
        (("OK", "SOMETHING_NEW"), State.PARTLY_SENT, []),
        (("SOMETHING_NEW", "BUSY"), State.FAILED, []),
    ],
)
def test_a_report_ends_the_job_and_explains_what_is_perhaps_delivered(
    open_spool: Any, samples: Any, statuses: tuple[str, str], state: State, words: list[str]
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool, "+4989123456", "+4989123457")
            outcome = report(*zip(("+4989123456", "+4989123457"), statuses, strict=True))
            await spool.database.write(
                lambda c: reports.store(
                    c, job, outcome, Note("tracking", samples.now), datacenter="dc1", all_datacenters=("dc1", "dc2")
                )
            )
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.pages, ended.datacenter) == (state, 2, "dc1")
            assert tuple(recipient.status for recipient in ended.recipients) == statuses
            assert [letter.word for letter in await samples.letters(spool)] == words
            todo = await spool.database.read(
                lambda connection: reports.deletions_due(connection, ended.account_id, samples.now, 10)
            )
            assert {(each.datacenter, each.wire_id) for each in todo} == {("dc1", "FJJ1"), ("dc2", "FJJ1")}

    asyncio.run(scenario())


def test_the_same_report_twice_changes_nothing(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)

            def store(connection: Any) -> None:
                note = Note("tracking", samples.now)
                outcome = report(("+4989123456", "OK"))
                reports.store(connection, job, outcome, note, datacenter="dc1", all_datacenters=("dc1",))

            await spool.database.write(store)
            ended = await samples.load(spool, job.id)
            with pytest.raises(Overtaken):
                await spool.database.write(store)
            assert await samples.load(spool, job.id) == ended

    asyncio.run(scenario())


def test_an_account_is_recorded_without_its_password(account: Account) -> None:
    assert "secret" not in repr(recorded(account))


def test_options_of_another_release_are_read_as_far_as_they_are_known() -> None:
    options = JobOptions.from_row({"csid": "+49 89 1234560", "invented_later": True})
    assert options == replace(JobOptions(), csid="+49 89 1234560")


@pytest.mark.parametrize(
    ("outcomes", "state", "statuses"),
    [
        ((("+4989123456", "OK"),), State.PARTLY_SENT, ["OK", None]),
        ((), State.PARTLY_SENT, [None, None]),
        ((("004989123456", "OK"), ("0049 89 123457", "OK")), State.SENT, ["OK", "OK"]),
        ((("+4989123456", "BUSY"), ("+4989123999", "BUSY")), State.PARTLY_SENT, ["BUSY", None]),
    ],
)
def test_a_report_that_lacks_a_recipient_says_nothing_certain_of_it(
    open_spool: Any, samples: Any, outcomes: Any, state: State, statuses: list[str | None]
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool, "+4989123456", "+4989123457")
            note = Note("tracking", samples.now)
            await spool.database.write(
                lambda c: reports.store(c, job, report(*outcomes), note, datacenter="dc1", all_datacenters=("dc1",))
            )
            ended = await samples.load(spool, job.id)
            assert ended.state is state
            assert [recipient.status for recipient in ended.recipients] == statuses

    asyncio.run(scenario())


@pytest.mark.parametrize(("status", "mailed", "words"), [("OK", False, ["resolved"]), ("OK", True, [])])
def test_a_report_that_comes_after_we_said_that_it_may_have_gone_out_is_told(
    open_spool: Any, samples: Any, status: str, mailed: bool, words: list[str]
) -> None:
    """The report is told too; ReportMail tells it where an address for that outcome was given."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            options = job.options.to_row() | {"success_address": "jana@example.com" if mailed else None}
            query = update(schema.job).where(schema.job.c.id == job.id).values(options=options)
            await spool.database.write(lambda c: c.execute(query) and None)
            note = Note("test", samples.now)
            await spool.database.write(lambda c: jobs.advance(c, job, Event.REPORT_OVERDUE, note))
            await samples.tell(spool)
            unknown = await samples.load(spool, job.id)
            late = report(("+4989123456", status))
            await spool.database.write(
                lambda c: reports.store(c, unknown, late, note, datacenter="dc1", all_datacenters=("dc1",))
            )
            assert (await samples.load(spool, job.id)).state is State.SENT
            assert [letter.word for letter in await samples.letters(spool)] == words

    asyncio.run(scenario())


def test_an_id_is_128_random_bits() -> None:
    ids = {jobs.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
