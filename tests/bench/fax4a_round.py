"""The client and the sandbox, each a process of its own: jobs a second, and memory for a large job; one line a figure.

    python -m tests.bench.fax4a_round [--jobs 2000] [--at-a-time 8] [--megabytes 25]

The sandbox runs with --no-render. Memory is the resident set (VmHWM and VmRSS of proc(5)), from just before the job to
its peak. Megabytes are of documents, before base64. Needs Linux.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from gateway.fax4a import Accepted, Account, Document, Fax4AClient, FaxJobRequest, FaxRecipient, Transport, account_for
from tests.bench import memory

MEGABYTE = 1024 * 1024
PATIENCE = 30  # seconds for the sandbox's start
SMALL = 2_048  # bytes of a small job's document


@dataclass(frozen=True)
class File:
    path: Path
    size: int

    def open(self) -> BinaryIO:
        return self.path.open("rb")


@contextmanager
def sandbox(directory: Path) -> Iterator[tuple[int, str]]:
    """Its process id and origin."""
    log = directory / "sandbox.log"
    command = [sys.executable, "-m", "gateway", "sandbox", "--listen", "127.0.0.1:0", "--no-render"]
    with (
        log.open("wb") as stderr,
        subprocess.Popen([*command, "--data", str(directory / "faxes")], stderr=stderr) as process,
    ):
        try:
            yield process.pid, origin(log)
        finally:
            process.terminate()


def origin(log: Path) -> str:
    """What the first line of the log says, as soon as it stands there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        line, end, _ = log.read_text(encoding="utf-8").partition("\n")
        if end:
            return str(json.loads(line)["url"])
        time.sleep(0.05)
    raise TimeoutError("the sandbox did not start")


def request_of(file: File) -> FaxJobRequest:
    document = Document(name="document.pdf", source=file)
    return FaxJobRequest(recipients=(FaxRecipient(number="+4989123456"),), documents=(document,))


def account_at(base: str) -> Account:
    return account_for(
        customer_number="99999",
        username="sandbox",
        password="sandbox",
        ha_url=f"{base}/ha/rest/v1",
        datacenter_urls={name: f"{base}/{name}/rest/v1" for name in ("dc1", "dc2")},
    )


async def send(client: Fax4AClient, request: FaxJobRequest) -> None:
    async def gate() -> None:
        """The daemon commits here; this measures the client alone."""

    outcome = await client.submit(request, before_first_byte=gate)
    assert isinstance(outcome, Accepted), outcome


async def send_all(base: str, file: File, jobs: int, at_a_time: int) -> dict[str, float]:
    """What the client's process measures: seconds for `jobs` after as many as fit at a time, its memory."""
    request = request_of(file)
    async with Fax4AClient(account_at(base), Transport(concurrency=at_a_time)) as client:
        if jobs > 1:
            await asyncio.gather(*(send(client, request) for _ in range(at_a_time)))
        before, start = memory.resident("self") / 1024**2, time.perf_counter()
        await asyncio.gather(*(send(client, request) for _ in range(jobs)))
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "before": before, "peak": memory.peak("self") / 1024**2}


def run_client(base: str, path: Path, jobs: int, at_a_time: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.fax4a_round", "--client", base, str(path), "--jobs", str(jobs)]
    done = subprocess.run([*command, "--at-a-time", str(at_a_time)], stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def small_jobs(directory: Path, jobs: int, at_a_time: int) -> list[str]:
    path = directory / "small.pdf"
    path.write_bytes(os.urandom(SMALL))
    with sandbox(directory) as (_, base):
        figures = run_client(base, path, jobs, at_a_time)
    return [f"small jobs, {at_a_time} at a time: {jobs / figures['seconds']:.0f} requests/s"]


def large_job(directory: Path, megabytes: int) -> list[str]:
    path = directory / "large.pdf"
    path.write_bytes(os.urandom(megabytes * MEGABYTE))
    body = megabytes * 4 / 3
    with sandbox(directory) as (process_id, base):
        before = memory.resident(process_id) / 1024**2
        figures = run_client(base, path, 1, 1)
        peak = memory.peak(process_id) / 1024**2
    return [
        f"job of {megabytes} MB of documents, a body of {body:.1f} MB: {figures['seconds'] * 1000:.0f} ms",
        f"client: {figures['before']:.0f} MB, at its peak {figures['peak']:.0f} MB",
        f"sandbox: {before:.0f} MB, at its peak {peak:.0f} MB: {(peak - before) / body:.1f} x the body",
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--at-a-time", type=int, default=8)
    parser.add_argument("--megabytes", type=int, default=25)
    parser.add_argument("--client", nargs=2, metavar=("BASE", "FILE"), help="what the script starts itself with")
    options = parser.parse_args()
    if options.client:
        base, path = options.client[0], Path(options.client[1])
        figures = asyncio.run(send_all(base, File(path, path.stat().st_size), options.jobs, options.at_a_time))
        sys.stdout.write(json.dumps(figures))
        return
    with tempfile.TemporaryDirectory() as name:
        lines = small_jobs(Path(name), options.jobs, options.at_a_time) + large_job(Path(name), options.megabytes)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
