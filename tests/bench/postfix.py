"""A Postfix of our own as the peer of a benchmark: configuration, queue and port. Needs root."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.bench.processor import processor_seconds


class Postfix:
    """An instance of its own: configuration, queue and port."""

    name = "Postfix"

    def __init__(self, directory: Path, settings: dict[str, object], services: Sequence[str] = ()) -> None:
        """`settings` and `services` come on top, in main.cf and master.cf."""
        self.port = free_port()
        self.log = directory / "postfix.log"
        self._config, self._queue = directory / "postfix", directory / "postfix-queue"
        shutil.copytree("/etc/postfix", self._config, symlinks=True)
        self._queue.mkdir()
        (directory / "postfix-data").mkdir()
        shutil.chown(directory / "postfix-data", "postfix")
        directory.chmod(0o755)
        usual: dict[str, object] = {
            "queue_directory": self._queue,
            "data_directory": directory / "postfix-data",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "myhostname": "peer.example.com",
            "mydestination": "",
            "relay_domains": "fax.local",
            "smtpd_recipient_restrictions": "permit_mynetworks, reject",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "local_recipient_maps": "",
            "mynetworks": "127.0.0.0/8",
            "message_size_limit": 50_000_000,
            "maillog_file": self.log,
            "maillog_file_prefixes": directory,
            "smtpd_client_connection_count_limit": 0,
            "default_process_limit": 100,
            "alias_maps": "",
            "compatibility_level": "3.6",
        }
        (self._config / "main.cf").write_text(
            "".join(f"{key} = {value}\n" for key, value in (usual | settings).items())
        )
        master = (self._config / "master.cf").read_text().splitlines()
        smtpd = [line for line in master if line.startswith("smtp ") and " inet " in line]
        lines = [line for line in master if line not in smtpd]
        lines += services
        lines.append(f"127.0.0.1:{self.port} inet n - n - - smtpd")
        (self._config / "master.cf").write_text("\n".join(lines) + "\n")

    def __enter__(self) -> Self:
        run("postfix", "-c", str(self._config), "start")
        until_open(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        run("postfix", "-c", str(self._config), "stop")

    def processor_seconds(self) -> float:
        master = int((self._queue / "pid" / "master.pid").read_text())
        return processor_seconds(master)

    def taken(self) -> int:
        return sum(1 for path in (self._queue / "hold").rglob("*") if path.is_file())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_open(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on {port}")


def run(*command: str, timeout: float = 60) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stderr or done.stdout}")
