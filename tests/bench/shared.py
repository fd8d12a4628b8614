"""Two daemons on one PostgreSQL database against one: jobs a second from the SMTP connection to the API's 200.

    python -m tests.bench.shared [--runs 3] [--workdir DIR]

The server syncs what it commits. Load generator, sandbox and PostgreSQL run on the same processors: with two of them
the figure says more of those than of the daemons, so the processor time a job stands beside it. Needs root.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.daemon import Gateway, delivering
from tests.bench.deliver import ANSWER_MS, CONCURRENCY, LOOK, PATIENCE
from tests.bench.figures import show
from tests.bench.mails import mail_file, mail_of, smtp_source
from tests.bench.sandbox import Sandbox
from tests.living.postgresql import PostgreSQL

SIZE = 100_000  # bytes of a mail
COUNT = 400  # mails of a run
GOAL = 1.6  # of one daemon's jobs a second


def node(directory: Path, name: str, origin: str, url: str) -> Gateway:
    """One of the daemons of a database."""
    place = directory / name
    place.mkdir()
    return Gateway(place, f'[database]\nurl = "{url}"\n' + delivering(origin, CONCURRENCY))


def deliver(nodes: Sequence[Gateway], sandbox: Sandbox, mail: Path) -> tuple[float, float]:
    """Jobs a second, CPU seconds a job; each of the nodes is sent its share."""
    used, before, began = sum(each.processor_seconds() for each in nodes), sandbox.jobs(), time.perf_counter()
    share = COUNT // len(nodes)
    senders = [
        subprocess.Popen(smtp_source(mail, each.port, sessions=CONCURRENCY // len(nodes), messages=share))
        for each in nodes
    ]
    for sender in senders:
        sender.wait(PATIENCE)
    while sandbox.jobs() - before < share * len(nodes):
        if time.perf_counter() - began > PATIENCE:
            raise SystemExit(f"only {sandbox.jobs() - before} of {share * len(nodes)} arrived")
        time.sleep(LOOK)
    seconds = time.perf_counter() - began
    return COUNT / seconds, (sum(each.processor_seconds() for each in nodes) - used) / COUNT


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workdir", type=Path)
    chosen = parser.parse_args()
    found: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    with (
        tempfile.TemporaryDirectory(dir=chosen.workdir) as name,
        PostgreSQL(durable=True) as server,
        ExitStack() as stack,
    ):
        directory = Path(name)
        mail = stack.enter_context(mail_file(mail_of(SIZE)))
        for run in range(chosen.runs):
            for count in (1, 2):
                with ExitStack() as one:
                    place = directory / f"{run}-{count}"
                    place.mkdir()
                    sandbox = one.enter_context(Sandbox(place, ANSWER_MS))
                    url = server.empty(place).url
                    nodes = [one.enter_context(node(place, each, sandbox.origin, url)) for each in "ab"[:count]]
                    deliver(nodes, sandbox, mail)
                    found[count].append(deliver(nodes, sandbox, mail))
    (rate, cpu), (two_rate, two_cpu) = (
        [statistics.median(figures) for figures in zip(*found[count], strict=True)] for count in (1, 2)
    )
    show(
        f"two daemons on PostgreSQL: {two_rate:.0f} jobs/s, one {rate:.0f}: {two_rate / rate:.2f} times (goal: {GOAL} "
        f"or more); {two_cpu * 1e3:.0f} ms of CPU a job, one {cpu * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
