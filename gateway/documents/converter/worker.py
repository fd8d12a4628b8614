"""One converter process, from the daemon's side."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gateway.documents.converter.messages import (
    LONGEST,
    Question,
    Unintelligible,
    content_of,
    decoded_answer,
    in_memory,
)
from gateway.documents.converter.packages import packages
from gateway.documents.entries import most_bytes
from gateway.documents.finding import Fault, Sound
from gateway.documents.fonts import FONTS_VARIABLE, set_up_fonts
from gateway.documents.libreoffice import office_program, pipes_of
from gateway.documents.sniff import Kind

LAST_MOMENTS = 1.0  # seconds from a process's last word to its end
REMOVALS = 20  # tries
PROGRAM = "from gateway.documents.converter.program import main; main()"


class WorkerGone(Exception):
    """It had ended before it heard the question: no document's fault."""


class WorkerFailed(Exception):
    """It ended over the question, or gave no answer of ours. `overtime`: it had used up its seconds of CPU."""

    def __init__(self, *, overtime: bool = False) -> None:
        super().__init__("the process that opened the document ended")
        self.overtime = overtime


class Worker:
    """After any exception it is good for nothing more than ``end``.

    `office`: the one question that it is asked is to convert an office document. It gets a directory for LibreOffice,
    and its end is that of everything that it has started.
    """

    def __init__(self, *, office: bool = False) -> None:
        program = office_program() if office else None
        self._directory = Path(tempfile.mkdtemp(prefix="fax-gateway-office-")) if program is not None else None
        arguments = [] if self._directory is None else [os.fspath(self._directory), os.fspath(program or "")]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # A session of its own: the terminal's Ctrl-C is for the daemon, whose end closes the socket.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", PROGRAM, *arguments],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(office=office),
                start_new_session=True,
            )
        self._socket = ours
        self.asked = 0

    def ask(self, question: Question, content: bytes, deadline: float) -> Sound | Fault | bytes:
        """`deadline` is time.monotonic's. Raises WorkerGone, WorkerFailed, TimeoutError."""
        self.asked += 1
        self._send(question, content, deadline)
        message, descriptors = self._receive(deadline)
        try:
            answer = decoded_answer(message)
            if answer is None and descriptors and question.task != "inspect":
                limits = question.limits
                return content_of(descriptors[0], limits.bytes if question.task == "convert" else most_bytes(limits))
            if answer is None or (isinstance(answer, Sound) and not _is_fitting(answer, question)):
                raise WorkerFailed
        except Unintelligible as error:
            raise WorkerFailed from error
        finally:
            for each in descriptors:
                os.close(each)
        return answer

    def kill(self) -> None:
        """Whoever waits for its answer gets none."""
        self._process.kill()

    def end(self) -> None:
        """At once, whatever it is doing."""
        if self._process.returncode is None:  # else its number may be somebody else's
            os.killpg(self._process.pid, signal.SIGKILL)  # it, and what it has started
            self._process.wait()
        self._socket.close()
        if self._directory is not None:
            _remove(self._directory)

    def _send(self, question: Question, content: bytes, deadline: float) -> None:
        descriptor = in_memory(content)
        try:
            self._wait_until(deadline)
            socket.send_fds(self._socket, [question.encoded()], [descriptor])
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WorkerGone from error
        finally:
            os.close(descriptor)

    def _receive(self, deadline: float) -> tuple[bytes, list[int]]:
        self._wait_until(deadline)
        try:
            message, descriptors, _, _ = socket.recv_fds(self._socket, LONGEST, 1)
        except ConnectionResetError:  # it ended with our question unread
            message, descriptors = b"", []
        if not message:
            raise WorkerFailed(overtime=self._ended_by() == signal.SIGXCPU)
        return message, descriptors

    def _ended_by(self) -> int | None:
        """The signal; None where there was none, or it lives on with its socket closed."""
        until = time.monotonic() + LAST_MOMENTS
        while self._process.returncode is None and time.monotonic() < until:
            # It keeps its number: `end` needs it for what it has started.
            end = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
            if end is not None:
                return end.si_status if end.si_code == os.CLD_KILLED else None
            time.sleep(0.002)
        return -self._process.returncode if self._process.returncode is not None else None

    def _wait_until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


def _environment(*, office: bool) -> dict[str, str]:
    found = {"PYTHONPATH": os.pathsep.join(packages())}
    return found if office else found | {FONTS_VARIABLE: os.fspath(set_up_fonts())}  # LibreOffice knows the system's


def _is_fitting(answer: Sound, question: Question) -> bool:
    """Nothing but a look finds a document sound; an office document has its pages only when it is converted."""
    return question.task == "inspect" and (answer.pages == 0) == (question.kind is Kind.OFFICE)


def _remove(directory: Path) -> None:
    """With what LibreOffice leaves elsewhere. Processes that were killed may be a moment from their end."""
    for pipe in pipes_of(directory):
        pipe.unlink(missing_ok=True)
    for _ in range(REMOVALS):
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return
        time.sleep(0.05)
