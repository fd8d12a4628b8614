"""Converter processes of a service beside the daemon, which neither has a network nor sees the spool (service.py).

A connection to the service is a process: we say what it is wanted for, and get its number and our end of the
conversation with it. When we close the connection the process is ended; when it ends first, the service says how.
"""

import os
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from gateway.documents.converter.messages import LONGEST, Ended, Wanted
from gateway.documents.converter.worker import Unavailable, Worker, WorkerFailed, WorkerGone

# For a service that is just being restarted; longer than that, and whoever asks has something better to do.
START_SECONDS = 5.0
_POLL = 0.1
LAST_MOMENTS = 3.0  # seconds from a process's last word until the service tells of its end
END_SECONDS = 5.0  # that the service may take to end a process


class ConvertService:
    """`path` is where the service listens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def start(self, *, office: bool, deadline: float) -> Worker:
        """A ``Start``."""
        until = min(deadline, time.monotonic() + START_SECONDS)
        while True:
            try:
                return self._started(Wanted.OFFICE if office else Wanted.PLAIN, until)
            except OSError as error:  # a TimeoutError is one
                if time.monotonic() + _POLL > until:
                    raise Unavailable(f"the converter service at {self._path} starts no process: {error}") from error
                time.sleep(_POLL)  # it may be between its end and its next start

    def _started(self, wanted: Wanted, until: float) -> Worker:
        with ExitStack() as opening:
            service = opening.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            service.settimeout(max(until - time.monotonic(), _POLL))
            service.connect(os.fspath(self._path))
            service.send(wanted.value)
            number, descriptors, _, _ = socket.recv_fds(service, LONGEST, 1)
            if not descriptors:
                raise ConnectionAbortedError("it has hung up, its log says why")
            conversation = socket.socket(fileno=descriptors[0])
            opening.pop_all()
        return Worker(conversation, Remote(service, int(number), conversation))


class Remote:
    """A ``Keeper``."""

    def __init__(self, service: socket.socket, process: int, conversation: socket.socket) -> None:
        self._service = service
        self._process = process
        self._conversation = conversation

    @property
    def process(self) -> int:
        return self._process

    def kill(self) -> None:
        for each in (self._service, self._conversation):
            with suppress(OSError):  # it has gone first
                each.shutdown(socket.SHUT_RDWR)

    def why_silent(self) -> WorkerGone | WorkerFailed:
        self._service.settimeout(LAST_MOMENTS)
        try:
            word = self._service.recv(LONGEST)
        except ConnectionError:
            word = b""
        except TimeoutError:
            return WorkerFailed()  # it lives on with its socket closed
        return WorkerFailed(overtime=word == Ended.OVERTIME.value) if word else WorkerGone("the service has ended")

    def end(self) -> None:
        """The service closes its end of the connection when the process is gone."""
        with suppress(OSError):  # it has gone first
            self._service.shutdown(socket.SHUT_WR)
            self._service.settimeout(END_SECONDS)
            while self._service.recv(LONGEST):
                pass
        self._service.close()
