"""The converter service as a process of its own."""

import signal
import subprocess
import sys
from pathlib import Path

PATIENCE = 30.0  # seconds
SERVICE = """
import sys
from gateway.documents.converter import __main__, process
program = sys.argv.pop(1)
process.PROGRAM = program or process.PROGRAM
__main__.main()
"""


class RunningService:
    """The converter service as a process of its own. With a `program` its processes run that instead of ours."""

    def __init__(self, path: Path, program: str = "", *more: str) -> None:
        self.path = path
        command = [sys.executable, "-c", SERVICE, program, "--socket", str(path), *more]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        lines = []
        for line in self._process.stderr:
            lines.append(line)
            if "converter_service_ready" in line:
                return
        raise AssertionError("".join(lines))

    @property
    def id(self) -> int:
        return self._process.pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """What it has logged since it was ready."""
        self._process.send_signal(how)
        _, said = self._process.communicate(timeout=PATIENCE)
        return said

    def kill(self) -> None:
        self.stop(signal.SIGKILL)
