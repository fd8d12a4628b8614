"""The conversation with one converter process, from the daemon's side."""

import os
import select
import socket
import time
from typing import Protocol

from gateway.documents.converter.messages import (
    LONGEST,
    Question,
    Unintelligible,
    content_of,
    decoded_answer,
    in_memory,
)
from gateway.documents.entries import most_bytes
from gateway.documents.finding import Fault, Sound
from gateway.documents.sniff import Kind


class WorkerGone(Exception):
    """It had ended before it heard the question, or with whoever had started it: no document's fault."""


class WorkerFailed(Exception):
    """It ended over the question, or gave no answer of ours. `overtime`: it had used up its seconds of CPU."""

    def __init__(self, *, overtime: bool = False) -> None:
        super().__init__("the process that opened the document ended")
        self.overtime = overtime


class Keeper(Protocol):
    """Whoever has started the process and will end it."""

    @property
    def process(self) -> int:
        """Its number."""

    def kill(self) -> None:
        """Whoever waits for its answer gets none."""

    def why_silent(self) -> WorkerGone | WorkerFailed:
        """Its end of the conversation is closed."""

    def end(self) -> None:
        """At once, whatever it is doing; the process is gone then."""


class Worker:
    """After any exception it is good for nothing more than ``end``."""

    def __init__(self, conversation: socket.socket, keeper: Keeper) -> None:
        self._socket = conversation
        self._keeper = keeper
        self.asked = 0

    @property
    def process(self) -> int:
        """Its number."""
        return self._keeper.process

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
        self._keeper.kill()

    def end(self) -> None:
        """At once, whatever it is doing."""
        self._keeper.end()
        self._socket.close()

    def _send(self, question: Question, content: bytes, deadline: float) -> None:
        descriptor = in_memory(content)
        try:
            self._wait_until(deadline)
            if self._has_spoken():
                raise WorkerGone
            socket.send_fds(self._socket, [question.encoded()], [descriptor])
        except (BrokenPipeError, ConnectionResetError) as error:
            raise WorkerGone from error
        finally:
            os.close(descriptor)

    def _has_spoken(self) -> bool:
        """Nobody has asked: what it says now is that it has ended."""
        readable = select.poll()
        readable.register(self._socket, select.POLLIN)
        return bool(readable.poll(0))

    def _receive(self, deadline: float) -> tuple[bytes, list[int]]:
        self._wait_until(deadline)
        try:
            message, descriptors, _, _ = socket.recv_fds(self._socket, LONGEST, 1)
        except ConnectionResetError:  # it ended with our question unread
            message, descriptors = b"", []
        if not message:
            raise self._keeper.why_silent()
        return message, descriptors

    def _wait_until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


class Start(Protocol):
    """Starts a process that waits for questions. Raises Unavailable; `deadline` is time.monotonic's."""

    def __call__(self, *, office: bool, deadline: float) -> Worker: ...


class Unavailable(Exception):
    """No converter process can be had now; the text says why. It is no document's fault."""


def _is_fitting(answer: Sound, question: Question) -> bool:
    """Nothing but a look finds a document sound; an office document has its pages only when it is converted."""
    return question.task == "inspect" and (answer.pages == 0) == (question.kind is Kind.OFFICE)
