"""From release to release: a spool of each schema is kept here, and a made-up next release upgrades ours."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from gateway.delivery.recovery import Recovery
from gateway.spool import jobs
from gateway.spool.content import ContentStore
from gateway.spool.database import Database, write_once
from gateway.spool.lease import Lease
from gateway.spool.migrations import Step, WrongRelease, differences, newest, pending, upgrade
from gateway.spool.place import Place, Server
from gateway.spool.states import State
from tests.living.next_release import release
from tests.living.postgresql import PostgreSQL

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.mark.parametrize("schema", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_spool_of_an_older_release_goes_on_where_it_stood(schema: Path, tmp_path: Path, samples: Any) -> None:
    """A job in each state; one was being submitted when the old daemon stopped."""
    place = tmp_path / "spool.db"
    with sqlite3.connect(place) as old:
        old.executescript(schema.read_text(encoding="utf-8"))
    before = states(place)
    assert pending(place)[-1].version == newest()
    upgrade(place)
    assert (differences(place), pending(place)) == ([], [])
    assert states(place) == before

    async def scenario() -> None:
        async with Database.open(place) as database, Lease(database, host="a", schema=newest()):
            await Recovery(database=database, clock=lambda: samples.now).look()

    asyncio.run(scenario())
    doubted = {job_id for job_id, state in before.items() if state is State.SUBMITTING}
    after = before | dict.fromkeys(doubted, State.IN_DOUBT)
    assert states(place) == after
    assert len(doubted) == 1
    assert set(after.values()) >= {State.RECEIVED, State.PREPARED, State.SUBMITTED, State.IN_DOUBT, State.SENT}


def states(place: Place) -> dict[str, State]:
    rows = write_once(place, lambda c: c.execute(text("SELECT id, state FROM job")).all())
    return {row.id: State(row.state) for row in rows}


@pytest.fixture
def server(postgresql: PostgreSQL, tmp_path: Path) -> Server:
    return postgresql.place(tmp_path)


def test_a_daemon_of_this_release_works_on_beside_the_next_one_and_can_come_back(
    server: Server, tmp_path: Path, samples: Any
) -> None:
    steps = release(tmp_path, None)

    async def scenario() -> None:
        async with Database.open(server) as database, Lease(database, host="old.example.com", schema=newest()) as lease:
            before = await take(samples, database, 1)
            assert [step.version for step in pending(server, steps)] == [newest() + 1]
            await asyncio.to_thread(upgrade, server, steps)
            after = await take(samples, database, 2)
            await lease.look()
            loaded = await database.read(lambda c: jobs.load_many(c, [before, after]))
            assert {job.state for job in loaded} == {State.RECEIVED}

    asyncio.run(scenario())
    assert pending(server) == []
    upgrade(server)  # an old daemon that starts again
    asyncio.run(scenario_of_old(server, samples))


async def scenario_of_old(server: Server, samples: Any) -> None:
    async with Database.open(server) as database, Lease(database, host="old.example.com", schema=newest()):
        await take(samples, database, 3)


async def take(samples: Any, database: Database, number: int) -> str:
    spool = SimpleNamespace(database=database, contents=ContentStore(Path(), in_database=True))
    message_id = f"<{number}@example.com>"
    taken = await samples.take(spool, samples.job(message_id=message_id), message_id=message_id)
    return str(taken.job_ids[0])


def test_what_a_living_daemon_still_needs_is_not_taken_away(server: Server, tmp_path: Path) -> None:
    ours = newest()
    steps = release(tmp_path, None, ours + 1)

    async def scenario() -> None:
        async with Database.open(server) as database, Lease(database, host="old.example.com", schema=ours):
            with pytest.raises(WrongRelease, match=rf"the daemon at old\.example\.com \(schema {ours}\) needs"):
                await asyncio.to_thread(upgrade, server, steps)

    asyncio.run(scenario())
    assert pending(server, steps) == [
        Step(ours + 1, "The next release", None),
        Step(ours + 2, "The next release", ours + 1),
    ]
    upgrade(server, steps)
    with pytest.raises(WrongRelease, match=f"upgraded the spool to schema {ours + 2}.*install the newer release"):
        upgrade(server)


def test_two_daemons_that_start_at_once_upgrade_once(postgresql: PostgreSQL, tmp_path: Path) -> None:
    empty = postgresql.empty(tmp_path)

    async def scenario() -> Sequence[None]:
        return await asyncio.gather(*(asyncio.to_thread(upgrade, empty) for _ in range(4)))

    asyncio.run(scenario())
    assert differences(empty) == []


def test_an_upgrade_that_breaks_off_leaves_the_spool_as_it_was(tmp_path: Path) -> None:
    """SQLite commits a change of the schema by itself, unless a transaction is begun before it."""
    steps = release(tmp_path, None, None)
    place = tmp_path / "spool.db"
    upgrade(place)
    last = max((steps / "versions").glob("*_next.py"))
    whole = last.read_text()
    last.write_text(whole + "    raise RuntimeError\n")
    with pytest.raises(RuntimeError):
        upgrade(place, steps)
    assert (pending(place), len(pending(place, steps))) == ([], 2)
    last.write_text(whole)
    upgrade(place, steps)
    assert pending(place, steps) == []
