"""A command of ours as a process of its own, and what it logs."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

import pytest

from tests.living import activated, nursery
from tests.living.leaks import leaks_in

PATIENCE = 30  # seconds; a loaded machine renders slowly


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A command of ours, and the events of its log."""

    def __init__(
        self,
        arguments: list[str],
        directory: Path,
        *,
        under: Sequence[str] = (),
        module: Sequence[str] = ("gateway",),
        sockets: Mapping[str, socket.socket] | None = None,
        fresh: bool = False,
    ) -> None:
        """`under`: a command that starts it, strace(1) for one. `module`: what stands for ours, and its arguments.

        `sockets`: what systemd would hold for it, by name. `fresh`: by an interpreter that starts for it; that takes
        two seconds of CPU, so only those do it whose subject it is, or whose parent is another program.
        """
        self._fresh = fresh or bool(under or sockets or module != ("gateway",))
        self._sockets = sockets or {}
        self._arguments = arguments
        self._under = under
        self._module = module
        self._directory = directory
        self.events: list[dict[str, Any]] = []
        self.lines: list[bytes] = []  # as they were written
        self.masked = arguments[0] == "serve"  # the sandbox's people are made up
        self.patience: float = PATIENCE  # seconds for an event
        self._process: subprocess.Popen[bytes] | nursery.Born | None = None
        self._errors: IO[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> Self:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("FAX_GATEWAY", "COV_"))}
        if self._fresh:
            self._process, self._errors = self._started(environment)
        else:
            self._process, self._errors = nursery.start(self._arguments, self._directory, environment)
        self.events, self.lines = [], []
        self._reader = threading.Thread(target=self._read, args=(self._errors,), daemon=True)
        self._reader.start()
        self.wait_for("ready")
        return self

    def _started(self, environment: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        process = subprocess.Popen(
            [*self._under, *self._activated(), sys.executable, "-m", *self._module, *self._arguments],
            cwd=self._directory,
            pass_fds=[each.fileno() for each in self._sockets.values()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        return process, process.stderr

    def _activated(self) -> list[str]:
        if not self._sockets:
            return []
        named = [f"{name}={each.fileno()}" for name, each in self._sockets.items()]
        return [sys.executable, activated.__file__, *named, "--"]

    def _read(self, errors: IO[bytes]) -> None:
        for line in errors:
            self.lines.append(line)
            try:
                self.events.append(json.loads(line))
            except ValueError:
                self.events.append({"event": "not json", "line": line.decode(errors="replace")})

    def wait_for(self, event: str, **facts: object) -> dict[str, Any]:
        """The first such event of this run; fails with the log where it doesn't come in time."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            for each in list(self.events):
                if each.get("event") == event and all(each.get(key) == value for key, value in facts.items()):
                    return each
            if self._process is not None and self._process.poll() is not None and event != "stopped":
                break
            time.sleep(0.02)
        log = "\n".join(map(str, self.events))
        pytest.fail(f"no event {event} {facts} in the log:\n{log}")

    def count(self, event: str) -> int:
        return sum(each.get("event") == event for each in self.events)

    def send_signal(self, which: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(which)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def cpu(self) -> float:
        """Seconds that it has used so far, without its children (proc(5), stat)."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the process; returns its exit status. Fails where its log said what it must not."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(how)
        status = self._process.wait(PATIENCE)
        assert self._reader is not None
        self._reader.join(PATIENCE)
        assert self._errors is not None
        self._errors.close()
        assert [leak for line in self.lines for leak in leaks_in(line, masked=self.masked)] == []
        return status
