"""The converter processes of one daemon: started when there is a document, kept while they are good.

Who starts them is handed in: the daemon itself (children.py), or a service beside it (remote.py).
"""

import time
from threading import BoundedSemaphore, Lock
from types import TracebackType
from typing import Self

import structlog

from gateway.documents.converter.children import start_child
from gateway.documents.converter.messages import Question
from gateway.documents.converter.worker import Start, Unavailable, Worker, WorkerFailed, WorkerGone
from gateway.documents.entries import Misframed, unframed
from gateway.documents.finding import (
    Convert,
    DocumentLimits,
    Fault,
    Finding,
    LeaveOutBlanks,
    Look,
    PaperFormat,
    Sound,
    Unpack,
    Unpacked,
    Unsettled,
)
from gateway.documents.libreoffice import NOT_INSTALLED, office_available
from gateway.documents.pdf import sound_at_once
from gateway.documents.sniff import Kind

log = structlog.get_logger()

MOST = 4  # processes at a time: a slow document must not keep the others waiting
MOST_OFFICE = 2  # of them with LibreOffice, which takes the memory of several
KEPT = 2  # that stay between documents
DOCUMENTS_EACH = 100  # then a process makes room for a fresh one
TRIES = 4  # of one question, where processes are gone through no fault of a document's

BROKE = Fault("can't be opened: it breaks the program that reads it")
ENDLESS = Fault("can't be opened: it would take too long")
_PDF = (b"%PDF-",)
_SIGNATURES = {
    Kind.PDF: _PDF,
    Kind.IMAGE: _PDF,
    Kind.OFFICE: _PDF,
    Kind.HTML: _PDF,
    Kind.TIFF: (b"II*\x00", b"MM\x00*"),
}


def look_at_once(kind: Kind, content: bytes) -> Finding:
    """The verdict that needs no process and no time: that of a plain PDF, or of what can't be converted here."""
    if kind is Kind.OFFICE and not office_available():
        return NOT_INSTALLED
    found = sound_at_once(content) if kind is Kind.PDF else None
    return found if found is not None else Unsettled()


class Closed(Exception):
    """The daemon ends; whatever was asked is asked again by the next one."""


class Converters:
    """May be asked from several threads. A context: its end ends the processes, and looks under way raise Closed.

    Whatever it is asked raises Unavailable where no process can be had: the question is as good as not asked.
    """

    def __init__(self, start: Start = start_child) -> None:
        self._start = start
        self._places = BoundedSemaphore(MOST)
        self._office_places = BoundedSemaphore(MOST_OFFICE)
        self._lock = Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    def look_within(self, limits: DocumentLimits, seconds: float) -> Look:
        """A look at the documents of one mail, `seconds` for all of them; what is over by then is Unsettled."""
        deadline = time.monotonic() + seconds

        def look(kind: Kind, content: bytes) -> Finding:
            at_once = look_at_once(kind, content)
            if not isinstance(at_once, Unsettled):
                return at_once
            answer = self._answer(Question("inspect", kind, limits), content, deadline)
            return Unsettled() if isinstance(answer, bytes) else answer

        return look

    def convert_within(self, limits: DocumentLimits, paper: PaperFormat, seconds: float) -> Convert:
        """Makes the documents of one job fit, `seconds` for all of them."""
        deadline = time.monotonic() + seconds

        def convert(kind: Kind, content: bytes, found: Sound) -> bytes | Fault:
            if kind is Kind.OFFICE and not office_available():
                return NOT_INSTALLED
            made = self._answer(Question("convert", kind, limits, paper), content, deadline)
            match made:
                case bytes():
                    return self._judged(kind, made, found, limits, deadline)
                case Fault():
                    return made
                case Sound() | Unsettled():
                    return ENDLESS

        return convert

    def leave_out_blanks_within(self, limits: DocumentLimits, seconds: float) -> LeaveOutBlanks:
        """Takes the blank pages out of the documents of one job, `seconds` for all of them."""
        deadline = time.monotonic() + seconds

        def leave_out(kind: Kind, content: bytes) -> bytes | None:
            made = self._answer(Question("leave_out_blanks", kind, limits), content, deadline)
            if not isinstance(made, bytes):
                return None
            judged = self._judged(kind, made, Sound(0), limits, deadline)
            return judged if isinstance(judged, bytes) else None

        return leave_out

    def unpack_within(self, limits: DocumentLimits, seconds: float) -> Unpack:
        """Takes the documents out of the containers of one mail, `seconds` for all of them."""
        deadline = time.monotonic() + seconds

        def unpack(kind: Kind, content: bytes) -> Unpacked | Fault | Unsettled:
            made = self._answer(Question("unpack", kind, limits), content, deadline)
            match made:
                case bytes():
                    try:
                        return unframed(made, limits)
                    except Misframed:
                        return BROKE
                case Sound():
                    return BROKE
                case Fault() | Unsettled():
                    return made

        return unpack

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for worker in self._busy:
                worker.kill()  # whoever waits for it does the rest
        for worker in idle:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _judged(self, kind: Kind, made: bytes, found: Sound, limits: DocumentLimits, deadline: float) -> bytes | Fault:
        """What comes back is a stranger's again: type and pages are looked at, its size was when it was read."""
        if not made.startswith(_SIGNATURES[kind]):
            return BROKE
        sent_as = Kind.TIFF if kind is Kind.TIFF else Kind.PDF
        answer: Finding | bytes = look_at_once(sent_as, made)
        if isinstance(answer, Unsettled):
            answer = self._answer(Question("inspect", sent_as, limits), made, deadline)
        if not isinstance(answer, Sound) or answer.rewrite is not None:
            return ENDLESS if isinstance(answer, Unsettled) else BROKE
        if found.pages not in (0, answer.pages):
            return BROKE
        if answer.pages > limits.pages:
            return Fault(f"has {answer.pages} pages when it is printed; at most {limits.pages} can be faxed in one job")
        return made

    def _answer(self, question: Question, content: bytes, deadline: float) -> Finding | bytes:
        if not _needs_office(question):
            return self._in_a_place(question, content, deadline)
        if not self._office_places.acquire(timeout=max(deadline - time.monotonic(), 0)):
            return Unsettled()
        try:
            return self._in_a_place(question, content, deadline)
        finally:
            self._office_places.release()

    def _in_a_place(self, question: Question, content: bytes, deadline: float) -> Finding | bytes:
        if not self._places.acquire(timeout=max(deadline - time.monotonic(), 0)):
            return Unsettled()
        try:
            return self._asked(question, content, deadline)
        finally:
            self._places.release()

    def _asked(self, question: Question, content: bytes, deadline: float) -> Finding | bytes:
        for _ in range(TRIES):
            if time.monotonic() >= deadline:
                return Unsettled()
            try:
                return self._asked_once(question, content, deadline)
            except WorkerGone:  # while it was idle, or with the service that had started it; the next one is asked
                log.info("converter_gone", kind=question.kind, task=question.task)
        raise Unavailable("one converter process after the other is gone before it answers")

    def _asked_once(self, question: Question, content: bytes, deadline: float) -> Finding | bytes:
        worker = self._worker(office=_needs_office(question), deadline=deadline)
        began = time.monotonic()
        try:
            answer = worker.ask(question, content, deadline)
        except WorkerFailed as failed:
            self._end(worker)
            log.warning("converter_failed", kind=question.kind, task=question.task, overtime=failed.overtime)
            return ENDLESS if failed.overtime else BROKE
        except TimeoutError:
            self._end(worker)
            log.warning("converter_stopped", kind=question.kind, task=question.task)
            return Unsettled()
        except BaseException:
            self._end(worker)
            raise
        seconds, faulty = round(time.monotonic() - began, 3), isinstance(answer, Fault)
        log.debug("converted", kind=question.kind, task=question.task, faulty=faulty, seconds=seconds)
        if _needs_office(question):
            self._end(worker)
        else:
            self._put_back(worker)
        return answer

    def _worker(self, *, office: bool, deadline: float) -> Worker:
        with self._lock:
            worker = self._idle.pop() if self._idle and not office else None
        worker = worker or self._start(office=office, deadline=deadline)
        with self._lock:
            self._busy.add(worker)
        return worker

    def _put_back(self, worker: Worker) -> None:
        with self._lock:
            keep = not self._closed and worker.asked < DOCUMENTS_EACH and len(self._idle) < KEPT
            if keep:
                self._busy.discard(worker)
                self._idle.append(worker)
        if not keep:
            self._end(worker)

    def _end(self, worker: Worker) -> None:
        worker.end()
        with self._lock:
            self._busy.discard(worker)
            if self._closed:
                raise Closed


def _needs_office(question: Question) -> bool:
    return question.task == "convert" and question.kind is Kind.OFFICE
