"""A real spool on disk, and the values that its tests are about."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.job import JobOptions, Mail
from gateway.spool.jobs import new_id
from gateway.spool.mails import NewJob, NewRecipient, Taken, handover_key, take
from gateway.spool.migrations import upgrade

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Spool:
    database: Database
    contents: ContentStore


OpenSpool = Callable[[], AbstractAsyncContextManager[Spool]]


@pytest.fixture
def open_spool(tmp_path: Path) -> OpenSpool:
    """Opens the same spool each time it is called, as a restart would."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Spool]:
        path = tmp_path / "spool.db"
        database = Database.open(path)
        upgrade(path)
        async with database:
            yield Spool(database, ContentStore(tmp_path / "content"))

    return opened


@dataclass(frozen=True)
class Samples:
    """Made-up values; each differs from the usual one only in what its test names."""

    now: datetime = NOW

    def mail(self, content_id: str, **changes: object) -> Mail:
        facts: dict[str, object] = {
            "id": new_id(),
            "received_at": self.now,
            "reverse_path": "jana@example.com",
            "report_to": "jana@example.com",
            "client": "127.0.0.1",
            "helo": "client.example.com",
            "queue_id": None,
            "message_id": "<1@example.com>",
            "subject": "Angebot",
            "language": "en",
            "numbers": 1,
            "content_id": content_id,
        }
        return Mail(**(facts | changes))  # type: ignore[arg-type] # the keywords come from tests

    def job(self, *numbers: str, message_id: str = "<1@example.com>") -> NewJob:
        return NewJob(
            new_id(),
            JobOptions(),
            tuple(
                NewRecipient(
                    number, f"{number}@fax.local", handover_key("jana@example.com", message_id, number, "body")
                )
                for number in numbers or ("+4989123456",)
            ),
        )

    async def take(
        self, spool: Spool, *jobs: NewJob, raw: bytes = b"Subject: x\r\n\r\nbody", **changes: object
    ) -> Taken:
        """What the mail front does at the end of DATA."""
        kept = await spool.contents.keep(new_id(), raw)
        mail = self.mail(kept.id, **changes)
        return await spool.database.write(lambda connection: take(connection, mail, kept, jobs))


@pytest.fixture
def samples() -> Samples:
    return Samples()
