"""What a converter process takes from itself: files, connections, programs. Looked at from within a real process."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.documents.converter import confinement
from gateway.documents.converter.confinement import missing_confinements

PREPARED = """
import ctypes, errno, json, os, signal, socket, subprocess, sys
from pathlib import Path
from gateway.documents.converter.confinement import confine

arguments = json.loads(sys.argv[1])
directory, secret, port, daemon = arguments["directory"], arguments["secret"], arguments["port"], arguments["daemon"]
confine(directory=Path(directory) if arguments["office"] else None)

def connect(family, address):
    with socket.socket(family) as s:
        s.connect(address)

TRIED = {
    "read a secret": lambda: Path(secret).read_text(),
    "list a directory": lambda: os.listdir(Path(secret).parent),
    "write a file": lambda: Path(secret).with_name("new").write_text("x"),
    "write its own": lambda: Path(directory, "new").write_text("x"),
    "read python": lambda: Path(os.__file__).read_bytes(),
    "environment": lambda: Path(f"/proc/{daemon}/environ").read_bytes(),
    "connect": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
    "connect 6": lambda: connect(socket.AF_INET6, ("::1", port)),
    "send": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "unix": lambda: connect(socket.AF_UNIX, "/run/nobody"),
    "listen": lambda: socket.socket(socket.AF_UNIX).bind(directory + "/listening"),
    "program": lambda: subprocess.run(["/bin/true"], check=True),
    "new session": lambda: os.setsid(),
    "kill the daemon": lambda: os.kill(daemon, 0),
    "a pair": lambda: socket.socketpair(),
    "memory": lambda: os.memfd_create("x"),
}

def tried(what):
    try:
        what()
    except OSError as error:
        return errno.errorcode.get(error.errno, "?")
    return "done"

print(json.dumps({name: tried(what) for name, what in TRIED.items()}))
"""


@pytest.fixture
def a_kernel_that_has_it() -> None:
    missing = [each for each in missing_confinements() if "signals" not in each]
    if missing:
        pytest.skip("; ".join(missing))


def tried(directory: Path, *, office: bool) -> dict[str, str]:
    (directory / "own").mkdir()
    secret = directory / "secret"
    secret.write_text("password")
    with socket.create_server(("127.0.0.1", 0)) as server, subprocess.Popen(["sleep", "60"]) as daemon:
        arguments: dict[str, Any] = {
            "directory": str(directory / "own"),
            "secret": str(secret),
            "port": server.getsockname()[1],
            "daemon": daemon.pid,
            "office": office,
        }
        try:
            done = subprocess.run(
                [sys.executable, "-c", PREPARED, json.dumps(arguments)], capture_output=True, check=True, timeout=30
            )
        finally:
            daemon.kill()
    return dict(json.loads(done.stdout))


REFUSED = {"EACCES", "EPERM"}
NOBODY_MAY = {
    *("read a secret", "list a directory", "write a file", "environment", "new session"),
    *("connect", "connect 6", "send", "netlink", "unix"),
    *(["kill the daemon"] if confinement._landlock_abi() >= 6 else []),  # Linux 6.12
}


@pytest.mark.usefixtures("a_kernel_that_has_it")
def test_a_process_reaches_nothing_but_what_it_was_given(tmp_path: Path) -> None:
    found = tried(tmp_path, office=False)
    refused = {name for name, result in found.items() if result in REFUSED}
    assert refused == NOBODY_MAY | {"write its own", "listen", "program"}
    assert {name for name, result in found.items() if result == "done"} - {"kill the daemon"} == {
        *("read python", "memory", "a pair"),
    }


@pytest.mark.usefixtures("a_kernel_that_has_it")
def test_a_process_with_libreoffice_has_its_directory_and_programs(tmp_path: Path) -> None:
    found = tried(tmp_path, office=True)
    assert {name for name, result in found.items() if result in REFUSED} == NOBODY_MAY
    allowed = {"read python", "write its own", "listen", "program", "memory", "a pair"}
    assert {name for name, result in found.items() if result == "done"} - {"kill the daemon"} == allowed


def test_what_a_machine_has_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_landlock_abi", lambda: -1)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    landlock, seccomp = missing_confinements()
    assert landlock.startswith("Landlock: ")
    assert seccomp.startswith("seccomp: ")
    assert not any(ord(letter) > 127 for letter in landlock + seccomp)
    monkeypatch.setattr(confinement, "_landlock_abi", lambda: 5)
    signals, _ = missing_confinements()
    assert "send signals" in signals
