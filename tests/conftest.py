"""What many tests share: a real spool on disk with made-up values in it, and the commands of the machine."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from gateway.fax4a import Account
from gateway.spool import attempts, jobs, outbox
from gateway.spool.attempts import StoredDocument, recorded
from gateway.spool.content import Content, ContentStore
from gateway.spool.database import Database
from gateway.spool.forward_path import ForwardPath
from gateway.spool.in_hand import InHand
from gateway.spool.job import Job, JobOptions, Mail, Timing
from gateway.spool.jobs import Note, new_id
from gateway.spool.lease import Lease
from gateway.spool.mails import NewJob, NewRecipient, Taken, Taking, handover_key, take
from gateway.spool.migrations import newest, upgrade
from gateway.spool.place import Place
from gateway.spool.states import Event
from tests.living.postgresql import PostgreSQL

ACCOUNT = Account(
    send_url="http://127.0.0.1:9/ha/rest/v1",
    datacenters={"dc1": "http://127.0.0.1:9/dc1/rest/v1", "dc2": "http://127.0.0.1:9/dc2/rest/v1"},
    customer_number="99999",
    username="sandbox",
    password="secret",
)
RAW = b"Subject: x\r\n\r\nbody"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Spool:
    database: Database
    contents: ContentStore
    lease: Lease
    in_hand: InHand


# A deadline for each example measures the machine: a first one that loads what the others use fails on a busy one.
# The rest stays as it is here, or under CI.
settings.register_profile("without a deadline", settings(), deadline=None)
settings.load_profile("without a deadline")

OpenSpool = Callable[[], AbstractAsyncContextManager[Spool]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgresql", action="store_true", help="spools on PostgreSQL instead of SQLite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--postgresql"):
        items[:] = [item for item in items if item.get_closest_marker("sqlite") is None]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Where the test's spool lies: a SQLite file, or with --postgresql an empty database on a server of ours."""
    if not request.config.getoption("--postgresql"):
        return tmp_path / "spool.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.place(tmp_path)


@pytest.fixture(scope="session")
def new_spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite spool with this release's schema: copied, not migrated, for each test."""
    path = tmp_path_factory.mktemp("new") / "spool.db"
    upgrade(path)
    return path


@pytest.fixture(scope="session")
def release_schema() -> int:
    """This release's; to find it takes a look at every migration."""
    return newest()


@pytest.fixture
def open_spool(tmp_path: Path, place: Place, new_spool: Path, release_schema: int) -> OpenSpool:
    """Opens the same spool each time it is called, as a restart would."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Spool]:
        if isinstance(place, Path) and not (place.exists() and place.stat().st_size):  # to SQLite an empty one is new
            shutil.copy(new_spool, place)
        database = Database.open(place)
        contents = ContentStore(tmp_path / "content", in_database=database.is_shared)
        async with database, Lease(database, host="fax.example.com", schema=release_schema) as lease:
            yield Spool(database, contents, lease, InHand(database, lease))

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
                    number,
                    (ForwardPath(address=f"{number}@fax.local"),),
                    handover_key("jana@example.com", message_id, number, "body"),
                )
                for number in numbers or ("+4989123456",)
            ),
            Timing(self.now),
        )

    async def take(self, spool: Spool, *jobs: NewJob, raw: bytes = RAW, **changes: object) -> Taken:
        """What the mail front does at the end of DATA."""
        kept = await spool.contents.keep(new_id(), raw)
        mail = self.mail(kept.id, **changes)
        return await spool.database.write(
            lambda connection: take(connection, [Taking(mail=mail, raw=kept, jobs=jobs)])[0]
        )

    async def for_postmaster(self, spool: Spool, raw: bytes, *, reverse_path: str, trace: str) -> Content:
        """A mail to the postmaster; returns where it stands."""
        kept = await spool.contents.keep(new_id(), raw)
        mail = self.mail(kept.id, reverse_path=reverse_path)
        taking = Taking(mail=mail, raw=kept, jobs=(), postmaster="postmaster@example.com", trace=trace)
        await spool.database.write(lambda connection: take(connection, [taking]))
        return kept

    async def load(self, spool: Spool, job_id: str) -> Job:
        job = await spool.database.read(lambda connection: jobs.load(connection, job_id))
        assert job is not None
        return job

    async def letters(self, spool: Spool) -> list[outbox.Letter]:
        """Every word that waits, oldest first, whenever it is due: commands tell the real time, samples don't."""
        ever = datetime.max.replace(tzinfo=UTC)
        return await spool.database.read(lambda connection: outbox.due(connection, ever, 100))

    async def tell(self, spool: Spool) -> None:
        """The smarthost takes every word that waits."""
        for letter in await self.letters(spool):
            await spool.database.write(lambda c, letter=letter: outbox.sent(c, letter, self.now))  # type: ignore[misc] # mypy can't infer a lambda with a default

    async def prepared(self, spool: Spool, *numbers: str, **changes: object) -> Job:
        taken = await self.take(spool, self.job(*numbers), raw=RAW, **changes)
        job = await self.load(spool, taken.job_ids[0])
        content = await spool.contents.keep(new_id(), b"%PDF-1.7")
        documents = [StoredDocument("offer.pdf", None, content)]
        note = Note("test", self.now)
        await spool.database.write(lambda c: attempts.keep_documents(c, job, documents, note))
        return await self.load(spool, job.id)

    async def submitting(self, spool: Spool, *numbers: str, **changes: object) -> Job:
        job = await self.prepared(spool, *numbers, **changes)
        await self.start(spool, job, self.now + timedelta(hours=24))
        return await self.load(spool, job.id)

    async def start(self, spool: Spool, job: Job, until: datetime) -> None:
        """An attempt, just before its first byte."""
        account = recorded(ACCOUNT)
        await spool.database.write(lambda c: attempts.keep_account(c, account))
        await spool.database.write(
            lambda c: attempts.start(c, job, account.id, owner=spool.lease.owner, at=self.now, valid_until=until)
        )

    async def submitted(self, spool: Spool, *numbers: str, wire_id: str = "FJJ1", **changes: object) -> Job:
        job = await self.submitting(spool, *numbers, **changes)
        note = Note("test", self.now)
        await spool.database.write(
            lambda c: attempts.finish(c, job, Event.ACCEPTED, note, due_at=self.now, wire_id=wire_id)
        )
        return await self.load(spool, job.id)

    async def in_doubt(self, spool: Spool, *numbers: str, **changes: object) -> Job:
        job = await self.submitting(spool, *numbers, **changes)
        note = Note("test", self.now, "no readable answer")
        await spool.database.write(lambda c: attempts.finish(c, job, Event.PERHAPS_ARRIVED, note, due_at=self.now))
        return await self.load(spool, job.id)


@pytest.fixture
def samples() -> Samples:
    return Samples()


@pytest.fixture
def account() -> Account:
    """The account that the samples were submitted with."""
    return ACCOUNT


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """``need("swaks")`` gives the command's path; without it the test skips, or fails where CI=true."""

    def find(command: str) -> str:
        path = shutil.which(command)
        if path is not None:
            return path
        if os.environ.get("CI") == "true":
            pytest.fail(f"{command} is missing; .ci/run installs it")
        pytest.skip(f"{command} is not installed")

    return find
