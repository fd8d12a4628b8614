"""A service on 127.0.0.1 whose every byte the test decides, and clients and requests for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO

import pytest

from gateway.fax4a import Account, Document, FaxJobRequest, FaxRecipient, Transport, account_for

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Bytes:
    """A source in memory."""

    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return BytesIO(self.data)


@dataclass
class Peer:
    port: int
    connections: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def read_request(self, reader: asyncio.StreamReader) -> bytes:
        """Reads one request whole; its head and body are kept."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        lengths = [line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
        body = await reader.readexactly(int(lengths[0])) if lengths else b""
        self.bodies.append(body)
        return body


def answer(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def serve(
    talk: Callable[[Peer, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Peer]:
    """Runs `talk` for each connection, and closes the connection after it."""
    peer = Peer(0)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(peer, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def local_account(port: int, scheme: str = "http", **datacenter_ports: int) -> Account:
    base = f"{scheme}://127.0.0.1"
    return account_for(
        customer_number="99999",
        username="sandbox",
        password="secret-word",
        ha_url=f"{base}:{port}/ha/rest/v1",
        datacenter_urls={name: f"{base}:{each}/{name}/rest/v1" for name, each in datacenter_ports.items()}
        or {"dc1": f"{base}:{port}/dc1/rest/v1"},
    )


def quick(**changes: Any) -> Transport:
    """Timeouts that a test can wait for."""
    defaults: dict[str, Any] = {
        "connect_timeout": timedelta(seconds=3),
        "progress_timeout": timedelta(seconds=3),
        "response_timeout": timedelta(seconds=3),
        "total_timeout": timedelta(seconds=5),
    }
    return Transport(**{**defaults, **changes})


def fax_of(data: bytes = b"%PDF-1.7") -> FaxJobRequest:
    return FaxJobRequest(
        recipients=(FaxRecipient(number="+4989123456"),),
        documents=(Document(name="letter.pdf", source=Bytes(data)),),
    )


@dataclass(frozen=True)
class Kit:
    """What the tests of a connection share (fixtures, because test files import nothing from each other)."""

    serve: Callable[..., AbstractAsyncContextManager[Peer]] = serve
    answer: Callable[..., bytes] = answer
    account: Callable[..., Account] = local_account
    quick: Callable[..., Transport] = quick
    fax: Callable[..., FaxJobRequest] = fax_of
    source: Callable[[bytes], Bytes] = Bytes


@pytest.fixture
def kit() -> Kit:
    return Kit()
