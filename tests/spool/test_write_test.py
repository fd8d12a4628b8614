"""Whether the spool takes a write is found out by one, which leaves nothing."""

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.spool import schema, write_test
from gateway.spool.write_test import WriteTest


@pytest.mark.sqlite
def test_a_write_is_made_and_leaves_nothing(open_spool: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            log = spool.database.place.with_name("spool.db-wal")
            assert not log.exists(), "nothing was written yet"
            assert await WriteTest(spool.database, spool.contents.directory).fault() is None
            assert log.stat().st_size > 0
            assert list(spool.contents.directory.iterdir()) == []
            rows = select(func.count()).select_from(schema.pause)
            assert await spool.database.read(lambda connection: connection.execute(rows).scalar()) == 0

    asyncio.run(run())


def test_an_answer_holds_for_a_while(open_spool: Any) -> None:
    async def run() -> None:
        now = 100.0
        async with open_spool() as spool:
            test = WriteTest(spool.database, spool.contents.directory, lambda: now)
            assert await test.fault() is None
            spool.contents.directory.rmdir()
            spool.contents.directory.write_text("no directory any more")
            assert await test.fault() is None
            now += write_test.FRESH
            assert "File exists" in str(await test.fault())

    asyncio.run(run())


def test_a_write_that_hangs_is_none_and_no_second_one_is_begun(
    open_spool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_test, "LONGEST", 0.1)

    async def run() -> None:
        async with open_spool() as spool:
            test = WriteTest(spool.database, spool.contents.directory)
            hanging = asyncio.create_task(spool.database.write(lambda _: time.sleep(1)))
            await asyncio.sleep(0.05)
            for _ in range(3):
                assert await test.fault() == "it has taken nothing for 0 seconds"
            assert spool.database._waiting.qsize() == 1
            await hanging
            assert await test.fault() is None

    asyncio.run(run())
