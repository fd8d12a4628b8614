"""How fast mail is accepted, durably, against Postfix on the same disk; one line a figure.

    python -m tests.bench.accept [--runs 5] [--only "2 KB"] [--workdir DIR]

Both are loaded by the same client: smtp-source for throughput, a driver of ours that times each end of DATA to its 250
for the percentiles. Runs alternate, each once both servers are at rest: ours goes on preparing what it has taken. A
figure is the median. Postfix holds what it takes (static:HOLD), ours is paused; what was taken is counted in both
queues afterwards. Beside each rate stands the processor time of a mail, which other load on the machine changes least.
The Python that runs this runs ours: one that was built without its optimisations (pyenv's, unless told) needs up to a
third more. Needs root, for Postfix.
"""

import argparse
import asyncio
import base64
import contextlib
import io
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import pikepdf

from tests.bench.postfix import Postfix, free_port, run, until_open
from tests.bench.processor import processor_seconds

HOLD: dict[str, object] = {
    "relay_transport": "discard:",
    "smtpd_recipient_restrictions": "check_recipient_access static:HOLD, permit_mynetworks, reject",
}
RECIPIENT = "+4989123456@fax.local"
SENDER = "relay@example.com"
REST = 120.0  # seconds until both have done what they do


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


class Gateway:
    """The daemon as it is installed, every verdict before the 250 switched on."""

    name = "fax-gateway"

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self._directory = directory / "gateway"
        self._directory.mkdir()
        self._spool = self._directory / "spool.db"
        (self._directory / "config.toml").write_text(
            f"""
[smtp]
listen = ["127.0.0.1:{self.port}"]
[delivery]
paused = true
[metrics]
listen = "127.0.0.1:0"
[retarus]
ha_url = "http://127.0.0.1:9/ha/rest/v1"
datacenter_urls = {{ dc1 = "http://127.0.0.1:9/dc1/rest/v1" }}
[log]
level = "info"
[[profile]]
match = "*"
dedupe = false
"""
        )

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "gateway", "serve", "--config", str(self._directory / "config.toml")]
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stderr=log)
        until_open(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)

    def taken(self) -> int:
        with contextlib.closing(sqlite3.connect(self._spool)) as connection:
            return int(connection.execute("SELECT count(*) FROM mail").fetchone()[0])

    def processor_seconds(self) -> float:
        return processor_seconds(self._process.pid)

    def peak_memory(self) -> int:
        """Bytes, since its start."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def show(figure: str) -> None:
    sys.stdout.write(figure + "\n")
    sys.stdout.flush()


def mail_of(size: int) -> bytes:
    """A mail of about `size` bytes with one real PDF."""
    room = size - 520
    document = b""
    padding = max(room * 3 // 4 * 76 // 78 - 640, 0)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        if padding:
            pdf.Root.Padding = pdf.make_stream(os.urandom(padding))
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        document = out.getvalue()
    header = (
        f"From: {SENDER}\r\nTo: {RECIPIENT}\r\nSubject: Angebot\r\nDate: Mon, 23 Nov 2026 09:30:00 +0000\r\n"
        "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n'
        '--b\r\nContent-Type: application/pdf; name="offer.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return header.encode() + base64.encodebytes(document).replace(b"\n", b"\r\n") + b"--b--\r\n"


@dataclass(frozen=True)
class Measured:
    rate: float  # mails a second
    processor: float  # seconds a mail


def until_at_rest(servers: Iterable[Server]) -> None:
    deadline = time.monotonic() + REST
    for server in servers:
        used = -1.0
        while server.processor_seconds() - used > 0.02:
            if time.monotonic() > deadline:
                raise SystemExit(f"{server.name} is still busy")
            used = server.processor_seconds()
            time.sleep(0.5)


def throughput(server: Server, mail: Path, load: Load) -> Measured:
    """Fails where a mail was not taken."""
    before, used = server.taken(), server.processor_seconds()
    # -F: the mail as it is in the file, with its own line ends made CRLF
    command = ["smtp-source", "-4", "-F", str(mail), "-s", str(load.sessions), "-m", str(load.messages)]
    began = time.perf_counter()
    run(*command, "-f", SENDER, "-t", RECIPIENT, f"127.0.0.1:{server.port}", timeout=60)
    seconds = time.perf_counter() - began
    processor = server.processor_seconds() - used
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
    if server.taken() - before != len(times):
        raise SystemExit(f"{server.name} lost mails")
    return times[int(len(times) * 0.99)]


@contextlib.contextmanager
def _servers(workdir: Path | None) -> Iterator[tuple[Gateway, Postfix]]:
    with tempfile.TemporaryDirectory(dir=workdir, ignore_cleanup_errors=True) as name:
        directory = Path(name)
        with Gateway(directory) as gateway, Postfix(directory, HOLD) as postfix:
            yield gateway, postfix


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--workdir", type=Path)
    chosen = parser.parse_args()
    for load in LOADS:
        if chosen.only in load.name:
            _compare_throughput(load, chosen.runs, chosen.workdir)
    if chosen.only in f"p99 {PERCENTILES.name}":
        _compare_percentiles(PERCENTILES, chosen.runs, chosen.workdir)
    if chosen.only in f"memory {MEMORY.name}":
        with _servers(chosen.workdir) as (gateway, _), mail_file(mail_of(MEMORY.size)) as mail:
            throughput(gateway, mail, MEMORY)
            show(f"{MEMORY.name}: peak RSS {gateway.peak_memory() / 1e6:.0f} MB (goal: {MEMORY.goal:.0f} at most)")


def _compare_throughput(load: Load, runs: int, workdir: Path | None) -> None:
    found: dict[str, list[Measured]] = {}
    mail = mail_of(load.size)
    with _servers(workdir) as servers, mail_file(mail) as path:
        for run in range(runs):
            for server in servers if run % 2 else reversed(servers):
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


def _compare_percentiles(load: Load, runs: int, workdir: Path | None) -> None:
    worst: dict[str, list[float]] = {}
    with _servers(workdir) as servers:
        for run in range(runs):
            for server in servers if run % 2 else reversed(servers):
                until_at_rest(servers)
                worst.setdefault(server.name, []).append(percentile(server, mail_of(load.size), load))
    ours, theirs = (statistics.median(worst[server.name]) for server in servers)
    show(
        f"{load.name}: p99 of DATA to 250 {ours * 1e3:.1f} ms, Postfix {theirs * 1e3:.1f} ms: "
        f"{ours / theirs:.2f} times (goal: {load.goal} at most)"
    )


@contextlib.contextmanager
def mail_file(mail: bytes) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(mail.replace(b"\r\n", b"\n"))
        file.flush()
        yield Path(file.name)


if __name__ == "__main__":
    main()
