"""One converter process, from the side of whoever has started it: the daemon, or the service (service.py)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.documents.converter.packages import packages
from gateway.documents.fonts import FONTS_VARIABLE, set_up_fonts
from gateway.documents.libreoffice import office_program, pipes_of

REMOVALS = 20  # tries
PROGRAM = "from gateway.documents.converter.program import main; main()"


class ConverterProcess:
    """Answers on the socket that it is started with, in a session of its own: the terminal's Ctrl-C is not for it.

    `office`: the one question that it is asked is to convert an office document. It gets a directory for LibreOffice,
    and its end is that of everything that it has started.
    """

    def __init__(self, conversation: socket.socket, *, office: bool) -> None:
        program = office_program() if office else None
        self._directory = Path(tempfile.mkdtemp(prefix="fax-gateway-office-")) if program is not None else None
        arguments = [] if self._directory is None else [os.fspath(self._directory), os.fspath(program or "")]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", PROGRAM, *arguments],
            stdin=conversation.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(office=office),
            start_new_session=True,
        )

    @property
    def id(self) -> int:
        return self._process.pid

    @contextmanager
    def watched(self) -> Iterator[int]:
        """A file descriptor that can be read from when the process has ended (pidfd_open(2))."""
        descriptor = os.pidfd_open(self._process.pid)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def kill(self) -> None:
        self._process.kill()

    def used_up(self, patience: float) -> bool:
        """Whether it ended because its seconds of CPU were over; False where it lives on after `patience` seconds."""
        return self._ended_by(patience) == signal.SIGXCPU

    def end(self) -> None:
        """At once, whatever it is doing."""
        if self._process.returncode is None:  # else its number may be somebody else's
            os.killpg(self._process.pid, signal.SIGKILL)  # it, and what it has started
            self._process.wait()
        if self._directory is not None:
            _remove(self._directory)

    def _ended_by(self, patience: float) -> int | None:
        """The signal; None where there was none, or it lives on."""
        until = time.monotonic() + patience
        while self._process.returncode is None:
            # It keeps its number: `end` needs it for what it has started.
            end = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            if end is not None:
                return end.si_status if end.si_code == os.CLD_KILLED else None
            if time.monotonic() >= until:
                return None
            time.sleep(0.002)
        return -self._process.returncode


def _environment(*, office: bool) -> dict[str, str]:
    found = {"PYTHONPATH": os.pathsep.join(packages())}
    return found if office else found | {FONTS_VARIABLE: os.fspath(set_up_fonts())}  # LibreOffice knows the system's


def _remove(directory: Path) -> None:
    """With what LibreOffice leaves elsewhere. Processes that were killed may be a moment from their end."""
    for pipe in pipes_of(directory):
        pipe.unlink(missing_ok=True)
    for _ in range(REMOVALS):
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return
        time.sleep(0.05)
