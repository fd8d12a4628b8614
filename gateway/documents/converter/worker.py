"""One converter process, from the daemon's side."""

import os
import signal
import socket
import subprocess
import sys
import time

from gateway.documents.converter.messages import (
    LONGEST,
    Question,
    Unintelligible,
    content_of,
    decoded_answer,
    in_memory,
)
from gateway.documents.finding import Fault, Sound

PROGRAM = "from gateway.documents.converter.program import main; main()"


class WorkerGone(Exception):
    """It had ended before it heard the question: no document's fault."""


class WorkerFailed(Exception):
    """It ended over the question, or gave no answer of ours. `overtime`: it had used up its seconds of CPU."""

    def __init__(self, *, overtime: bool = False) -> None:
        super().__init__("the process that opened the document ended")
        self.overtime = overtime


class Worker:
    """After any exception it is good for nothing more than ``end``."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # A session of its own: the terminal's Ctrl-C is for the daemon, whose end closes the socket.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", PROGRAM],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": os.pathsep.join(sys.path)},
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
            if answer is None and descriptors and question.task == "convert":
                return content_of(descriptors[0], question.limits.bytes)
            if answer is None or (isinstance(answer, Sound) and question.task == "convert"):
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
        self._process.kill()
        self._process.wait()
        self._socket.close()

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
            raise WorkerFailed(overtime=self._process.wait() == -signal.SIGXCPU)
        return message, descriptors

    def _wait_until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
