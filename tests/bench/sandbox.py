"""The fax service of a benchmark: our sandbox, which answers after a fixed time and renders nothing."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Self

from tests.bench.postfix import free_port, until_open


class Sandbox:
    def __init__(self, directory: Path, answer_ms: int) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._directory = directory
        self._answer_ms = answer_ms

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "gateway", "sandbox", "--listen", f"127.0.0.1:{self.port}", "--no-render"]
        command += ["--fixed-answer-ms", str(self._answer_ms), "--data", str(self._directory / "faxes")]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until_open(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)

    def jobs(self) -> int:
        """How many were accepted."""
        with urllib.request.urlopen(f"{self.origin}/_sandbox/access", timeout=30) as answer:
            lines = json.load(answer)
        return sum(line["method"] == "POST" and line["path"].endswith("/fax") for line in lines)
