"""The converter process: opens one document at a time, within limits that it gives itself, until its socket closes.

With two arguments, a directory and LibreOffice's program, it converts one office document and is done.
"""

import os
import resource
import shutil
import signal
import socket
import sys
import time
import warnings
from pathlib import Path
from typing import assert_never

from pikepdf.settings import set_qpdf_limits

from gateway.documents.conversion import TOO_MUCH, convert, inspect, leave_out_blanks, unpack
from gateway.documents.converter.confinement import confine
from gateway.documents.converter.messages import LONGEST, Question, content_of, encoded_answer, in_memory
from gateway.documents.entries import framed
from gateway.documents.finding import Fault, Sound
from gateway.documents.libreoffice import office_pdf
from gateway.documents.office import office_format
from gateway.documents.sniff import Kind

_MEGABYTE = 1024 * 1024
# For one document: seconds of CPU, bytes of memory beyond what the process has without one. To look into a PDF is to
# read its structure; pixels are decoded, at four bytes each.
LOOK_BOUNDS = {
    Kind.PDF: (2, 200 * _MEGABYTE),
    Kind.TIFF: (60, 320 * _MEGABYTE),
    Kind.IMAGE: (5, 320 * _MEGABYTE),
    Kind.OFFICE: (3, 200 * _MEGABYTE),
}
CONVERT_BOUNDS = {
    Kind.PDF: (10, 400 * _MEGABYTE),
    Kind.TIFF: (300, 400 * _MEGABYTE),
    Kind.IMAGE: (20, 640 * _MEGABYTE),
    Kind.HTML: (20, 400 * _MEGABYTE),
    Kind.OFFICE: (240, 1024 * _MEGABYTE),  # of each process: ours, and each of LibreOffice's
}
UNPACK_BOUNDS = {Kind.WINMAIL: (4, 200 * _MEGABYTE), Kind.ARCHIVE: (3, 200 * _MEGABYTE)}
BLANK_BOUNDS = {Kind.PDF: (120, 400 * _MEGABYTE), Kind.TIFF: (120, 400 * _MEGABYTE)}  # every page is drawn
_BOUNDS = {
    "inspect": LOOK_BOUNDS,
    "convert": CONVERT_BOUNDS,
    "unpack": UNPACK_BOUNDS,
    "leave_out_blanks": BLANK_BOUNDS,
}
UNCHANGED = Fault("stays as it is")
_WARNINGS = 1000  # of qpdf about one document; then it is too badly damaged
_LARGEST_CONTENT = 1024 * _MEGABYTE
# For as long as it lives. RLIMIT_NPROC is of no use: it counts everything that the gateway's user runs.
_LIMITS = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: 256, resource.RLIMIT_FSIZE: _LARGEST_CONTENT}


def main() -> None:
    """Answers on the socket that is its standard input. What a library prints is about documents, and for nobody."""
    questions = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    for limit, most in _LIMITS.items():
        _, hardest = resource.getrlimit(limit)
        allowed = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
        resource.setrlimit(limit, (allowed, allowed))
    set_qpdf_limits(doc_max_warnings=_WARNINGS)
    at_rest = _memory()
    if len(sys.argv) > 1:
        _convert_office(questions, Path(sys.argv[1]), Path(sys.argv[2]), at_rest)
        return
    confine()
    with questions:
        while True:
            message, descriptors, _, _ = socket.recv_fds(questions, LONGEST, 1)
            if not message:
                return
            _answer(questions, Question.decoded(message), descriptors[0], at_rest)


def _convert_office(questions: socket.socket, directory: Path, program: Path, at_rest: int) -> None:
    """Ends with everything that it has started, at the latest when nobody listens any more."""
    confine(directory=directory)
    try:
        with questions:
            message, descriptors, _, _ = socket.recv_fds(questions, LONGEST, 1)
            if message:
                question = Question.decoded(message)
                content = content_of(descriptors[0], _LARGEST_CONTENT)
                os.close(descriptors[0])
                _limit(question, at_rest + len(content))
                _send(questions, _office_pdf(questions, question, content, directory, program))
                questions.recv(1)  # until it is read, and we are ended
    finally:
        shutil.rmtree(directory, ignore_errors=True)  # only what is in it: the rest is the daemon's
        os.killpg(0, signal.SIGKILL)


def _office_pdf(
    questions: socket.socket, question: Question, content: bytes, directory: Path, program: Path
) -> bytes | Fault:
    kind = office_format(content)
    if isinstance(kind, Fault):
        return kind
    try:
        return office_pdf(content, kind, question.paper, program, directory, lambda: _is_open(questions))
    except MemoryError:
        return TOO_MUCH


def _is_open(questions: socket.socket) -> bool:
    """Whether somebody still waits for our answer."""
    try:
        return bool(questions.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def _answer(questions: socket.socket, question: Question, descriptor: int, at_rest: int) -> None:
    content = content_of(descriptor, _LARGEST_CONTENT)
    os.close(descriptor)
    _limit(question, at_rest + len(content))
    answer = _done(question, content)
    _unlimit()
    _send(questions, answer)


def _send(questions: socket.socket, answer: Sound | Fault | bytes) -> None:
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
        case "unpack":
            unpacked = unpack(question.kind, content, question.limits)
            return unpacked if isinstance(unpacked, Fault) else framed(unpacked)
        case "leave_out_blanks":
            return leave_out_blanks(question.kind, content) or UNCHANGED
        case _:
            assert_never(question.task)


def _limit(question: Question, in_use: int) -> None:
    """RLIMIT_DATA counts what is written to, unlike RLIMIT_AS, of which libraries reserve more than they use."""
    seconds, memory = _BOUNDS[question.task][question.kind]
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
