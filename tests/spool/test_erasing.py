"""A mail to a number and to the postmaster is kept once: erasing takes it from nobody who still needs it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.spool import jobs, legal_holds, mails, outbox, schema
from gateway.spool.content import ContentPurged
from gateway.spool.erasing import Erased, erase, replay
from gateway.spool.erasures import ErasureLog, key
from gateway.spool.job import Job
from gateway.spool.jobs import Note, new_id
from gateway.spool.outbox import Letter
from gateway.spool.states import Event

HOUR = timedelta(hours=1)
SENDER = "jana@example.com"


async def taken(spool: Any, samples: Any) -> tuple[Job, Letter]:
    """One mail's job, and its copy for the postmaster, which waits."""
    kept = await spool.contents.keep(new_id(), b"Subject: Befund\r\n\r\nKlara Beispiel\r\n")
    taking = mails.Taking(
        mail=samples.mail(kept.id), raw=kept, jobs=(samples.job(),), postmaster="postmaster@example.com"
    )
    (done,) = await spool.database.write(lambda c: mails.take(c, [taking]))
    (letter,) = await samples.letters(spool)
    return await samples.load(spool, done.job_ids[0]), letter


async def ends(spool: Any, samples: Any, job: Job) -> None:
    """Its sender is told."""
    await spool.database.write(lambda c: jobs.advance(c, job, Event.CANCELLED, Note("operator", samples.now)))
    for word in await samples.letters(spool):
        if word.job_id is not None:
            await spool.database.write(lambda c, word=word: outbox.sent(c, word, samples.now))


async def is_sent(spool: Any, samples: Any, letter: Letter) -> None:
    await spool.database.write(lambda c: outbox.sent(c, letter, samples.now))


async def erased(spool: Any, samples: Any, tmp_path: Path, *ids: str, sender: str | None = None) -> Erased:
    def inside(connection: Any) -> Erased:
        found = jobs.load_many(connection, list(ids))
        note = Note("operator", samples.now + HOUR)
        return erase(connection, found, note, ErasureLog(tmp_path / "log"), sender=sender)

    done: Erased = await spool.database.write(inside)
    return done


async def is_there(spool: Any, content_id: str) -> bool:
    try:
        await spool.database.read(lambda c: spool.contents.load(c, content_id))
    except ContentPurged:
        return False
    return True


async def letters(spool: Any) -> int:
    count: int = await spool.database.read(
        lambda c: c.execute(select(func.count()).select_from(schema.outbox)).scalar_one()
    )
    return count


def test_a_job_stays_while_the_postmasters_copy_of_its_mail_waits(
    open_spool: Any, samples: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job, letter = await taken(spool, samples)
            await ends(spool, samples, job)
            done = await erased(spool, samples, tmp_path, job.id, sender=SENDER)
            assert [(each.refused, each.said[:30]) for each in done.done] == [(True, "the postmaster's copy of its m")]
            assert (done.contents, done.letters) == ((), 0)
            assert await is_there(spool, job.mail.content_id)

            await spool.database.write(lambda c: outbox.bounced(c, letter, new_id(), samples.now, "550 nobody"))
            done = await erased(spool, samples, tmp_path, job.id, sender=SENDER)
            assert [each.refused for each in done.done] == [True], "that nobody took it is still to be said"
            assert await is_there(spool, job.mail.content_id)

            for bounce in await samples.letters(spool):
                await is_sent(spool, samples, bounce)
            done = await erased(spool, samples, tmp_path, job.id)
            assert ([each.refused for each in done.done], done.contents) == ([False], (job.mail.content_id,))
            assert not await is_there(spool, job.mail.content_id)
            assert await letters(spool) == 0, "they name the sender"

    asyncio.run(scenario())


@pytest.mark.parametrize("why", ["open", "held"])
def test_a_copy_that_was_sent_stays_while_its_mail_is_needed(
    open_spool: Any, samples: Any, tmp_path: Path, why: str
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job, letter = await taken(spool, samples)
            await is_sent(spool, samples, letter)
            if why == "held":
                await ends(spool, samples, job)
                note = Note("operator", samples.now, "Az. 12/26")
                await spool.database.write(lambda c: legal_holds.add_for_job(c, job.id, note))
            done = await erased(spool, samples, tmp_path, job.id, sender=SENDER)
            assert ([each.refused for each in done.done], done.letters) == ([True], 0)
            assert await is_there(spool, job.mail.content_id)

    asyncio.run(scenario())


def test_a_mail_to_the_postmaster_alone_goes_once_its_bounce_is_said(
    open_spool: Any, samples: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            kept = await samples.for_postmaster(spool, b"Subject: x\r\n\r\n", reverse_path=SENDER, trace="from x")
            (letter,) = await samples.letters(spool)
            await spool.database.write(lambda c: outbox.bounced(c, letter, new_id(), samples.now, "550 nobody"))
            assert (await erased(spool, samples, tmp_path, sender=SENDER)).letters == 0
            assert await is_there(spool, kept.id)
            (bounce,) = await samples.letters(spool)
            await is_sent(spool, samples, bounce)
            assert (await erased(spool, samples, tmp_path, sender=SENDER)).letters == 2
            assert not await is_there(spool, kept.id)

    asyncio.run(scenario())


def test_a_restored_backup_hands_no_erased_mail_to_the_postmaster(
    open_spool: Any, samples: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In it everything still waits; when they were erased the postmaster had them."""
    monkeypatch.setattr("gateway.spool.erasing.PARAMETERS", 1)

    async def scenario() -> None:
        async with open_spool() as spool:
            job, _ = await taken(spool, samples)
            other = await samples.prepared(spool, "+4989123457")
            note = Note("operator", samples.now)
            keys = {key(job.id), key(other.id)}
            done = await spool.database.write(lambda c: replay(c, keys, note))
            assert {each.job_id for each in done.done} == {job.id, other.id}
            for each in (job, other):
                assert (await samples.load(spool, each.id)).erased_at is not None
                assert not await is_there(spool, each.mail.content_id)
            assert await letters(spool) == 0

    asyncio.run(scenario())
