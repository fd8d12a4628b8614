"""What a pushed report does. The token has chosen the job; the body can only contradict it."""

import asyncio
from typing import Any

import pytest

from gateway.spool import attempts, jobs, reports
from gateway.spool.attempts import recorded
from gateway.spool.jobs import Note, Overtaken
from gateway.spool.states import Event, State
from gateway.spool.tracked import Known
from gateway.tracking.sorting import Alarm, sort_pushed

A, B = "a" * 32, "b" * 32


@pytest.mark.parametrize(
    ("state", "wire_id", "pushed", "named", "place"),
    [
        (State.SUBMITTED, "W1", "W1", A, "ours"),
        (State.SUBMITTED, "W1", "W1", None, "ours"),
        (State.SUBMITTED, "W1", "W1", "", "ours"),
        (State.SUBMITTED, "W1", "W1", "what the service made of it", "ours"),
        (State.IN_DOUBT, None, "W1", A, "ours"),
        (State.IN_DOUBT, None, "W1", None, "ours"),  # the token binds it
        (State.IN_DOUBT, None, "W1", "something else", Alarm.CONTRADICTORY),
        (State.HELD, None, "W1", A, "ours"),
        (State.PREPARED, None, "W1", A, "ours"),
        (State.UNKNOWN, None, "W1", A, "ours"),
        (State.UNKNOWN, "W1", "W1", A, "ours"),
        (State.SUBMITTING, None, "W1", A, "unfiled"),
        (State.SENT, "W1", "W1", A, "stored"),
        (State.SENT, "W1", "W2", A, Alarm.FAXED_TWICE),
        (State.SUBMITTED, "W1", "W2", None, Alarm.FAXED_TWICE),
        (State.EXPIRED, None, "W1", A, Alarm.FAXED_UNAWARES),
        (State.SUBMITTED, "W1", "W1", B, Alarm.CONTRADICTORY),
        (State.SUBMITTED, "W1", "W9", A, Alarm.CONTRADICTORY),
        (State.SENT, "W1", "W9", None, Alarm.CONTRADICTORY),
        (State.SUBMITTING, None, "W9", A, Alarm.CONTRADICTORY),
    ],
)
def test_each_push_has_its_place(
    tracking: Any, state: State, wire_id: str | None, pushed: str, named: str | None, place: str
) -> None:
    """B is another job, whose jobId is W9."""
    job, other = Known(A, state, wire_id), Known(B, State.SUBMITTED, "W9")
    known = [job, *([other] if named == B or pushed == "W9" else [])]  # what the spool finds by these ids
    found = sort_pushed(job, known, tracking.report(pushed, named))
    places = [
        *(["ours"] if list(found.ours) == [A] else []),
        *(["stored"] if found.stored else []),
        *(["unfiled"] if found.unfiled else []),
        *(alert.alarm for alert in found.alerts if alert.job_id == A),
    ]
    assert (places, found.foreign) == ([place], [])


def test_a_push_ends_its_job_and_leaves_the_deletions_to_do(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            tracker = tracking.tracker(spool)
            found = await tracker.filing.file_pushed(job.id, tracking.report("FJJ1", job.id))
            assert list(found.ours) == [job.id]
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.wire_id, ended.datacenter, ended.pages) == (State.SENT, "FJJ1", None, 2)
            assert ended.recipients[0].status == "OK"
            assert await tracking.deletions(spool) == {("dc1", "FJJ1"), ("dc2", "FJJ1")}
            (line,) = await tracking.story(spool, job.id, "reported_sent")
            assert line.detail == "report FJJ1 by push"
            tracking.centres.put("dc2", tracking.report("FJJ1", job.id))
            await tracker.look()
            assert tracking.centres.questions("get") == []  # it isn't looked for
            assert tracking.centres.deleted == [("dc2", "FJJ1")]
            assert await tracking.deletions(spool) == set()

    asyncio.run(scenario())


def test_a_push_binds_its_job_id_to_a_job_in_doubt(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            found = await tracking.tracker(spool).filing.file_pushed(job.id, tracking.report("FJJ7"))
            assert list(found.ours) == [job.id]
            ended = await samples.load(spool, job.id)
            assert (ended.state, ended.wire_id) == (State.SENT, "FJJ7")

    asyncio.run(scenario())


def test_the_same_push_twice_changes_nothing(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            tracker = tracking.tracker(spool)
            await tracker.filing.file_pushed(job.id, tracking.report("FJJ1", job.id))
            await tracker.look()
            once = (await samples.load(spool, job.id), await samples.letters(spool), await tracking.deletions(spool))
            again = await tracker.filing.file_pushed(job.id, tracking.report("FJJ1", job.id, status="BUSY"))
            assert (list(again.ours), len(again.stored)) == ([], 1)
            twice = (await samples.load(spool, job.id), await samples.letters(spool), await tracking.deletions(spool))
            assert once == twice
            assert once[2] == set()

    asyncio.run(scenario())


def test_a_deletion_that_came_too_early_is_one_again_when_the_list_shows_the_report(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            tracker = tracking.tracker(spool)
            await tracker.filing.file_pushed(job.id, tracking.report("FJJ1", job.id))
            await tracker.look()
            assert await tracking.deletions(spool) == set()  # NOT_FOUND at both
            tracking.centres.put("dc1", tracking.report("FJJ1", job.id))
            await tracking.tracker(spool).look()
            assert tracking.centres.deleted == [("dc1", "FJJ1")]

    asyncio.run(scenario())


@pytest.mark.parametrize("wire_id", ["FJJ2", "FJJ9"])
def test_a_body_of_another_job_changes_neither_and_is_said_once(
    open_spool: Any, samples: Any, tracking: Any, wire_id: str
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            mine = await samples.submitted(spool, wire_id="FJJ1")
            other = await samples.submitted(spool, "+4989123457", wire_id="FJJ2", message_id="<2@example.com>")
            filing = tracking.tracker(spool).filing
            for _ in range(3):
                found = await filing.file_pushed(mine.id, tracking.report(wire_id, other.id))
                assert [alert.alarm for alert in found.alerts] == [Alarm.CONTRADICTORY]
            for job in (mine, other):
                assert await samples.load(spool, job.id) == job
            (line,) = await tracking.story(spool, mine.id, "report_contradictory")
            assert line.detail == f"its push has an id of {other.id}"
            assert await tracking.story(spool, other.id, "report_contradictory") == []
            assert await tracking.deletions(spool) == set()

    asyncio.run(scenario())


def test_words_of_a_body_make_no_lines_of_the_story(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            filing = tracking.tracker(spool).filing
            for number in range(5):
                await filing.file_pushed(job.id, tracking.report(f"FJJ{number}", f"{number:032x}"))
            assert len(await tracking.story(spool, job.id, "report_contradictory")) == 1
            assert (await samples.load(spool, job.id)).state is State.IN_DOUBT

    asyncio.run(scenario())


def test_a_job_that_was_sent_after_all_waits_no_longer(open_spool: Any, samples: Any, tracking: Any) -> None:
    """An answer said that it had not arrived; before it goes out twice, its push ends it."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitting(spool)
            note = Note("test", samples.now, "503")
            await spool.database.write(lambda c: attempts.finish(c, job, Event.NOT_ARRIVED, note, due_at=samples.now))
            await tracking.tracker(spool).filing.file_pushed(job.id, tracking.report("FJJ1", job.id))
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())


def test_a_job_of_a_restored_backup_that_knows_no_attempt_is_ended_too(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            await spool.database.write(
                lambda c: jobs.advance(c, job, Event.HELD, Note("test", samples.now, "restored"))
            )
            await tracking.tracker(spool).filing.file_pushed(job.id, tracking.report("FJJ1", job.id))
            assert (await samples.load(spool, job.id)).state is State.SENT
            assert await tracking.deletions(spool) == set()  # the list will show at which account

    asyncio.run(scenario())


def test_a_job_that_is_gone_is_said_to_be(open_spool: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            assert await tracking.tracker(spool).filing.file_pushed(A, tracking.report("FJJ1", A)) is None

    asyncio.run(scenario())


def test_what_could_not_be_stored_is_named(
    open_spool: Any, samples: Any, tracking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*_: object, **__: object) -> None:
        raise Overtaken(A)

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            monkeypatch.setattr(reports, "store", overtaken)
            found = await tracking.tracker(spool).filing.file_pushed(job.id, tracking.report("FJJ1", job.id))
            assert found.unfiled == {job.id}

    asyncio.run(scenario())


def test_the_deletion_is_done_where_the_job_was_sent(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            found = await spool.database.read(lambda c: attempts.account_of(c, job.id))
            assert found == recorded(tracking.account)
            assert await spool.database.read(lambda c: attempts.account_of(c, A)) is None

    asyncio.run(scenario())
