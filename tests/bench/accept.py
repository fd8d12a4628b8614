"""How fast mail is accepted, durably, against Postfix on the same disk; one line a figure.

    python -m tests.bench.accept [--runs 5] [--delivering] [--only "2 KB"] [--workdir DIR]

Both are loaded by the same client: smtp-source for throughput, a driver of ours that times each end of DATA to its 250
for the percentiles. Runs alternate, each once both servers are at rest: ours goes on preparing what it has taken. A
figure is the median. Postfix holds what it takes (static:HOLD), ours is paused; what was taken is counted in both
queues afterwards. Beside each rate stands the processor time of a mail, which other load on the machine changes least.

With --delivering both hand on meanwhile what they have taken: Postfix to a server that throws it away (smtp-sink(1)),
ours to the sandbox. The rates are still those at which mail is taken.

The Python that runs this runs ours: one that was built without its optimisations (pyenv's, unless told) needs up to a
third more. Needs root, for Postfix.
"""

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.bench.daemon import HOLDING, Gateway, delivering
from tests.bench.figures import show
from tests.bench.mails import RECIPIENT, SENDER, mail_file, mail_of, smtp_source
from tests.bench.postfix import Postfix, free_port, run, until_open
from tests.bench.sandbox import Sandbox

HOLD: dict[str, object] = {
    "relay_transport": "discard:",
    "smtpd_recipient_restrictions": "check_recipient_access static:HOLD, permit_mynetworks, reject",
}
REST = 300.0  # seconds until both have done what they do
CONCURRENCY = 20  # of what is handed on; Postfix's default


@dataclass(frozen=True)
class Load:
    name: str
    size: int  # bytes of the mail
    sessions: int
    messages: int
    goal: float  # ours, in multiples of Postfix's


LOADS = (
    Load("2 KB, 1 session", 2_048, 1, 400, 1.0),
    Load("2 KB, 10 sessions", 2_048, 10, 3_000, 1.0),
    Load("100 KB, 10 sessions", 100_000, 10, 1_000, 1.2),
    Load("1 MB, 10 sessions", 1_000_000, 10, 300, 1.5),
    Load("10 MB, 4 sessions", 10_000_000, 4, 40, 2.0),
)
PERCENTILES = Load("2 KB, 50 sessions", 2_048, 50, 4_000, 1.0)
MEMORY = Load("10 MB, 50 sessions", 10_000_000, 50, 50, 600.0)


class Server(Protocol):
    name: str
    port: int

    def taken(self) -> int:
        """How many mails it has in its queue."""

    def processor_seconds(self) -> float:
        """Used since its start, by all of its processes."""


class Relay(Postfix):
    """Postfix as a relay works: what it takes it hands on."""

    def __init__(self, directory: Path, sink: int) -> None:
        super().__init__(directory, {"relay_transport": f"smtp:[127.0.0.1]:{sink}"})

    def taken(self) -> int:
        """Since its start: cleanup(8) logs each once."""
        return self.log.read_text().count(": message-id=")


def until_at_rest(servers: Iterable[Server]) -> None:
    deadline = time.monotonic() + REST
    for server in servers:
        used = -1.0
        while server.processor_seconds() - used > 0.02:
            if time.monotonic() > deadline:
                raise SystemExit(f"{server.name} is still busy")
            used = server.processor_seconds()
            time.sleep(0.5)


@dataclass(frozen=True)
class Measured:
    rate: float  # mails a second
    processor: float  # seconds a mail


def throughput(server: Server, mail: Path, load: Load) -> Measured:
    """Fails where a mail was not taken."""
    before, used = server.taken(), server.processor_seconds()
    began = time.perf_counter()
    run(*smtp_source(mail, server.port, sessions=load.sessions, messages=load.messages), timeout=60)
    seconds = time.perf_counter() - began
    processor = server.processor_seconds() - used
    until_at_rest([server])
    taken = server.taken() - before
    if taken != load.messages:
        raise SystemExit(f"{server.name} took {taken} of {load.messages} mails")
    return Measured(load.messages / seconds, processor / load.messages)


async def _times(port: int, mail: bytes, load: Load) -> list[float]:
    """Seconds from the last octet of DATA to its 250, for each mail."""
    times: list[float] = []
    stuffed = mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"

    async def session(messages: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def expect(code: bytes) -> None:
            while (line := await reader.readline())[3:4] == b"-":
                pass
            if not line.startswith(code):
                raise SystemExit(f"{line!r} instead of {code!r}")

        await expect(b"220")
        writer.write(b"EHLO client.example.com\r\n")
        await expect(b"250")
        for _ in range(messages):
            for command, code in (
                (f"MAIL FROM:<{SENDER}>", b"250"),
                (f"RCPT TO:<{RECIPIENT}>", b"250"),
                ("DATA", b"354"),
            ):
                writer.write(command.encode() + b"\r\n")
                await expect(code)
            writer.write(stuffed)
            began = time.perf_counter()
            await expect(b"250")
            times.append(time.perf_counter() - began)
        writer.write(b"QUIT\r\n")
        await expect(b"221")
        writer.close()

    await asyncio.gather(*(session(load.messages // load.sessions) for _ in range(load.sessions)))
    return times


def percentile(server: Server, mail: bytes, load: Load) -> float:
    """The 99th, in seconds."""
    before = server.taken()
    times = sorted(asyncio.run(_times(server.port, mail, load)))
    until_at_rest([server])
    if server.taken() - before != len(times):
        raise SystemExit(f"{server.name} lost mails")
    return times[int(len(times) * 0.99)]


@contextlib.contextmanager
def holding(workdir: Path | None) -> Iterator[tuple[Gateway, Postfix]]:
    with _room(workdir) as directory, Gateway(directory, HOLDING) as gateway, Postfix(directory, HOLD) as postfix:
        yield gateway, postfix


@contextlib.contextmanager
def handing_on(workdir: Path | None) -> Iterator[tuple[Gateway, Postfix]]:
    with (
        _room(workdir) as directory,
        Sandbox(directory, answer_ms=0) as sandbox,
        _sink() as sink,
        Gateway(directory, delivering(sandbox.origin, CONCURRENCY)) as gateway,
        Relay(directory, sink) as postfix,
    ):
        yield gateway, postfix


@contextlib.contextmanager
def _room(workdir: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=workdir, ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextlib.contextmanager
def _sink() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "100"])
    until_open(port)
    yield port
    process.terminate()
    process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--delivering", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--workdir", type=Path)
    chosen = parser.parse_args()
    pair = handing_on if chosen.delivering else holding
    for load in LOADS:
        if chosen.only in load.name:
            with pair(chosen.workdir) as servers:
                _compare_throughput(load, chosen.runs, servers)
    if chosen.only in f"p99 {PERCENTILES.name}":
        with pair(chosen.workdir) as servers:
            _compare_percentiles(PERCENTILES, chosen.runs, servers)
    if chosen.only in f"memory {MEMORY.name}":
        with pair(chosen.workdir) as (gateway, _), mail_file(mail_of(MEMORY.size)) as mail:
            throughput(gateway, mail, MEMORY)
            show(f"{MEMORY.name}: peak RSS {gateway.peak_memory() / 1e6:.0f} MB (goal: {MEMORY.goal:.0f} at most)")


def _compare_throughput(load: Load, runs: int, servers: tuple[Gateway, Postfix]) -> None:
    found: dict[str, list[Measured]] = {}
    mail = mail_of(load.size)
    with mail_file(mail) as path:
        for nth in range(runs):
            for server in servers if nth % 2 else reversed(servers):
                until_at_rest(servers)
                found.setdefault(server.name, []).append(throughput(server, path, load))
    ours, theirs = (statistics.median(each.rate for each in found[server.name]) for server in servers)
    megabytes = len(mail) / 1e6
    show(
        f"{load.name}: {ours:.0f} mails/s ({ours * megabytes:.1f} MB/s), Postfix {theirs:.0f} "
        f"({theirs * megabytes:.1f} MB/s): {ours / theirs:.2f} times (goal: {load.goal} or more)"
    )
    ours, theirs = (statistics.median(each.processor for each in found[server.name]) for server in servers)
    show(
        f"{load.name}: {ours * 1e3:.2f} ms of processor a mail, Postfix with all of its processes {theirs * 1e3:.2f} ms"
    )


def _compare_percentiles(load: Load, runs: int, servers: tuple[Gateway, Postfix]) -> None:
    worst: dict[str, list[float]] = {}
    for nth in range(runs):
        for server in servers if nth % 2 else reversed(servers):
            until_at_rest(servers)
            worst.setdefault(server.name, []).append(percentile(server, mail_of(load.size), load))
    ours, theirs = (statistics.median(worst[server.name]) for server in servers)
    show(
        f"{load.name}: p99 of DATA to 250 {ours * 1e3:.1f} ms, Postfix {theirs * 1e3:.1f} ms: "
        f"{ours / theirs:.2f} times (goal: {load.goal} at most)"
    )


if __name__ == "__main__":
    main()
