"""What a spool on PostgreSQL adds: several daemons at one spool, and a server that may be lost at any moment."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.engine.base import RootTransaction
from sqlalchemy.exc import OperationalError

from gateway.delivery.recovery import Recovery
from gateway.spool import daemons, jobs, schema
from gateway.spool.commits import CommitUnknown
from gateway.spool.content import ContentStore
from gateway.spool.daemons import LEASE
from gateway.spool.database import Database
from gateway.spool.in_hand import InHand
from gateway.spool.job import Job
from gateway.spool.jobs import Note, Overtaken, advance, say, warn
from gateway.spool.lease import Lease, LeaseLost
from gateway.spool.lineage import retry
from gateway.spool.mails import Taking, take
from gateway.spool.place import Server
from gateway.spool.states import Event, State
from tests.living.postgresql import PostgreSQL


class Node:
    """One of several daemons."""

    def __init__(self, database: Database, lease: Lease, directory: Path) -> None:
        self.database = database
        self.lease = lease
        self.in_hand = InHand(database, lease)
        self.contents = ContentStore(directory, in_database=True)


Open = Callable[[str], Any]


@pytest.fixture
def server(postgresql: PostgreSQL, tmp_path: Path) -> Server:
    return postgresql.place(tmp_path)


@pytest.fixture
def node(server: Server, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(host: str) -> AsyncIterator[Node]:
        async with Database.open(server) as database, Lease(database, host=host, schema=4) as lease:
            yield Node(database, lease, tmp_path / host)

    return opened


def test_the_same_mail_at_two_daemons_at_the_same_moment_is_one_fax(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            for number in range(20):
                message_id = f"<{number}@example.com>"

                async def hand_over(at: Node, message_id: str = message_id) -> str:
                    job = samples.job("+4989123456", message_id=message_id)
                    kept = await at.contents.keep(jobs.new_id(), b"x")
                    taking = Taking(mail=samples.mail(kept.id, message_id=message_id), raw=kept, jobs=(job,))
                    taken = await at.database.write_together(take, taking)
                    return str(taken.job_ids[0])

                first, second = await asyncio.gather(hand_over(a), hand_over(b))
                assert first == second

    asyncio.run(scenario())


def test_what_one_daemon_has_in_hand_the_other_leaves_alone(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            made = [await samples.prepared(a, f"+49891234{n}", message_id=f"<{n}@example.com>") for n in range(10, 16)]
            now = samples.now
            mine = await a.in_hand.prepared(now, 4, concurrency=8, without=())
            theirs = await b.in_hand.prepared(now, 4, concurrency=8, without=())
            assert len(mine) == 4
            assert {job.id for job in mine} | {job.id for job in theirs} == {job.id for job in made}
            assert await b.in_hand.prepared(now, 4, concurrency=8, without=[job.id for job in theirs]) == []
            assert await b.in_hand.next_prepared() == theirs[0].due_at
            again = await a.in_hand.prepared(now, 4, concurrency=8, without=())  # it has dropped them
            assert [job.id for job in again] == [job.id for job in mine]

    asyncio.run(scenario())


def test_all_daemons_together_ask_the_fax_service_no_more_than_concurrency_at_a_time(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            for n in range(10, 20):
                await samples.prepared(a, f"+49891234{n}", message_id=f"<{n}@example.com>")
            found = await asyncio.gather(
                *(each.in_hand.prepared(samples.now, 8, concurrency=6, without=()) for each in (a, b))
            )
            assert sum(map(len, found)) == 6

    asyncio.run(scenario())


def test_a_word_is_sent_by_one(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            job = await samples.prepared(a)
            await a.database.write(lambda c: say(c, job, "delayed", Note("test", samples.now)))
            found = await asyncio.gather(*(each.in_hand.letters(samples.now, 20) for each in (a, b)))
            assert sorted(map(len, found)) == [0, 1]

    asyncio.run(scenario())


def test_delayed_is_said_once(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            job = await samples.prepared(a)
            note = Note("delivery", samples.now)
            warned = [each.database.write(lambda c: warn(c, job, note)) for each in (a, b)]
            results = await asyncio.gather(*warned, return_exceptions=True)
            assert sorted(type(result).__name__ for result in results) == ["NoneType", "Overtaken"]
            assert len(await a.in_hand.letters(samples.now, 20)) == 1

    asyncio.run(scenario())


def lapse(connection: Connection, daemon_id: str) -> None:
    """As if it had not renewed for long."""
    moment = text(f"now() - interval '{int(LEASE.total_seconds()) + 1} seconds'")
    connection.execute(update(schema.daemon).where(schema.daemon.c.id == daemon_id).values(renewed_at=moment))


def test_a_daemon_that_does_not_renew_is_dead_and_its_submission_is_in_doubt(node: Open, samples: Any) -> None:
    closed: list[str] = []

    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            a.lease.on_lost(lambda: closed.append("uploads"))
            submitting = await samples.submitting(a, "+4989123456")
            await samples.prepared(a, "+4989123457", message_id="<2@example.com>")
            (waiting,) = await a.in_hand.prepared(samples.now, 1, concurrency=8, without=())
            recovery = Recovery(database=b.database, clock=lambda: samples.now)
            assert await recovery.look() == 0  # it lives
            former = a.lease.owner
            await b.database.write(lambda c: lapse(c, former))
            assert await recovery.look() == 1
            found = await samples.load(b, submitting.id)
            assert (found.state, found.standing.perhaps_arrived) == (State.IN_DOUBT, True)
            taken = await b.in_hand.prepared(samples.now, 8, concurrency=8, without=())
            assert [job.id for job in taken] == [waiting.id]
            # A daemon that was frozen begins nothing under its old id, and comes back under a new one.
            with pytest.raises(LeaseLost):
                await a.database.write(a.lease.confirm)
            await a.lease.look()
            assert a.lease.owner != former
            await a.database.write(a.lease.confirm)
            assert await recovery.look() == 0

    asyncio.run(scenario())
    assert closed == ["uploads"]


def test_a_daemon_that_cant_renew_gives_up_before_the_others_act(node: Open) -> None:
    moment = [0.0]
    closed: list[float] = []

    async def scenario() -> None:
        async with node("a") as a:
            lease = Lease(a.database, host="c", schema=4, steady=lambda: moment[0])
            lease.on_lost(lambda: closed.append(moment[0]))
            async with lease:
                moment[0] = LEASE.total_seconds() - 1  # nobody asked for so long
                await lease.look()

    asyncio.run(scenario())
    assert closed == [LEASE.total_seconds() - 1]


def test_what_others_wrote_is_stored_however_long_and_odd(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a:
            odd = {"helo": "h" * 300, "queue_id": "q" * 80, "subject": "a\0b", "message_id": "<\0@example.com>"}
            taken = await samples.take(a, samples.job(), **odd)
            mail = (await samples.load(a, taken.job_ids[0])).mail
            assert (len(mail.helo), len(mail.queue_id or ""), mail.subject) == (255, 64, "a\ufffdb")

    asyncio.run(scenario())


def test_a_large_mail_stands_in_the_database_and_leaves_no_file(node: Open, samples: Any) -> None:
    raw = b"x" * 700_000

    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            writer = a.contents.writer(jobs.new_id())
            await writer.write(raw)
            kept = await writer.complete()
            await writer.sync()
            taking = Taking(mail=samples.mail(kept.id), raw=kept, jobs=(samples.job(),))
            await a.database.write_together(take, taking)
            await writer.committed()
            assert not list(a.contents.directory.glob("??/*"))
            found = await b.database.read(lambda c: b.contents.load(c, kept.id))
            assert await found.read() == raw

    asyncio.run(scenario())


@pytest.mark.parametrize("committed_first", [True, False])
def test_a_commit_whose_answer_is_lost_is_asked_for_and_neither_lost_nor_done_twice(
    node: Open, samples: Any, monkeypatch: pytest.MonkeyPatch, *, committed_first: bool
) -> None:
    """The connection goes between COMMIT and its answer, or just before it."""
    lost = [True]
    commit = RootTransaction.commit

    def losing(self: RootTransaction) -> None:
        if (
            self.connection.dialect.name != "postgresql"
            or not lost
            or self.connection.get_isolation_level() != "READ COMMITTED"
        ):
            commit(self)
            return
        lost.clear()
        connection = self.connection
        if committed_first:
            connection.connection.driver_connection.commit()  # type: ignore[union-attr] # psycopg's
        connection.connection.driver_connection.close()  # type: ignore[union-attr] # psycopg's
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    async def scenario() -> None:
        async with node("a") as a:
            kept = await a.contents.keep(jobs.new_id(), b"x")
            taking = Taking(mail=samples.mail(kept.id), raw=kept, jobs=(samples.job(),))
            monkeypatch.setattr(RootTransaction, "commit", losing)
            taken = await a.database.write_together(take, taking)
            monkeypatch.undo()
            found = await a.database.read(lambda c: list(c.execute(select(schema.job.c.id)).scalars()))
            assert found == list(taken.job_ids)

    asyncio.run(scenario())


def test_a_server_that_is_restarted_costs_nobody_anything(tmp_path: Path) -> None:
    async def scenario() -> None:
        with PostgreSQL(durable=True) as own:
            async with Database.open(own.place(tmp_path)) as database:
                keep = insert(schema.account).values(
                    id="1", send_url="", datacenters={}, customer_number="", username=""
                )
                await database.write(lambda c: c.execute(keep))
                own.stop("immediate")  # as a power cut
                with pytest.raises((OperationalError, CommitUnknown)):
                    await database.write(lambda c: c.execute(keep))
                own.start()
                found = await database.read(lambda c: c.execute(select(schema.account.c.id)).scalars().all())
                assert found == ["1"]
                await database.write(lambda c: daemons.register(c, "2", "a", 4))

    asyncio.run(scenario())


def test_an_attempt_of_a_job_that_another_daemon_has_begun_is_overtaken(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            job = await samples.prepared(a)
            until = samples.now + timedelta(hours=24)
            await samples.start(a, job, until)
            with pytest.raises(Overtaken):
                await samples.start(b, job, until)

    asyncio.run(scenario())


def test_two_retries_at_the_same_moment_make_one_fax(node: Open, samples: Any) -> None:
    async def scenario() -> None:
        async with node("a") as a, node("b") as b:
            for number in range(10):
                job = await samples.prepared(a, f"+49891234{number}", message_id=f"<{number}@example.com>")
                note = Note("operator", samples.now)
                await a.database.write(lambda c, job=job, note=note: advance(c, job, Event.CANCELLED, note))
                failed = await samples.load(a, job.id)

                async def retried(at: Node, failed: Job = failed, note: Note = note) -> str:
                    return await at.database.write(lambda c: retry(c, failed, note, may_duplicate=False))

                results = await asyncio.gather(retried(a), retried(b), return_exceptions=True)
                assert sorted(type(result).__name__ for result in results) == ["NotRetried", "str"]

    asyncio.run(scenario())
