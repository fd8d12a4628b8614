"""Retention: what has ended and been told goes after its time, what has not stays; a stray file goes after a day."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.spool import jobs, lineage, outbox, schema
from gateway.spool.content import LARGEST_INLINE, ContentPurged
from gateway.spool.housekeeping import Housekeeping, RetentionRules
from gateway.spool.jobs import Note, new_id
from gateway.spool.lineage import NotRetried
from gateway.spool.states import Event

DAY = timedelta(days=1)
RULES = RetentionRules(content=7 * DAY, rows=90 * DAY, audit=365 * DAY)
LARGE = b"x" * (LARGEST_INLINE + 1)


def housekeeping(spool: Any, samples: Any, after: timedelta) -> Housekeeping:
    return Housekeeping(
        database=spool.database, contents=spool.contents, rules=RULES, clock=lambda: samples.now + after
    )


async def ended(spool: Any, samples: Any, **changes: object) -> Any:
    """A cancelled job whose sender has been told, with a mail in a file."""
    named = {name: value for name, value in changes.items() if name == "message_id"}
    taken = await samples.take(spool, samples.job(**named), raw=LARGE, **changes)
    job = await samples.load(spool, taken.job_ids[0])
    await spool.database.write(lambda c: jobs.advance(c, job, Event.CANCELLED, Note("operator", samples.now)))
    for letter in await samples.letters(spool):
        await spool.database.write(lambda c, letter=letter: outbox.sent(c, letter, samples.now))
    return await samples.load(spool, job.id)


async def rows(spool: Any, table: Any) -> int:
    return len(await spool.database.read(lambda c: c.execute(select(table)).all()))


@pytest.mark.sqlite
def test_bytes_go_first_then_the_rows(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await ended(spool, samples)
            content_id = job.mail.content_id
            file = spool.contents.directory / content_id[:2] / content_id
            await housekeeping(spool, samples, 6 * DAY).look()
            assert file.exists()
            await housekeeping(spool, samples, 8 * DAY).look()
            assert not file.exists()
            with pytest.raises(ContentPurged):
                await spool.database.read(lambda c: spool.contents.load(c, content_id))
            assert (await samples.load(spool, job.id)).state == job.state
            with pytest.raises(NotRetried, match="purged"):
                await spool.database.write(
                    lambda c: lineage.retry(c, job, Note("operator", samples.now), may_duplicate=False)
                )
            await housekeeping(spool, samples, 91 * DAY).look()
            for table in set(schema.metadata.sorted_tables) - {schema.schema_version, schema.daemon}:
                assert await rows(spool, table) == 0, table.name

    asyncio.run(scenario())


def test_mails_to_the_postmaster_go_too_where_no_fax_comes(
    open_spool: Any, samples: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.spool.retention.AT_ONCE", 2)

    async def scenario() -> None:
        async with open_spool() as spool:
            for _ in range(5):
                await samples.for_postmaster(spool, b"Subject: x\r\n\r\n", reverse_path="ida@example.org", trace="x")
            waiting, *told = await samples.letters(spool)
            for letter in told:
                await spool.database.write(lambda c, letter=letter: outbox.sent(c, letter, samples.now))
            await housekeeping(spool, samples, 89 * DAY).look()
            assert await rows(spool, schema.outbox) == 5
            await housekeeping(spool, samples, 91 * DAY).look()
            left = await spool.database.read(lambda c: c.execute(select(schema.outbox.c.id)).scalars().all())
            assert left == [waiting.id]
            assert await rows(spool, schema.content) == 1

    asyncio.run(scenario())


def test_what_is_purged_is_overwritten(open_spool: Any, samples: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            if spool.database.is_shared:
                pytest.skip("PostgreSQL overwrites nothing: docs/privacy.md says so")
            taken = await samples.take(spool, samples.job(), raw=b"Subject: x\r\n\r\nBefund Klara Beispiel")
            job = await samples.load(spool, taken.job_ids[0])
            await spool.database.write(lambda c: jobs.advance(c, job, Event.CANCELLED, Note("operator", samples.now)))
            for letter in await samples.letters(spool):
                await spool.database.write(lambda c, letter=letter: outbox.sent(c, letter, samples.now))
        assert b"Klara" in (tmp_path / "spool.db").read_bytes()
        async with open_spool() as spool:
            await housekeeping(spool, samples, 8 * DAY).look()
            assert (await samples.load(spool, job.id)).mail.reverse_path == "jana@example.com"  # the rows stay
        assert b"Klara" not in (tmp_path / "spool.db").read_bytes()

    asyncio.run(scenario())


def test_what_is_still_needed_stays(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            waiting = await samples.prepared(spool)
            untold = await ended(spool, samples, message_id="<2@example.com>")
            query = update(schema.outbox).values(sent_at=None)
            await spool.database.write(lambda c: c.execute(query) and None)
            await housekeeping(spool, samples, 1000 * DAY).look()
            for job in (waiting, untold):
                content = await spool.database.read(lambda c, job=job: spool.contents.load(c, job.mail.content_id))
                assert await content.read()
            assert await rows(spool, schema.job) == 2

    asyncio.run(scenario())


def test_a_mail_whose_last_child_has_not_ended_stays_whole(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await ended(spool, samples)
            note = Note("operator", samples.now + DAY)
            child = await spool.database.write(lambda c: lineage.retry(c, job, note, may_duplicate=False))
            await housekeeping(spool, samples, 1000 * DAY).look()
            assert await rows(spool, schema.job) == 2
            again = await samples.load(spool, child)
            content = await spool.database.read(lambda c: spool.contents.load(c, again.mail.content_id))
            assert len(await content.read()) == len(LARGE)

    asyncio.run(scenario())


@pytest.mark.sqlite
def test_a_file_without_a_row_is_swept_after_a_day_by_the_file_systems_clock(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            kept = (await ended(spool, samples)).mail.content_id
            stray, fresh = new_id(), new_id()
            for content_id in (stray, fresh):
                await spool.contents.keep(content_id, LARGE)
            path = spool.contents.directory
            yesterday = (path / fresh[:2] / fresh).stat().st_mtime - DAY.total_seconds() - 60
            for content_id in (stray, kept):
                os.utime(path / content_id[:2] / content_id, (yesterday, yesterday))
            await housekeeping(spool, samples, timedelta(0)).look()
            left = {file.name for file in path.glob("??/*")}
            assert left == {kept, fresh}

    asyncio.run(scenario())


@pytest.mark.sqlite
def test_the_database_shrinks(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            for number in range(100):
                await samples.take(
                    spool, samples.job(message_id=f"<{number}@x>"), raw=b"x" * 60_000, message_id=f"<{number}@x>"
                )
            await spool.database.write(
                lambda c: c.execute(update(schema.job).values(state="sent", finished_at=samples.now)) and None
            )

            async def pages() -> int:
                return int(await spool.database.read(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar()))

            before = await pages()
            await housekeeping(spool, samples, 8 * DAY).look()
            assert await pages() < before / 5

    asyncio.run(scenario())


def test_what_is_over_is_searched_for_beside_the_writer_that_mails_wait_for(
    open_spool: Any, samples: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[object] = []

    async def scenario() -> None:
        async with open_spool() as spool:
            await ended(spool, samples)
            await samples.take(spool, samples.job(message_id="<2@example.com>"))
            write = spool.database.write

            async def counted(work: Any) -> Any:
                writes.append(work)
                return await write(work)

            monkeypatch.setattr(spool.database, "write", counted)
            await housekeeping(spool, samples, DAY).look()
            assert len(writes) == 2, "old rows of the audit log and of quotas, which are found by an index"

    asyncio.run(scenario())
