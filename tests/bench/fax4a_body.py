"""How fast a request's body is made, and what memory that takes: one line a figure.

python tests/bench/fax4a_body.py [megabytes]
"""

import asyncio
import sys
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.fax4a import Document, FaxJobRequest, FaxRecipient
from gateway.fax4a.body import body_length, body_parts, pieces

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class File:
    path: Path
    size: int

    def open(self) -> BinaryIO:
        return self.path.open("rb")


async def make(request: FaxJobRequest) -> tuple[int, float]:
    """Bytes, and the longest time in seconds for which the event loop stood still."""
    stall, length, done = 0.0, 0, False

    async def watch() -> None:
        nonlocal stall
        while not done:
            start = time.perf_counter()
            await asyncio.sleep(0)
            stall = max(stall, time.perf_counter() - start)

    watching = asyncio.create_task(watch())
    async for piece in pieces(body_parts(request)):
        length += len(piece)
    done = True
    await watching
    return length, stall


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "document.pdf")
        path.write_bytes(bytes(megabytes * MEGABYTE))
        document = Document(name="document.pdf", source=File(path, megabytes * MEGABYTE))
        request = FaxJobRequest(recipients=(FaxRecipient(number="+4989123456"),), documents=(document,))
        start = time.perf_counter()
        length, stall = asyncio.run(make(request))
        seconds = time.perf_counter() - start
        tracemalloc.start()
        asyncio.run(make(request))
        peak = tracemalloc.get_traced_memory()[1]
    assert length == body_length(body_parts(request))
    lines = [
        f"body of {megabytes} MB of documents: {length} bytes in {seconds * 1000:.0f} ms",
        f"throughput: {megabytes / seconds:.0f} MB/s",
        f"longest stall of the event loop: {stall * 1000:.1f} ms",
        f"peak of Python's memory: {peak / MEGABYTE:.2f} MB",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
