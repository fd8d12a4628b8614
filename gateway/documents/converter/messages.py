"""What the daemon and its converter processes say to each other: one datagram each way, contents as file descriptors.

An answer comes from a process that has touched documents of strangers, so it is JSON, and nothing in it is trusted.
"""

import json
import os
import stat
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Literal

from gateway.documents.finding import DocumentLimits, Fault, PaperFormat, Sound
from gateway.documents.sniff import Kind

LONGEST = 4096  # bytes of a message
_LONGEST_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Question:
    """About a document, whose content comes along as a file descriptor."""

    task: Literal["inspect", "convert", "unpack", "leave_out_blanks"]
    kind: Kind
    limits: DocumentLimits
    paper: PaperFormat = "A4"

    def encoded(self) -> bytes:
        return json.dumps([self.task, self.kind, asdict(self.limits), self.paper]).encode()

    @classmethod
    def decoded(cls, message: bytes) -> "Question":
        task, kind, limits, paper = json.loads(message)
        return cls(task, Kind(kind), DocumentLimits(**limits), paper)


class Wanted(Enum):
    """What a process of the service is wanted for: the first datagram of a connection to it (remote.py)."""

    PLAIN = b"plain"
    OFFICE = b"office"


class Ended(Enum):
    """The last datagram: the process is gone, perhaps because its seconds of CPU were used up."""

    ANYHOW = b"ended"
    OVERTIME = b"overtime"


class Unintelligible(Exception):
    """No answer that a converter process of ours gives."""


def encoded_answer(answer: Sound | Fault | bytes) -> bytes:
    """Of bytes only that they come along."""
    match answer:
        case Sound():
            return json.dumps({"pages": answer.pages, "rewrite": answer.rewrite}).encode()
        case Fault():
            return json.dumps({"reason": answer.reason, "enhanced_code": answer.enhanced_code}).encode()
        case bytes():
            return b"{}"


def decoded_answer(message: bytes) -> Sound | Fault | None:
    """None where the answer is a content. Raises Unintelligible."""
    try:
        answer = json.loads(message)
    except ValueError as error:
        raise Unintelligible("not JSON") from error
    match answer:
        case {"pages": bool()}:
            raise Unintelligible("pages are a number")
        case {"pages": int(pages), "rewrite": None} if pages > 0:
            return Sound(pages)
        case {"pages": int(pages), "rewrite": str(rewrite)} if pages >= 0 and _is_sentence(rewrite):
            return Sound(pages, rewrite)
        case {"reason": str(reason), "enhanced_code": "5.6.0" | "5.6.1" as code} if _is_sentence(reason):
            return Fault(reason, code)
        case {} if answer == {}:
            return None
        case _:
            raise Unintelligible("an answer of an unknown form")


def _is_sentence(text: str) -> bool:
    """It will stand in SMTP replies and logs: no control characters, nothing endless."""
    return 0 < len(text) <= _LONGEST_SENTENCE and text.isascii() and text.isprintable()


def in_memory(content: bytes) -> int:
    """A file descriptor of a file that has no name, with `content` in it; the caller closes it."""
    descriptor = os.memfd_create("document")
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def content_of(descriptor: int, longest: int) -> bytes:
    """The file as it is now, whatever the other side still does to it. Raises Unintelligible beyond `longest` bytes."""
    status = os.fstat(descriptor)
    size = status.st_size
    if not stat.S_ISREG(status.st_mode):
        raise Unintelligible("no file")  # reading from a pipe would wait
    if size > longest:
        raise Unintelligible("more than was asked for")
    content = os.pread(descriptor, size, 0)
    if len(content) != size:
        raise Unintelligible("less than there was")
    return content
