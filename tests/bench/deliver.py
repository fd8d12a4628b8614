"""From the SMTP connection to the API's 200: jobs a second and CPU seconds a job, one line a figure.

    python -m tests.bench.deliver [--runs 3] [--workdir DIR]

The peer is what an administrator would build today: Postfix hands each mail to a Python script that sends it by the
vendor's SDK (deliver_by_sdk.py). The sandbox answers both after 200 ms and renders nothing; both may have as many
requests under way. CPU is that of all processes of either way, converters and scripts among them. Needs root.

The last figure is ours alone: the same with a spool full of finished jobs, and of jobs that wait for their time.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, select, update

from gateway.spool import schema
from gateway.spool.database import write_once
from gateway.spool.migrations import upgrade
from tests.bench.daemon import Gateway, delivering
from tests.bench.figures import show
from tests.bench.mails import mail_file, mail_of, smtp_source
from tests.bench.postfix import Postfix, run
from tests.bench.sandbox import Sandbox
from tests.web.many import fill

SDK = "retarus-fax==1.0.1"
SCRIPT = Path(__file__).with_name("deliver_by_sdk.py")
CONCURRENCY = 20
ANSWER_MS = 200
GOAL = 20.0  # ours, in multiples of the peer's
PATIENCE = 120.0  # seconds for the last job
LOOK = 0.2  # seconds between two looks at what has arrived: they cost the sandbox its time


@dataclass(frozen=True)
class Load:
    name: str
    size: int  # bytes of the mail
    ours: int  # mails of a run
    theirs: int


FULL_SPOOL = "full spool"
FINISHED, WAITING = 100_000, 10_000
FULL_GOAL = 0.9  # of an empty spool's jobs a second
LOADS = (Load("100 KB", 100_000, 400, 30), Load("1 MB", 1_000_000, 200, 30))


class Way(Protocol):
    port: int

    def processor_seconds(self) -> float:
        """Used since its start, by all of its processes."""


def fill_spool(spool: Path) -> None:
    """With as many jobs as a year may bring a small house, and those of a mailing of tomorrow."""
    upgrade(spool)
    fill(spool, FINISHED + WAITING + WAITING // 8, datetime.now(UTC))
    write_once(spool, _put_off)


def _put_off(connection: Connection) -> None:
    """Some of the jobs are prepared and wait for tomorrow."""
    job, tomorrow = schema.job, datetime.now(UTC) + timedelta(days=1)
    some = select(job.c.id).where(job.c.state == "cancelled").limit(WAITING)
    waiting = {"state": "prepared", "start_at": tomorrow, "due_at": tomorrow, "finished_at": None, "attempts": 0}
    connection.execute(update(job).where(job.c.id.in_(some)).values(waiting))


def by_sdk(directory: Path, python: Path, origin: str) -> Postfix:
    """A Postfix that starts the script for each mail."""
    script = directory / SCRIPT.name
    shutil.copy(SCRIPT, script)
    service = f"sdk unix - n n - {CONCURRENCY} pipe flags=q user=nobody argv={python} {script} {origin} ${{recipient}}"
    settings: dict[str, object] = {
        "relay_transport": "sdk:",
        "sdk_destination_recipient_limit": 1,
        "sdk_destination_concurrency_limit": CONCURRENCY,
        "initial_destination_concurrency": CONCURRENCY,
    }
    return Postfix(directory, settings, [service])


def deliver(way: Way, sandbox: Sandbox, mail: Path, count: int) -> tuple[float, float]:
    """Jobs a second, CPU seconds a job."""
    before, began, used = sandbox.jobs(), time.perf_counter(), way.processor_seconds()
    run(*smtp_source(mail, way.port, sessions=min(CONCURRENCY, count), messages=count))
    while sandbox.jobs() - before < count:
        if time.perf_counter() - began > PATIENCE:
            raise SystemExit(f"only {sandbox.jobs() - before} of {count} arrived")
        time.sleep(LOOK)
    seconds = time.perf_counter() - began
    return count / seconds, (way.processor_seconds() - used) / count


@contextmanager
def sdk_python(directory: Path) -> Iterator[Path]:
    """A venv that anybody may use: pipe(8) starts the script as nobody."""
    run(sys.executable, "-m", "venv", "--copies", str(directory / "venv"))
    python = directory / "venv" / "bin" / "python"
    run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK, timeout=240)
    yield python


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--workdir", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.workdir, ignore_cleanup_errors=True) as name:
        directory = Path(name)
        directory.chmod(0o755)
        loads = [load for load in LOADS if chosen.only in load.name]
        if loads:
            with sdk_python(directory) as python:
                for load in loads:
                    compare(load, directory, python, chosen.runs)
        if chosen.only in FULL_SPOOL:
            compare_spools(LOADS[0], directory, chosen.runs)


def compare(load: Load, above: Path, python: Path, runs: int) -> None:
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    directory = above / load.name.replace(" ", "-")
    directory.mkdir(mode=0o755)
    with Sandbox(directory, ANSWER_MS) as sandbox, mail_file(mail_of(load.size)) as mail:
        with Gateway(directory, delivering(sandbox.origin, CONCURRENCY)) as gateway:
            deliver(gateway, sandbox, mail, CONCURRENCY)
            ours += [deliver(gateway, sandbox, mail, load.ours) for _ in range(runs)]
        with by_sdk(directory, python, sandbox.origin) as postfix:
            deliver(postfix, sandbox, mail, 2)
            theirs += [deliver(postfix, sandbox, mail, load.theirs) for _ in range(runs)]
    (rate, cpu), (peer_rate, peer_cpu) = (
        (statistics.median(each[0] for each in found), statistics.median(each[1] for each in found))
        for found in (ours, theirs)
    )
    show(
        f"{load.name}: {rate:.0f} jobs/s, Postfix with the vendor's SDK {peer_rate:.1f}: {rate / peer_rate:.1f} times "
        f"(goal: {GOAL:.0f} or more)"
    )
    show(
        f"{load.name}: {cpu * 1e3:.0f} ms of CPU a job, Postfix with the vendor's SDK {peer_cpu * 1e3:.0f} ms: "
        f"{peer_cpu / cpu:.1f} times (goal: {GOAL:.0f} or more)"
    )


def compare_spools(load: Load, above: Path, runs: int) -> None:
    """Each daemon has a sandbox of its own: their reports would be strangers to each other."""
    ways: dict[str, tuple[Gateway, Sandbox]] = {}
    found: dict[str, list[tuple[float, float]]] = {}
    with ExitStack() as stack, mail_file(mail_of(load.size)) as mail:
        for name in ("empty", "full"):
            directory = above / name
            directory.mkdir()
            sandbox = stack.enter_context(Sandbox(directory, ANSWER_MS))
            gateway = Gateway(directory, delivering(sandbox.origin, CONCURRENCY))
            if name == "full":
                fill_spool(gateway.spool)
            ways[name] = stack.enter_context(gateway), sandbox
            deliver(*ways[name], mail, CONCURRENCY)
        for run in range(runs):
            for name in ways if run % 2 else reversed(ways):
                found.setdefault(name, []).append(deliver(*ways[name], mail, load.ours))
    empty, full = (
        [statistics.median(figures) for figures in zip(*found[name], strict=True)] for name in ("empty", "full")
    )
    show(
        f"{load.name}, {FINISHED} finished and {WAITING} waiting jobs in the spool: {full[0]:.0f} jobs/s, empty "
        f"{empty[0]:.0f}: {full[0] / empty[0]:.2f} times (goal: {FULL_GOAL} or more); "
        f"{full[1] * 1e3:.0f} ms of CPU a job, empty {empty[1] * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
