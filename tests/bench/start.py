"""How soon a daemon is ready that finds many jobs in every state, and what its first minute costs; a line a figure.

    python -m tests.bench.start [--each 10000] [--seconds 60] [--postgresql] [--workdir DIR]

From exec to ``ready`` and to 200 of /readyz, on the clock. Then the processor time that it has used, the memory that
it has for itself (VmHWM), the longest wait of its event loop, and what has become of the jobs. The sandbox renders
nothing.
"""

import argparse
import os
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from gateway.config import load_settings
from gateway.daemon import wiring
from gateway.spool.migrations import upgrade
from gateway.spool.place import Place
from gateway.spool.states import State
from tests.bench import memory
from tests.bench.figures import show
from tests.living.full_spool import fill
from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.postgresql import PostgreSQL
from tests.living.process import Process

GOAL = 5.0  # seconds from exec to ready
LAG_GOAL = 0.1  # seconds of the event loop
LOOK = 2.0  # seconds between two looks at the metrics: each tells the longest wait since the one before
PATIENCE = 120.0
_FIGURE = re.compile(r'(?m)^fax_gateway_(\w+?)(?:\{state="(\w+)"\})? ([\d.e+-]+)$')


def figures(address: str) -> Mapping[str, float]:
    """``loop_lag_seconds``, ``jobs sent``."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=PATIENCE) as answer:
        found = _FIGURE.findall(answer.read().decode())
    return {f"{name} {state}".rstrip(): float(value) for name, state, value in found}


def until_ready(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{address}/readyz", timeout=PATIENCE):
                return
        except urllib.error.HTTPError:
            time.sleep(0.02)
    raise SystemExit(f"not ready within {PATIENCE:.0f} s")


def measure(gateway: Gateway, seconds: float, jobs: str) -> None:
    began = time.monotonic()
    gateway.daemon.start()  # returns at its event `ready`
    ready = time.monotonic() - began
    address = gateway.daemon.wait_for("metrics_listening")["address"]
    until_ready(address)
    answered = time.monotonic() - began
    show(
        f"{jobs}: ready after {ready:.2f} s, /readyz says so after {answered:.2f} s (goal: {GOAL:.0f} or less); "
        f"{gateway.daemon.cpu():.2f} s of CPU"
    )
    lags = []
    while time.monotonic() - began < seconds:
        time.sleep(LOOK)
        lags.append(figures(address)["loop_lag_seconds"])
    at_last = figures(address)
    used, megabytes = gateway.daemon.cpu(), memory.peak(gateway.daemon.pid) / 1024**2
    show(f"{jobs}: the first {seconds:.0f} s took {used:.1f} s of CPU and {megabytes:.0f} MB at most")
    show(f"{jobs}: the event loop waited {max(lags) * 1e3:.0f} ms at most (goal: {LAG_GOAL * 1e3:.0f} or less)")
    show(f"{jobs}: now " + ", ".join(f"{at_last[f'jobs {state}']:.0f} {state}" for state in State))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--workdir", type=Path)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=chosen.workdir)))
        gateway = Gateway(directory, stack.enter_context(Mailbox()))
        place: Place = directory / "spool.db"
        if chosen.postgresql:
            place = stack.enter_context(PostgreSQL(durable=True)).empty(directory)
            gateway.configure(f'[database]\nurl = "{place.url}"\n', log='level = "info"')
        else:
            gateway.configure(log='level = "info"')
        upgrade(place)
        fill(place, chosen.each, wiring.account(load_settings(directory / "config.toml", {}, None)), datetime.now(UTC))
        os.sync()
        gateway.daemon = Process(["serve", "--config", str(directory / "config.toml")], directory, fresh=True)
        gateway.sandbox = Process([*gateway.sandbox_command, "--no-render"], directory).start()
        stack.callback(gateway.sandbox.stop)
        stack.callback(gateway.daemon.stop)
        on = "PostgreSQL" if chosen.postgresql else "SQLite"
        measure(gateway, chosen.seconds, f"{chosen.each:,} jobs in every state, {on}")


if __name__ == "__main__":
    main()
