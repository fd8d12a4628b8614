"""Deadlines on a real spool: what is due is found by a query, judged, and committed if the job still waits."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, insert, select, update

from gateway.delivery.deadlines import DeadlineRules, Deadlines, due_before, due_event
from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.notify.sender import OutboxSender
from gateway.notify.smarthost import SmarthostSession
from gateway.spool import jobs, outbox, schema
from gateway.spool.bell import Bell
from gateway.spool.jobs import Note, advance, new_id
from gateway.spool.overdue import overdue
from gateway.spool.states import Event, State

HOUR = timedelta(hours=1)
DOUBT = DoubtRules(on_doubt=OnDoubt.FAIL, in_doubt_after=HOUR * 2, expire_after=HOUR * 24)
RULES = DeadlineRules(warn_after=HOUR, expire_after=HOUR * 24, doubt=DOUBT)


class Machine:
    def __init__(self, now: datetime) -> None:
        self.now, self.steady_seconds = now, 0.0

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> float:
        return self.steady_seconds

    def wait(self, time: timedelta) -> None:
        self.now += time
        self.steady_seconds += time.total_seconds()


def deadlines(spool: Any, clock: Machine) -> Deadlines:
    return Deadlines(database=spool.database, rules=RULES, said=Bell(), clock=clock, steady=clock.steady)


async def words(spool: Any, samples: Any) -> list[str]:
    return [letter.word for letter in await samples.letters(spool)]


# The query


seconds = st.integers(-100_000, 400_000)
some_jobs = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(State),
            "former": st.sampled_from([None, State.PREPARED, State.IN_DOUBT, State.SUBMITTED]),
            "perhaps_arrived": st.booleans(),
            "start_at": seconds,
            "sent_at": seconds,
            "valid_until": seconds,
            "ends_by": st.none() | seconds,
            "late_by": st.none() | seconds,
            "warned_at": st.none() | seconds,
            "late_told_at": st.none() | seconds,
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(some_jobs, st.integers(0, 300_000), st.integers(0, 300_000))
def test_the_query_finds_every_job_that_is_due_and_hardly_another(
    samples: Any, memory: Connection, facts: list[dict[str, Any]], after: int, up: int
) -> None:
    now, up_since = samples.now + timedelta(seconds=after), samples.now + timedelta(seconds=min(up, after))
    stored = [_store(memory, samples.now, each) for each in facts]
    found = {each.id for each in overdue(memory, due_before(RULES, now, up_since))}
    for job in jobs.load_many(memory, stored):
        if due_event(RULES, job, now, up_since) is not None:
            assert job.id in found, job
    memory.execute(delete(schema.job))


@pytest.fixture
def memory(samples: Any) -> Any:
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with engine.connect() as connection:
        content = {"id": "c", "size": 1}
        mail = samples.mail("c", id="m")
        connection.execute(insert(schema.content).values(content))
        names = {column.name for column in schema.mail.c}
        row = {name: getattr(mail, name) for name in names if hasattr(mail, name)}
        connection.execute(insert(schema.mail).values(row))
        yield connection
    engine.dispose()


def _store(connection: Connection, start: datetime, facts: dict[str, Any]) -> str:
    row = {
        name: start + timedelta(seconds=value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in facts.items()
    }
    job_id = new_id()
    fixed = {"id": job_id, "mail_id": "m", "options": {}, "created_at": start, "due_at": start, "attempts": 1}
    connection.execute(insert(schema.job).values(fixed | row))
    return job_id


@pytest.mark.sqlite
@pytest.mark.parametrize("state", [State.SUBMITTED, State.PREPARED, State.IN_DOUBT])
def test_ten_thousand_waiting_jobs_cost_less_than_20_ms_a_round(open_spool: Any, samples: Any, state: State) -> None:
    async def scenario() -> float:
        async with open_spool() as spool:
            await samples.submitted(spool)
            now = samples.now + timedelta(hours=3)

            def fill(connection: Any) -> None:
                row = dict(connection.execute(select(schema.job)).mappings().one())
                waiting = {"state": state, "sent_at": now, "warned_at": now, "start_at": samples.now}
                history = {"state": State.SENT, "valid_until": samples.now, "late_by": samples.now}
                for number, facts in enumerate([waiting, history]):
                    rows = [row | facts | {"id": new_id(), "wire_id": f"{number}-{each}"} for each in range(10_000)]
                    connection.execute(insert(schema.job), rows)

            await spool.database.write(fill)
            clock = Machine(samples.now)
            part = deadlines(spool, clock)
            clock.wait(now - samples.now)  # up long enough to judge every kind
            took = []
            for _ in range(20):
                begun = time.process_time()
                await part.look()
                took.append(time.process_time() - begun)
            assert not await words(spool, samples)
            return min(took)  # of the processor: the machine has other things to do besides

    assert asyncio.run(scenario()) < 0.020


def test_ten_thousand_that_are_due_at_once_are_done_in_rounds(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.prepared(spool)

            def fill(connection: Any) -> None:
                row = dict(connection.execute(select(schema.job)).mappings().one())
                connection.execute(insert(schema.job), [row | {"id": new_id()} for _ in range(1200)])

            await spool.database.write(fill)
            clock = Machine(samples.now)
            part = deadlines(spool, clock)
            clock.wait(HOUR * 24)
            left = []
            for _ in range(3):
                await part.look()
                query = select(schema.job.c.id).where(schema.job.c.state == State.PREPARED)
                left.append(len(await spool.database.read(lambda c, query=query: c.execute(query).all())))
            assert left == [701, 201, 0]

    asyncio.run(scenario())


# "Delayed"


def test_delayed_isnt_written_once_the_job_has_ended(open_spool: Any, samples: Any) -> None:
    """The job ends between the look and the commit: nothing is written."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            note = Note("operator", samples.now)
            await spool.database.write(lambda c: advance(c, job, Event.CANCELLED, note))
            with pytest.raises(jobs.Overtaken):
                await spool.database.write(lambda c: jobs.warn(c, job, Note("delivery", samples.now)))
            assert await words(spool, samples) == ["cancelled"]

    asyncio.run(scenario())


@pytest.mark.parametrize("event", [Event.CANCELLED, Event.EXPIRED])
def test_delayed_is_withdrawn_when_the_job_ends(open_spool: Any, samples: Any, event: Event) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            other = await samples.prepared(spool)
            job = await samples.prepared(spool, "+4989123457")
            clock = Machine(samples.now)
            part = deadlines(spool, clock)
            clock.wait(HOUR)
            await part.look()
            assert await words(spool, samples) == ["delayed", "delayed"]
            warned = await samples.load(spool, job.id)
            await spool.database.write(lambda c: advance(c, warned, event, Note("test", clock.now)))
            left = [(letter.job_id, letter.word) for letter in await samples.letters(spool)]
            assert sorted(left) == sorted([(other.id, "delayed"), (job.id, event.value)])

    asyncio.run(scenario())


def test_delayed_is_withdrawn_by_a_report(open_spool: Any, samples: Any) -> None:
    """BY=n;N (RFC 2852) tells of a submitted job too; then its report comes before the letter has left."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            late = update(schema.job).values(late_by=samples.now)
            await spool.database.write(lambda c: c.execute(late) and None)
            clock = Machine(samples.now)
            await deadlines(spool, clock).look()
            assert await words(spool, samples) == ["delayed"]
            told = await samples.load(spool, job.id)
            await spool.database.write(lambda c: advance(c, told, Event.REPORTED_SENT, Note("test", clock.now)))
            assert await words(spool, samples) == []

    asyncio.run(scenario())


def test_delayed_that_has_left_already_stays_in_the_outbox(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            await spool.database.write(lambda c: jobs.warn(c, job, Note("delivery", samples.now)))
            (letter,) = await samples.letters(spool)
            await spool.database.write(lambda c: outbox.sent(c, letter, samples.now))
            await spool.database.write(lambda c: advance(c, job, Event.CANCELLED, Note("operator", samples.now)))
            rows = await spool.database.read(lambda c: c.execute(select(schema.outbox.c.word)).scalars().all())
            assert sorted(rows) == ["cancelled", "delayed"]

    asyncio.run(scenario())


def test_delayed_doesnt_go_out_when_its_job_ends_while_others_are_sent(
    open_spool: Any, samples: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender has read both letters; the second one's job ends while the first one is handed over."""
    handed: list[str] = []

    async def scenario() -> None:
        async with open_spool() as spool:
            for number in ("+4989123456", "+4989123457"):
                job = await samples.prepared(spool, number)
                await spool.database.write(lambda c, job=job: jobs.warn(c, job, Note("delivery", samples.now)))

            async def write(letter: Any) -> bytes:
                return b""

            async def send(_session: Any, letter: Any, _message: bytes) -> None:
                handed.append(letter.job_id)
                note = Note("operator", samples.now)
                waiting = await spool.database.read(lambda c: jobs.ids_in_state(c, State.PREPARED))
                for other in [await samples.load(spool, job_id) for job_id in waiting]:
                    if other.id != letter.job_id:
                        await spool.database.write(lambda c, other=other: advance(c, other, Event.CANCELLED, note))

            class Letters:
                pass

            letters = Letters()
            letters.write = write  # type: ignore[attr-defined] # stands where Letters stands
            sender = OutboxSender(
                database=spool.database,
                in_hand=spool.in_hand,
                letters=letters,  # type: ignore[arg-type] # as above
                smarthost=None,  # type: ignore[arg-type] # nothing is connected to
                postmaster="postmaster@example.com",
                said=Bell(),
                clock=lambda: samples.now,
                chance=None,  # type: ignore[arg-type] # nothing is postponed
            )
            monkeypatch.setattr(SmarthostSession, "send", send)
            await sender.look()
            assert len(handed) == 1
            assert await words(spool, samples) == ["cancelled"]

    asyncio.run(scenario())


# A clock that is set


@pytest.mark.parametrize("make", ["prepared", "submitted", "in_doubt"])
@pytest.mark.parametrize("hours", [5, 30, 10_000])
def test_a_clock_that_is_set_forward_ends_no_job(open_spool: Any, samples: Any, make: str, hours: int) -> None:
    """Its deadline comes when its time has really passed, though the clock says more."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await getattr(samples, make)(spool)
            clock = Machine(samples.now)
            part = deadlines(spool, clock)
            clock.now += HOUR * hours
            for _ in range(11):
                clock.wait(timedelta(minutes=5))
                await part.look()
            assert (await samples.load(spool, job.id)).state is job.state
            assert await words(spool, samples) == [], "nor is anybody told anything"
            clock.wait(HOUR * 27)
            await part.look()
            ended = (await samples.load(spool, job.id)).state
            assert ended is (State.EXPIRED if make == "prepared" else State.UNKNOWN)

    asyncio.run(scenario())


def test_a_job_from_after_the_jump_has_the_usual_deadlines(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            old = await samples.in_doubt(spool)
            clock = Machine(samples.now)
            part = deadlines(spool, clock)
            clock.now += HOUR * 5
            await part.look()
            new = await samples.in_doubt(spool, "+4989123457")
            stamps = {"created_at": clock.now, "start_at": clock.now, "sent_at": clock.now}
            later = update(schema.job).where(schema.job.c.id == new.id).values(stamps)
            await spool.database.write(lambda c: c.execute(later) and None)
            clock.wait(DOUBT.in_doubt_after - timedelta(minutes=1))
            await part.look()
            assert (await samples.load(spool, new.id)).state is State.IN_DOUBT
            clock.wait(timedelta(minutes=1))
            await part.look()
            assert (await samples.load(spool, new.id)).state is State.UNKNOWN
            assert (await samples.load(spool, old.id)).state is State.UNKNOWN

    asyncio.run(scenario())


def test_a_clock_that_is_set_back_ends_nothing_early(open_spool: Any, samples: Any) -> None:
    """Deadlines come later by as much as it was set back; a new job has its own."""

    async def scenario() -> None:
        async with open_spool() as spool:
            clock = Machine(samples.now + HOUR * 5)
            part = deadlines(spool, clock)
            old = await samples.in_doubt(spool)
            stamps = {"created_at": clock.now, "start_at": clock.now, "sent_at": clock.now}
            await spool.database.write(lambda c: c.execute(update(schema.job).values(stamps)) and None)
            clock.now -= HOUR * 5
            new = await samples.in_doubt(spool, "+4989123457")
            await part.look()
            for _ in range(23):
                clock.wait(timedelta(minutes=5))
                await part.look()
            assert (await samples.load(spool, new.id)).state is State.IN_DOUBT
            clock.wait(timedelta(minutes=5))
            await part.look()
            assert (await samples.load(spool, new.id)).state is State.UNKNOWN
            assert (await samples.load(spool, old.id)).state is State.IN_DOUBT
            clock.wait(HOUR * 5)
            await part.look()
            assert (await samples.load(spool, old.id)).state is State.UNKNOWN

    asyncio.run(scenario())


def test_a_restart_under_a_wrong_clock_asks_before_it_says_that_nothing_is_known(open_spool: Any, samples: Any) -> None:
    """A daemon that starts can't tell a jump from a night that it was off: doubt counts from its start."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            clock = Machine(samples.now + HOUR * 100)
            part = deadlines(spool, clock)
            await part.look()
            clock.wait(DOUBT.in_doubt_after - timedelta(minutes=1))
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.IN_DOUBT
            clock.wait(timedelta(minutes=1))
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.UNKNOWN

    asyncio.run(scenario())


def test_a_held_job_that_was_submitted_never_ends_as_surely_not_sent(open_spool: Any, samples: Any) -> None:
    """Never `expired` without a report once it perhaps arrived; a restored backup holds submitted jobs."""

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            restored = update(schema.job).values(state=State.HELD, former=State.SUBMITTED)
            await spool.database.write(lambda c: c.execute(restored) and None)
            clock = Machine(samples.now)
            part = deadlines(spool, clock)
            clock.wait(HOUR * 24)
            await part.look()
            assert (await samples.load(spool, job.id)).state is State.UNKNOWN
            assert await words(spool, samples) == ["doubt"]

    asyncio.run(scenario())
