"""Converter processes as the daemon's own children: for demo, development, and where no service of systemd does it."""

import socket

from gateway.documents.converter.process import ConverterProcess
from gateway.documents.converter.worker import Worker, WorkerFailed, WorkerGone

LAST_MOMENTS = 1.0  # seconds from a process's last word to its end


def start_child(*, office: bool, deadline: float) -> Worker:  # noqa: ARG001 - it takes no time
    """A ``Start``."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        return Worker(ours, Child(ConverterProcess(theirs, office=office)))


class Child:
    """A ``Keeper``."""

    def __init__(self, started: ConverterProcess) -> None:
        self._started = started

    @property
    def process(self) -> int:
        return self._started.id

    def kill(self) -> None:
        self._started.kill()

    def why_silent(self) -> WorkerGone | WorkerFailed:
        return WorkerFailed(overtime=self._started.used_up(LAST_MOMENTS))

    def end(self) -> None:
        self._started.end()
