"""From a raw mail to documents that are ready to be sent: speed, against the standard library's parser, and memory.

    python tests/bench/prepare.py [--runs 5] [--only "25 MB"]

The peer does less: it parses the mail and decodes its parts, no more. Runs alternate; a figure is the median. Memory is
the daemon's and its converter processes' together, over what they have when idle.
"""

import argparse
import contextlib
import email
import io
import json
import os
import random
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pikepdf
from PIL import Image

from gateway.documents.assembly import Assembled
from gateway.documents.converter import Converters
from gateway.documents.cover import Covers
from gateway.intake.preparation import documents_of
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Job, JobOptions, Mail, Recipient, Timing
from gateway.spool.states import Standing, State

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SPEEDUP = 5.0  # goal, in multiples of the standard library's MB/s
SCANS = 200.0  # goal, mails a second on one core
GROWTH = 4.0  # goal at most, in multiples of the mail


@dataclass(frozen=True)
class Load:
    name: str
    size: int  # bytes of the mail
    rounds: int  # mails a run


LOADS = (Load("1 MB", 1_000_000, 20), Load("10 MB", 10_000_000, 4), Load("25 MB", 25_000_000, 2))


def show(figure: str) -> None:
    sys.stdout.write(figure + "\n")
    sys.stdout.flush()


def mail_of(document: bytes, filename: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Jana Beispiel <jana@example.com>"
    message["Subject"] = "Angebot"
    message["Message-ID"] = "<1@example.com>"
    message.set_content("Guten Tag,\n\nanbei das Angebot.\n")
    message.add_attachment(document, maintype="application", subtype="pdf", filename=filename)
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def pdf_of(size: int) -> bytes:
    """About `size` bytes, most of them in a stream that no page draws."""
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Padding = pdf.make_stream(os.urandom(size))
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return target.getvalue()


def scan() -> bytes:
    """A PDF of about 75 KB as an MFP makes it: two pages in Group 4 with specks, 300 dpi."""
    chance = random.Random(7)
    target = io.BytesIO()
    pages = []
    for _ in range(2):
        page = Image.new("1", (2480, 3508), 1)
        for _ in range(9_000):
            x, y = chance.randrange(2400), chance.randrange(3400)
            page.paste(0, (x, y, x + chance.randrange(2, 14), y + chance.randrange(1, 9)))
        pages.append(page)
    pages[0].save(target, "PDF", resolution=300, save_all=True, append_images=pages[1:])
    return target.getvalue()


def job() -> Job:
    mail = Mail(
        id="m" * 32,
        received_at=NOW,
        reverse_path="jana@example.com",
        report_to="jana@example.com",
        client="127.0.0.1",
        helo="client.example.com",
        queue_id=None,
        message_id="<1@example.com>",
        subject="Angebot",
        language="en",
        numbers=1,
        content_id="c" * 32,
    )
    return Job(
        id="j" * 32,
        mail=mail,
        parent_id=None,
        options=JobOptions(),
        standing=Standing(State.RECEIVED),
        created_at=NOW,
        timing=Timing(NOW),
        due_at=NOW,
        warned_at=None,
        late_told_at=None,
        attempts=0,
        account_id=None,
        sent_at=None,
        valid_until=None,
        accepted_at=None,
        wire_id=None,
        datacenter=None,
        pages=None,
        last_error=None,
        recipients=(
            Recipient(position=0, number="+4989123456", forward_paths=(ForwardPath(address="+4989123456@fax.local"),)),
        ),
    )


def by_the_standard_library(raw: bytes) -> int:
    """Bytes of all parts, decoded."""
    message = email.message_from_bytes(raw)
    return sum(len(part.get_payload(decode=True) or b"") for part in message.walk() if not part.is_multipart())


def seconds(work: Callable[[], object], rounds: int) -> float:
    began = time.perf_counter()
    for _ in range(rounds):
        work()
    return (time.perf_counter() - began) / rounds


def compare(load: Load, runs: int) -> None:
    raw = mail_of(pdf_of(load.size * 73 // 100), "offer.pdf")
    covers, wanted = Covers(), job()
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    with Converters() as converters:

        def ours() -> None:
            made = documents_of(wanted, raw, covers, converters)
            if not isinstance(made, Assembled) or len(made.documents) != 2:
                raise SystemExit(f"not prepared: {made}")

        ours()
        for _ in range(runs):
            times["ours"].append(seconds(ours, load.rounds))
            times["theirs"].append(seconds(lambda: by_the_standard_library(raw), load.rounds))
    mine, other = (len(raw) / 1e6 / statistics.median(times[name]) for name in ("ours", "theirs"))
    show(
        f"{load.name} PDF: {mine:.0f} MB/s from raw mail to ready documents, the standard library's parse and decode "
        f"{other:.0f} MB/s: {mine / other:.1f} times (goal: {SPEEDUP:.0f} or more)"
    )


def scans(runs: int) -> None:
    document = scan()
    raw = mail_of(document, "scan.pdf")
    covers, wanted = Covers(), job()
    used: list[float] = []
    with Converters() as converters:
        documents_of(wanted, raw, covers, converters)
        for _ in range(runs):
            began = time.process_time(), _children()
            seconds(lambda: documents_of(wanted, raw, covers, converters), 100)
            used.append((time.process_time() - began[0] + _children() - began[1]) / 100)
    rate = 1 / statistics.median(used)
    show(
        f"scan of {len(raw) // 1000} KB with cover: {rate:.0f} mails/s on one core, converter processes counted "
        f"(goal: {SCANS:.0f} or more)"
    )


def _children() -> float:
    """Seconds of CPU of the processes that this one has started and that still live."""
    ticks = 0
    for each in _descendants(os.getpid()):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _descendants(pid: int) -> Iterator[int]:
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if int((each / "stat").read_text().rpartition(") ")[2].split()[1]) == pid:
                yield int(each.name)
                yield from _descendants(int(each.name))


def memory(load: Load) -> None:
    raw = mail_of(pdf_of(load.size * 73 // 100), "offer.pdf")
    with tempfile.TemporaryDirectory() as name, _daemon(Path(name)) as (process, port, events):
        idle = _resident(process.pid)
        peak = idle
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.is_set():
                peak = max(peak, _resident(process.pid))
                time.sleep(0.002)

        watcher = threading.Thread(target=watch)
        watcher.start()
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.sendmail("jana@example.com", ["+4989123456@fax.local"], raw)
        _until(events, "prepared")
        done.set()
        watcher.join()
    growth = (peak - idle) / len(raw)
    show(
        f"{load.name} PDF: peak RSS {peak / 1e6:.0f} MB, idle {idle / 1e6:.0f} MB: grown by {growth:.1f} times the "
        f"mail (goal: {GROWTH:.0f} at most)"
    )


@contextlib.contextmanager
def _daemon(directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (directory / "config.toml").write_text(
        f"""
[smtp]
listen = ["127.0.0.1:{port}"]
[delivery]
paused = true
[metrics]
listen = "127.0.0.1:0"
[retarus]
ha_url = "http://127.0.0.1:9/ha/rest/v1"
datacenter_urls = {{ dc1 = "http://127.0.0.1:9/dc1/rest/v1" }}
[log]
format = "json"
"""
    )
    events = directory / "log"
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(directory / "config.toml")]
    with events.open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            _until(events, "ready")
            time.sleep(1)
            yield process, port, events
        finally:
            process.terminate()


def _until(events: Path, event: str) -> None:
    for _ in range(3000):
        for line in events.read_text().splitlines():
            if json.loads(line)["event"] == event:
                return
        time.sleep(0.01)
    raise SystemExit(f"no event {event}: {events.read_text()}")


def _resident(pid: int) -> int:
    """Bytes, of a process and its children; pages that they share are counted once (proc(5), Pss)."""
    total = 0
    for each in (pid, *_descendants(pid)):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    for load in LOADS:
        if chosen.only in load.name:
            compare(load, chosen.runs)
    if chosen.only in "scan":
        scans(chosen.runs)
    for load in LOADS[1:]:
        if chosen.only in f"memory {load.name}":
            memory(load)


if __name__ == "__main__":
    main()
