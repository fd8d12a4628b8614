"""Our commands as processes of their own, a second or two sooner: forked by one that has imported them already.

``python -m tests.living.nursery NUMBER`` is that one. It reads from the socket of that number what to start, until
nobody is left who could ask. Each command gets a keeper, its parent, that says its process id and how it ends. What
differs from ``python -m gateway``: no interpreter starts, and no import can fail. A test whose subject is the start
says so (``Process(fresh=True)``).
"""

import ctypes
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).parents[2]
LARGEST = 1 << 17  # bytes of what is asked
DESCRIPTORS = 1024  # more than this process has open
PR_SET_PDEATHSIG = 1  # prctl(2)
PATIENCE = 60.0  # seconds that a command may take


class Born:
    """A command that runs; as much of a ``subprocess.Popen`` as tests need."""

    def __init__(self, words: Sequence[str], cwd: Path, environ: Mapping[str, str], files: Sequence[int]) -> None:
        """`files`: the descriptors of its standard input, output and error output."""
        self._keeper, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asked = {"words": list(words), "cwd": str(cwd), "environ": dict(environ)}
        nursery, _ = _nursery()
        with theirs:
            socket.send_fds(nursery, [json.dumps(asked).encode()], [theirs.fileno(), *files])
        self.returncode: int | None = None
        self.pid = self._told()

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._keeper], [], [], 0)[0]:
            self.returncode = self._told()
            self._keeper.close()
        return self.returncode

    def wait(self, timeout: float) -> int:
        if self.returncode is None:
            select.select([self._keeper], [], [], timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("gateway", timeout)
        return status

    def send_signal(self, which: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, which)

    def _told(self) -> int:
        return int(self._keeper.recv(LARGEST))


def start(words: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> tuple[Born, IO[bytes]]:
    """``fax-gateway WORDS``, and what it writes to its error output."""
    ours, theirs = os.pipe()
    with Path(os.devnull).open("r+b", 0) as nowhere:
        born = Born(words, cwd, environ, [nowhere.fileno(), nowhere.fileno(), theirs])
    os.close(theirs)
    return born, os.fdopen(ours, "rb")


def run(
    *words: object, cwd: Path = ROOT, typed: str | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """``fax-gateway WORDS`` to its end."""
    arguments = [str(word) for word in words]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write((typed or "").encode())
        files = [given, out, err]
        given.seek(0)
        born = Born(arguments, cwd, os.environ if environ is None else environ, [each.fileno() for each in files])
        try:
            status = born.wait(PATIENCE)
        finally:
            born.send_signal(signal.SIGKILL)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, status, out.read().decode(), err.read().decode())


@cache
def _nursery() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The one of this process; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.living.nursery", str(theirs.fileno())]
        return ours, subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)


def _serve(asking: socket.socket) -> None:
    """Returns in the child that is to be the command; what it does next is what ``python -m gateway`` would do."""
    while True:
        asked, (keeper, *files) = _next(asking)
        _reap()
        if os.fork() == 0:
            _die_with_parent()
            if (command := os.fork()) == 0:
                _die_with_parent()
                return _become(json.loads(asked), files)
            _keep(command, keeper, files)
        for descriptor in (keeper, *files):
            os.close(descriptor)


def _next(asking: socket.socket) -> tuple[bytes, list[int]]:
    asked, descriptors, *_ = socket.recv_fds(asking, LARGEST, 4)
    if not asked:
        sys.exit()
    return asked, descriptors


def _reap() -> None:
    """Keepers whose command has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _die_with_parent() -> None:
    """What a test has left behind ends with the tests."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _keep(command: int, keeper: int, files: Sequence[int]) -> NoReturn:
    for descriptor in files:
        os.close(descriptor)  # its error output is at its end when the command is
    os.write(keeper, b"%d" % command)
    _, status = os.waitpid(command, 0)
    os.write(keeper, b"%d" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(asked: Mapping[str, Any], files: Sequence[int]) -> None:
    for number, descriptor in enumerate(files):
        os.dup2(descriptor, number)
    os.closerange(3, DESCRIPTORS)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environ"])
    time.tzset()
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv[1:] = asked["words"]


if __name__ == "__main__":
    from gateway.cli import build

    build()  # imports every command
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv.pop())))
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)
