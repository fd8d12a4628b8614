"""What happens to an accepted job: it is rendered in a process of its own, dialled, and reported on."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import structlog

from gateway.documents.render import (
    HeaderError,
    HeaderLine,
    Paper,
    RenderedFax,
    RenderError,
    RenderOptions,
    Resolution,
    SourceDocument,
    render_fax,
)
from gateway.sandbox.jobs import JobState, RecipientStatus, SandboxJob
from gateway.sandbox.outcomes import Special, outcome
from gateway.sandbox.reportmail import ReportMailer
from gateway.sandbox.validation import JobRequest

log = structlog.get_logger()

SHORTEST_CALL, LONGEST_CALL = 0.3, 1.5  # seconds, in place of a real call; a report stands within 3
SECONDS_A_PAGE = 30  # what a page takes on a real line
REMOTE_CSID = "SANDBOX"


@dataclass(frozen=True, slots=True)
class Rendering:
    """What the worker process is given; it can be pickled."""

    documents: tuple[SourceDocument, ...]
    options: RenderOptions


class Machine:
    """The fax machine of the sandbox."""

    def __init__(
        self,
        *,
        directory: Path,
        render: bool,
        mailer: ReportMailer | None,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        self._directory = directory
        # PDFium isn't thread-safe, and rendering would hold up every answer: one process, made when it is needed.
        context = multiprocessing.get_context("spawn")
        self._worker = ProcessPoolExecutor(max_workers=1, mp_context=context) if render else None
        self._mailer = mailer
        self._clock = clock
        self._chance = chance
        self._calls: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        for call in self._calls:
            call.cancel()
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)

    def take(self, job: SandboxJob) -> None:
        """Starts what ends in the job's report."""
        call = asyncio.create_task(self._fax(job), name=f"fax-{job.id}")
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _fax(self, job: SandboxJob) -> None:
        wait = (job.request.valid_from - self._clock()).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)
        fault = await self._render(job)
        await asyncio.sleep(self._chance.uniform(SHORTEST_CALL, LONGEST_CALL))
        chosen = [outcome(number) for number in job.request.numbers]
        if Special.NEVER in chosen:
            return
        now = self._clock()
        expired = now >= job.request.valid_until
        job.statuses = tuple(
            _status(number, _code(code, fault, expired=expired), job.pages, min(now, job.request.valid_until))
            for number, code in zip(job.request.numbers, chosen, strict=True)
        )
        job.state = JobState.FINISHED
        job.reported_at = now
        log.info("fax_finished", job_id=job.id, pages=job.pages, statuses=[status.status for status in job.statuses])
        if self._mailer is not None:
            await self._mailer.send(job)

    async def _render(self, job: SandboxJob) -> str | None:
        """Renders the fax; returns the status code of a document that can't be rendered."""
        if self._worker is None:
            job.pages = len(job.request.documents)
            return None
        try:
            rendering = _rendering(job.request, job.received_at)
            fax: RenderedFax = await asyncio.get_running_loop().run_in_executor(self._worker, _draw, rendering)
        except (RenderError, HeaderError) as error:
            log.warning("fax_not_rendered", job_id=job.id, error=str(error))
            return "RENDERING_ERROR"
        path = self._directory / f"{job.id}.tiff"
        await asyncio.to_thread(path.write_bytes, fax.tiff)
        job.fax, job.pages, job.state = path, fax.pages, JobState.RENDERED
        return None


def _draw(rendering: Rendering) -> RenderedFax:
    return render_fax(rendering.documents, options=rendering.options)


def _rendering(request: JobRequest, moment: datetime) -> Rendering:
    options = RenderOptions(
        paper=Paper.LETTER if request.letter_paper else Paper.A4,
        resolution=Resolution.LOW if request.low_resolution else Resolution.HIGH,
        header=HeaderLine.parse(request.header) if request.header else None,
        number=request.numbers[0],
        csid=request.csid,
        moment=moment,
    )
    documents = tuple(SourceDocument(each.name, each.content, each.charset) for each in request.documents)
    return Rendering(documents, options)


def _code(chosen: str | Special, fault: str | None, *, expired: bool) -> str:
    if fault is not None:
        return fault
    if expired:
        return "CANCELLED"  # what has not begun by jobValid.end is never dialled
    return chosen if isinstance(chosen, str) else "OK"


def _status(number: str, code: str, pages: int, now: datetime) -> RecipientStatus:
    talked = code in {"OK", "EOD_FAILED"}
    duration = timedelta(seconds=pages * SECONDS_A_PAGE if talked else 0)
    return RecipientStatus(number, code, "simulated", now, int(duration.total_seconds()), REMOTE_CSID if talked else "")
