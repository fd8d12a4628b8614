"""The daemon of a benchmark: a process of its own, as it is installed, with a spool of its own."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.bench import memory
from tests.bench.postfix import free_port, until_open
from tests.bench.processor import processor_seconds

# Every mail counts, though it is always the same one.
_EVERY_MAIL = """
[[profile]]
match = "*"
dedupe = false
"""


def delivering(origin: str, concurrency: int) -> str:
    """The sections of a daemon that submits to the sandbox at `origin`, and sends no words."""
    return f"""
[report]
on = "never"
[retarus]
ha_url = "{origin}/ha/rest/v1"
datacenter_urls = {{ dc1 = "{origin}/dc1/rest/v1", dc2 = "{origin}/dc2/rest/v1" }}
username = "sandbox"
password = "sandbox"
concurrency = {concurrency}
"""


# It accepts, and submits nothing.
HOLDING = """
[delivery]
paused = true
[retarus]
ha_url = "http://127.0.0.1:9/ha/rest/v1"
datacenter_urls = { dc1 = "http://127.0.0.1:9/dc1/rest/v1" }
"""


class Gateway:
    name = "fax-gateway"

    def __init__(self, directory: Path, sections: str) -> None:
        """`sections` of its configuration, beside the listeners; `directory` has room for it."""
        self.port = free_port()
        self._directory = directory / "gateway"
        self._directory.mkdir()
        self.spool = self._directory / "spool.db"
        listeners = f'[smtp]\nlisten = ["127.0.0.1:{self.port}"]\n[metrics]\nlisten = "127.0.0.1:0"\n'
        listeners += '[web]\nlisten = "127.0.0.1:0"\n'
        (self._directory / "config.toml").write_text(listeners + sections + _EVERY_MAIL)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "gateway", "serve", "--config", str(self._directory / "config.toml")]
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stderr=log)
        until_open(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)

    def taken(self) -> int:
        """Mails in its spool."""
        with contextlib.closing(sqlite3.connect(self.spool)) as connection:
            return int(connection.execute("SELECT count(*) FROM mail").fetchone()[0])

    def processor_seconds(self) -> float:
        """Used since its start, by all of its processes."""
        return processor_seconds(self._process.pid)

    def peak_memory(self) -> int:
        """Bytes, since its start."""
        return memory.peak(self._process.pid)
