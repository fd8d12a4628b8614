"""The converter process: opens one document at a time, within limits that it gives itself, until its socket closes."""

import os
import resource
import signal
import socket
import time
import warnings
from pathlib import Path
from typing import assert_never

from pikepdf.settings import set_qpdf_limits

from gateway.documents.conversion import convert, inspect
from gateway.documents.converter.messages import LONGEST, Question, content_of, encoded_answer, in_memory
from gateway.documents.finding import Fault, Sound
from gateway.documents.sniff import Kind

_MEGABYTE = 1024 * 1024
# For one document: seconds of CPU, bytes of memory beyond what the process has without one. To look into a PDF is to
# read its structure; pixels are decoded, at four bytes each.
LOOK_BOUNDS = {Kind.PDF: (2, 200 * _MEGABYTE), Kind.TIFF: (60, 320 * _MEGABYTE), Kind.IMAGE: (5, 320 * _MEGABYTE)}
CONVERT_BOUNDS = {Kind.PDF: (10, 400 * _MEGABYTE), Kind.TIFF: (300, 400 * _MEGABYTE), Kind.IMAGE: (20, 640 * _MEGABYTE)}
_WARNINGS = 1000  # of qpdf about one document; then it is too badly damaged
_LARGEST_CONTENT = 1024 * _MEGABYTE


def main() -> None:
    """Answers on the socket that is its standard input. What a library prints is about documents, and for nobody."""
    questions = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    set_qpdf_limits(doc_max_warnings=_WARNINGS)
    at_rest = _memory()
    with questions:
        while True:
            message, descriptors, _, _ = socket.recv_fds(questions, LONGEST, 1)
            if not message:
                return
            _answer(questions, Question.decoded(message), descriptors[0], at_rest)


def _answer(questions: socket.socket, question: Question, descriptor: int, at_rest: int) -> None:
    content = content_of(descriptor, _LARGEST_CONTENT)
    os.close(descriptor)
    _limit(question, at_rest + len(content))
    answer = _done(question, content)
    _unlimit()
    if not isinstance(answer, bytes):
        questions.send(encoded_answer(answer))
        return
    made = in_memory(answer)
    socket.send_fds(questions, [encoded_answer(answer)], [made])
    os.close(made)


def _done(question: Question, content: bytes) -> Sound | Fault | bytes:
    match question.task:
        case "inspect":
            return inspect(question.kind, content, question.limits)
        case "convert":
            return convert(question.kind, content, question.paper)
        case _:
            assert_never(question.task)


def _limit(question: Question, in_use: int) -> None:
    """RLIMIT_DATA counts what is written to, unlike RLIMIT_AS, of which libraries reserve more than they use."""
    seconds, memory = (LOOK_BOUNDS if question.task == "inspect" else CONVERT_BOUNDS)[question.kind]
    _, hardest = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + seconds, hardest))
    _, hardest = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (in_use + memory, hardest))


def _unlimit() -> None:
    for limit in (resource.RLIMIT_CPU, resource.RLIMIT_DATA):
        _, hardest = resource.getrlimit(limit)
        resource.setrlimit(limit, (hardest, hardest))


def _memory() -> int:
    """Bytes, as RLIMIT_DATA counts them (proc(5), VmData)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData"))
