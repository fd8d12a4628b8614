"""A push server on a spool, and who posts to it byte by byte."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from gateway.config import ListenAddress
from gateway.tracking.push.login import Login, NoLogin
from gateway.tracking.push.server import PushRules, PushServer
from gateway.tracking.push.tokens import PushTokens

TOKENS = PushTokens(b"k" * 32)
NUMBER = "+4989123456"
PROXY = IPv4Network("127.0.0.1/32")


def body(wire_id: str = "FJJ1", **changes: Any) -> bytes:
    return json.dumps(
        {"jobId": wire_id, "recipientStatus": [{"number": NUMBER, "status": "OK"}], "pages": 1} | changes
    ).encode()


def path(job: Any) -> str:
    return f"/push/{TOKENS.token(job.id)}"


@dataclass
class Answer:
    status: int
    head: bytes = field(repr=False)

    @property
    def lines(self) -> list[str]:
        return self.head.decode("latin-1").lower().split("\r\n")


@dataclass
class Caller:
    """Speaks HTTP as it is written, byte by byte."""

    port: int

    async def say(self, *parts: bytes, eof: bool = False) -> Answer:
        """What is answered, until the connection is closed from there."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in parts:
            writer.write(part)
            await writer.drain()
        if eof:
            writer.write_eof()
        async with asyncio.timeout(30):
            answer = await reader.read()
        writer.close()
        head = answer.partition(b"\r\n\r\n")[0]
        return Answer(int(head.split()[1]) if head else 0, head)

    async def post(self, target: str, content: bytes = b"", method: str = "POST", *headers: str) -> Answer:
        lines = [f"{method} {target} HTTP/1.1", "Host: push.example.com", f"Content-Length: {len(content)}", *headers]
        return await self.say("\r\n".join([*lines, "", ""]).encode("latin-1") + content)


@asynccontextmanager
async def listening(
    tracking: Any, spool: Any, login: Login | None = None, monotonic: Any = time.monotonic, **changes: Any
) -> AsyncIterator[Caller]:
    facts: dict[str, Any] = {
        "address": ListenAddress("127.0.0.1", 0),
        "largest_body": 4096,
        "requests_per_second": 100,
        "trusted_proxies": (),
    }
    filing = tracking.tracker(spool).filing
    rules = PushRules(**(facts | changes))
    async with PushServer(rules, tokens=TOKENS, login=login or NoLogin(), filing=filing, monotonic=monotonic) as server:
        assert server.port is not None
        yield Caller(server.port)
