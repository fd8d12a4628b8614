"""Group commit: one sync for all that wait, and nobody pays for another's error."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from gateway.spool.database import Database, write_once
from gateway.spool.lock import SpoolLocked
from gateway.spool.migrations import differences, upgrade
from gateway.spool.schema import content


def keep(connection: Connection, name: str) -> None:
    connection.execute(insert(content).values(id=name, size=1, sha256="0" * 64, inline=b"x"))


async def names(database: Database) -> set[str]:
    return await database.read(lambda connection: set(connection.execute(select(content.c.id)).scalars()))


def test_sessions_that_wait_together_are_committed_together_and_one_that_fails_takes_none_with_it(
    open_spool: Any,
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            writes = [spool.database.write(lambda c, n=n: keep(c, n)) for n in ("a", "b", "a", "c")]
            results = await asyncio.gather(*writes, return_exceptions=True)
            assert [type(result) for result in results] == [type(None), type(None), IntegrityError, type(None)]
            assert await names(spool.database) == {"a", "b", "c"}

    asyncio.run(scenario())


def test_a_statement_that_undoes_the_whole_transaction_costs_nobody_else_a_mail(open_spool: Any) -> None:
    """SQLite may roll back all on a full disk (sqlite.org/lang_transaction.html, §3): no answer may rest on that."""

    def undo(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    async def scenario() -> None:
        async with open_spool() as spool:
            works: list[Any] = [lambda c, n=n: keep(c, n) for n in "abcd"]
            works.insert(2, undo)
            results = await asyncio.gather(*(spool.database.write(work) for work in works), return_exceptions=True)
            assert [isinstance(result, Exception) for result in results] == [False, False, True, False, False]
            assert await names(spool.database) == {"a", "b", "c", "d"}

    asyncio.run(scenario())


def test_what_can_be_done_together_is_done_in_one_call_and_each_gets_its_own(open_spool: Any) -> None:
    calls: list[list[int]] = []

    def squares(_: Connection, items: Sequence[int]) -> list[int]:
        calls.append(list(items))
        if len(items) > 1 and 3 in items:
            raise LookupError("three")
        return [item * item for item in items]

    async def scenario() -> None:
        async with open_spool() as spool:
            waiting = [spool.database.write_together(squares, item) for item in (1, 2)]
            assert await asyncio.gather(*waiting) == [1, 4]
            waiting = [spool.database.write_together(squares, item) for item in (3, 4)]
            assert await asyncio.gather(*waiting) == [9, 16]

    asyncio.run(scenario())
    assert calls == [[1, 2], [3, 4], [3], [4]]


def test_a_login_is_written_beside_the_daemon(open_spool: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await asyncio.to_thread(write_once, spool.database.place, lambda connection: keep(connection, "beside"))
            assert await names(spool.database) == {"beside"}

    asyncio.run(scenario())


def test_what_raises_leaves_nothing_behind(open_spool: Any) -> None:
    def half(connection: Connection) -> None:
        keep(connection, "half")
        raise LookupError("half way")

    async def scenario() -> None:
        async with open_spool() as spool:
            with pytest.raises(LookupError):
                await spool.database.write(half)
            assert await names(spool.database) == set()

    asyncio.run(scenario())


def test_what_was_written_stands_after_a_restart(open_spool: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await spool.database.write(lambda connection: keep(connection, "kept"))
        async with open_spool() as spool:
            assert await names(spool.database) == {"kept"}

    asyncio.run(scenario())


@pytest.mark.sqlite
def test_a_commit_is_synced_to_disk_and_deletion_overwrites(open_spool: Any) -> None:
    def pragma(connection: Connection, name: str) -> Any:
        return connection.execute(text(f"PRAGMA {name}")).scalar_one()

    async def scenario() -> None:
        async with open_spool() as spool:
            facts = {name: await spool.database.write(lambda c, n=name: pragma(c, n)) for name in PRAGMAS}
            assert facts == PRAGMAS

    asyncio.run(scenario())


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}  # 2: FULL


def test_a_second_daemon_is_kept_out_until_the_first_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    upgrade(path)

    async def scenario() -> None:
        async with Database.open(path):
            with pytest.raises(SpoolLocked, match=r"spool\.db is in use by another fax-gateway"):
                Database.open(path)
        async with Database.open(path):
            pass

    asyncio.run(scenario())


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "new" / "spool.db"
    upgrade(path)
    upgrade(path)  # a second time changes nothing
    assert differences(path) == []
    assert path.stat().st_mode & 0o777 == 0o600
