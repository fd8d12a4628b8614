"""A PostgreSQL server of the tests' own, on a unix socket in a directory that goes with it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from typing import Self

import psycopg
import pytest
from psycopg import sql

from gateway.spool.migrations import upgrade
from gateway.spool.place import Server

TEMPLATE = "prepared"  # a database with the schema: copied, not migrated, for each test
OTHER_USER = "postgres"  # the server refuses to run as root


def commands() -> Path | None:
    """Where initdb and its like are; Debian keeps them out of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = versions[-1] if versions else shutil.which("initdb")
    return Path(found).resolve().parent if found is not None else None


def needed() -> Path:
    """As ``commands``; without them the test skips, or fails where CI=true."""
    found = commands()
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("PostgreSQL is missing; .ci/run installs it")
    pytest.skip("PostgreSQL is not installed")


class PostgreSQL:
    """``with PostgreSQL() as server``; `durable`: it syncs what it commits, else tests are quicker."""

    def __init__(self, *, durable: bool = False) -> None:
        self._bin = needed()
        self._durable = durable
        self._prepared = False  # whether there is a TEMPLATE
        self.directory = Path(tempfile.mkdtemp(prefix="fax-pg-"))  # short: a socket's path has 107 bytes at most

    def __enter__(self) -> Self:
        if os.getuid() == 0:
            shutil.chown(self.directory, OTHER_USER)
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "fax", "--no-sync", "-E", "UTF8", "--locale=C")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.directory)

    def start(self) -> None:
        settings = [f"unix_socket_directories={self.directory}", "listen_addresses=", "max_connections=200"]
        if not self._durable:
            settings += ["fsync=off", "full_page_writes=off"]
        options = " ".join(f"-c {each}" for each in settings)
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self.directory / "log"), "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "-D", self._data, "-m", how, "-w", "stop")

    def place(self, directory: Path) -> Server:
        """A new database with this release's schema; `directory`: the daemon's own on this machine."""
        if not self._prepared:
            self._create(TEMPLATE)
            upgrade(Server(self.url(TEMPLATE), directory))
            self._prepared = True
        name = f"spool_{token_hex(8)}"
        self._create(name, like=TEMPLATE)
        return Server(self.url(name), directory)

    def empty(self, directory: Path) -> Server:
        name = f"spool_{token_hex(8)}"
        self._create(name)
        return Server(self.url(name), directory)

    def url(self, database: str) -> str:
        return f"postgresql://fax@/{database}?host={self.directory}"

    @property
    def _data(self) -> str:
        return str(self.directory / "data")

    def _create(self, name: str, *, like: str = "template1") -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, command: str, *arguments: str) -> None:
        under: Sequence[str] = ["setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--init-groups"]
        done = subprocess.run(
            [*(under if os.getuid() == 0 else []), str(self._bin / command), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
