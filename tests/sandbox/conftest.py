"""The sandbox on a free port of 127.0.0.1, and a client that speaks plain JSON to it."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

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
