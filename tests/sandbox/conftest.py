"""The sandbox on a free port of 127.0.0.1, and a client that speaks plain JSON to it."""

import asyncio
import base64
import email
import email.policy
import io
import json
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiosmtpd.smtp import SMTP
from PIL import Image

from gateway.sandbox import SandboxOptions, serve

PATIENCE = 20  # seconds


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return str(self.body["message"])


class Client:
    """Asks one sandbox; `login` None sends no Authorization header."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self.session = session
        self.origin = f"http://127.0.0.1:{port}"

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        login: tuple[str, str] | None = ("sandbox", "sandbox"),
        raw: bytes | None = None,
    ) -> Answer:
        headers = {"Authorization": aiohttp.encode_basic_auth(*login)} if login is not None else {}
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        async with self.session.request(method, self.origin + path, data=data, headers=headers) as answer:
            content = await answer.read()
            is_json = answer.headers.get("Content-Type", "").startswith("application/json")
            return Answer(answer.status, json.loads(content) if is_json else content, dict(answer.headers))

    async def send(self, request: dict[str, Any] | None = None, base: str = "ha", **ask: Any) -> Answer:
        return await self.ask("POST", f"/{base}/rest/v1/99999/fax", request or job(), **ask)

    async def reports(self, base: str, method: str = "GET", **ask: Any) -> Answer:
        return await self.ask(method, f"/{base}/rest/v1/99999/fax/reports", **ask)

    async def bulk(self, base: str, action: str, job_ids: list[str], **ask: Any) -> Answer:
        body = {"action": action, "jobIds": job_ids}
        return await self.ask("POST", f"/{base}/rest/v1/99999/fax/reports", body, **ask)

    async def settings(self, **changes: Any) -> Answer:
        return await self.ask("PUT", "/_sandbox/settings", changes)

    async def faults(self, **faults: Any) -> Answer:
        return await self.ask("PUT", "/_sandbox/faults", faults)

    async def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("GET", "/_sandbox/jobs")).body
        return found

    async def finished(self, count: int = 1) -> list[dict[str, Any]]:
        """Waits until so many jobs have their report."""

        async def enough() -> bool:
            return [each["state"] for each in await self.jobs()].count("finished") >= count

        await until(enough)
        return await self.jobs()

    async def report(self, job_id: str) -> dict[str, Any]:
        """The report of a job, waited for, from whichever data centre has it."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            for base in ("dc1", "dc2"):
                found.extend((await self.bulk(base, "GET", [job_id])).body["reports"])
            return bool(found)

        await until(there)
        return found[0]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline, "it did not come in time"
        await asyncio.sleep(0.02)


def job(*numbers: str, **changes: Any) -> dict[str, Any]:
    """A small good request; `changes` replace whole fields."""
    document = {"name": "hello.txt", "data": base64.b64encode(b"Hello").decode()}
    recipients = [{"number": number} for number in numbers or ("+4989123456",)]
    return {"recipients": recipients, "documents": [document]} | changes


@asynccontextmanager
async def running(options: SandboxOptions) -> AsyncIterator[Client]:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(options, ready=ready.set_result))
    try:
        either: set[asyncio.Future[Any]] = {serving, ready}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        async with aiohttp.ClientSession() as session:
            yield Client(session, ready.result())
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


OpenSandbox = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def open_sandbox(tmp_path: Path) -> OpenSandbox:
    """``async with open_sandbox(render=True) as client``."""

    @asynccontextmanager
    async def opened(**options: Any) -> AsyncIterator[Client]:
        facts: dict[str, Any] = {"listen_port": 0, "data_dir": tmp_path / "sandbox", "render": False, "seed": 1}
        async with running(SandboxOptions(**facts | options)) as client:
            await client.settings(delays="none")
            yield client

    return opened


@pytest.fixture(name="job")
def job_fixture() -> Callable[..., dict[str, Any]]:
    return job


class Mailbox:
    """Takes mails by SMTP; `answers` are given first, to whoever comes."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.answers: list[str] = []
        self.port = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails += [(recipient, message) for recipient in envelope.rcpt_tos]
        return "250 2.0.0 thank you"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Mailbox"]:
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    def to(self, address: str) -> list[EmailMessage]:
        return [message for recipient, message in self.mails if recipient == address]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


class Darkroom:
    """A sandbox that draws, for many tests: it runs in a thread of its own, because its worker takes a second to start.

    The report mails of its jobs come to `mailbox`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.mailbox = Mailbox()
        self.origin = ""
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with self.mailbox.listening() as mailbox:
            smtp = ("127.0.0.1", mailbox.port)
            async with running(SandboxOptions(listen_port=0, data_dir=self.directory, report_smtp=smtp)) as client:
                await client.settings(delays="none")
                self.origin = client.origin
                self._ready.set()
                await self._stop.wait()

    def open(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    def close(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        request = urllib.request.Request(self.origin + path, method=method)
        request.add_header("Authorization", aiohttp.encode_basic_auth("sandbox", "sandbox"))
        if body is not None:
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())

    def report(self, request: dict[str, Any]) -> dict[str, Any]:
        """Sends a job and waits for its report."""
        job_id = json.loads(self.ask("POST", "/dc1/rest/v1/99999/fax", request))["jobId"]
        wanted = {"action": "GET", "jobIds": [job_id]}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = json.loads(self.ask("POST", "/dc1/rest/v1/99999/fax/reports", wanted))["reports"]
            if found:
                report: dict[str, Any] = found[0]
                return report
            time.sleep(0.01)
        raise AssertionError("the report did not come in time")

    def fax(self, *documents: dict[str, str], **changes: Any) -> list[Image.Image]:
        """The pages of the fax that the documents become, as bilevel images with their dots per inch."""
        report = self.report(job(documents=list(documents), **changes))
        assert {each["status"] for each in report["recipientStatus"]} == {"OK"}
        with Image.open(io.BytesIO(self.ask("GET", f"/_sandbox/jobs/{report['jobId']}/fax.tiff"))) as image:
            assert report["pages"] == getattr(image, "n_frames", 1)
            return [_page(image, number) for number in range(report["pages"])]


def _page(image: Image.Image, number: int) -> Image.Image:
    image.seek(number)
    return image.copy()


@pytest.fixture(scope="session")
def darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    opened = Darkroom(tmp_path_factory.mktemp("darkroom"))
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def document() -> Callable[..., dict[str, str]]:
    """``document("a.txt", b"...", charset="UTF-8")``"""

    def made(name: str, content: bytes, **fields: str) -> dict[str, str]:
        return {"name": name, "data": base64.b64encode(content).decode()} | fields

    return made


@pytest.fixture(scope="session")
def ink() -> Callable[..., float]:
    """How much of a box of a page is black, from 0 to 1; the box in inches from the upper left corner."""

    def share(page: Image.Image, left: float, top: float, right: float, bottom: float) -> float:
        across, down = page.info["dpi"]
        part = page.crop((round(left * across), round(top * down), round(right * across), round(bottom * down)))
        black = part.convert("L").histogram()[0]
        return black / (part.width * part.height)

    return share
