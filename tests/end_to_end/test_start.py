"""A daemon with 10,000 jobs in every state is ready at once: who restarts it has mail waiting."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.spool import attempts, schema
from gateway.spool.content import Content
from gateway.spool.database import Database
from gateway.spool.job import JobOptions, Mail, Timing
from gateway.spool.jobs import new_id
from gateway.spool.mails import NewJob, NewRecipient, Taking, take
from gateway.spool.migrations import upgrade
from gateway.spool.states import State
from tests.living.process import Process

pytestmark = pytest.mark.once

JOBS = 10_000
READY_WITHIN = 5.0  # seconds of CPU, the interpreter's start included: a machine that has other work takes longer


def taking(number: int, now: datetime) -> Taking:
    content = Content(new_id(), 20, None, Path("/dev/null"), b"Subject: x\r\n\r\nbody\r\n")
    mail = Mail(
        id=new_id(),
        received_at=now,
        reverse_path="jana@example.com",
        report_to="jana@example.com",
        client="127.0.0.1",
        helo="client.example.com",
        queue_id=None,
        message_id=f"<{number}@example.com>",
        subject="Angebot",
        language="en",
        numbers=1,
        content_id=content.id,
    )
    job = NewJob(new_id(), JobOptions(), (NewRecipient("+4989123456", (), None),), Timing(now))
    return Taking(mail=mail, raw=content, jobs=(job,))


async def fill(spool: Path, account: Any) -> None:
    """As many jobs in each state; those that were sent have an account and a request whose time is not over."""
    now = datetime.now(UTC)
    upgrade(spool)
    async with Database.open(spool) as database:
        recorded = attempts.recorded(account)
        await database.write(lambda c: attempts.keep_account(c, recorded))
        for start in range(0, JOBS, 1000):
            batch = [taking(number, now) for number in range(start, start + 1000)]
            await database.write(lambda c, batch=batch: take(c, batch))  # type: ignore[misc] # a default binds it
        ids = await database.read(lambda c: list(c.execute(select(schema.job.c.id)).scalars()))
        for number, state in enumerate(State):
            those = ids[number :: len(State)]
            values = {"state": state, "account_id": recorded.id, "sent_at": now, "valid_until": now, "attempts": 1}
            change = update(schema.job).where(schema.job.c.id.in_(those)).values(**values)
            await database.write(lambda c, change=change: c.execute(change) and None)  # type: ignore[misc] # as above


def test_ten_thousand_jobs_delay_no_start(gateway: Any, account: Any) -> None:
    asyncio.run(fill(gateway.directory / "spool.db", account))
    gateway.configure("[delivery]\npaused = true\n")
    config = str(gateway.directory / "config.toml")
    daemon = Process(["serve", "--config", config], gateway.directory, fresh=True).start()
    took = daemon.cpu()
    daemon.stop()
    assert took < READY_WITHIN
