"""A large document never stands in memory whole."""

import asyncio
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO

from gateway.fax4a import Accepted, Document, Fax4AClient, FaxJobRequest, FaxRecipient

MEGABYTE = 1024 * 1024


class File:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size

    def open(self) -> BinaryIO:
        return self.path.open("rb")


def test_peak_of_25_megabytes(kit: Any, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(25 * MEGABYTE)
    request = FaxJobRequest(
        recipients=(FaxRecipient(number="+4989123456"),), documents=(Document(name="large.pdf", source=File(path)),)
    )
    received = 0

    async def swallow(_peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split()[0])
        while received < length:
            received += len(await reader.read(65536))
        writer.write(kit.answer("200 OK", b'{"jobId": "J"}'))
        await writer.drain()

    async def gate() -> None:
        tracemalloc.start()

    async def run() -> int:
        async with kit.serve(swallow) as peer, Fax4AClient(kit.account(peer.port), kit.quick()) as client:
            assert await client.submit(request, before_first_byte=gate) == Accepted("J")
            return tracemalloc.get_traced_memory()[1]

    try:
        peak = asyncio.run(run())
    finally:
        tracemalloc.stop()
    assert received > 33 * MEGABYTE
    assert peak < 4 * MEGABYTE
