"""What happens to an accepted job: it waits for its start, is rendered, dialled, and reported on."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from random import Random

import structlog

from gateway.documents.render import RenderedFax, RenderError, SourceDocument
from gateway.sandbox.dialling import NOT_DIALLED, call_length, recipient_status
from gateway.sandbox.drawing import Drawing, draw
from gateway.sandbox.jobs import JobState, SandboxJob
from gateway.sandbox.materials import NoSuchMaterial
from gateway.sandbox.outcomes import Special, outcome
from gateway.sandbox.push import Pusher
from gateway.sandbox.references import NotFetched, fetch
from gateway.sandbox.reportmail import ReportMailer
from gateway.sandbox.request import SentDocument
from gateway.sandbox.settings import Settings

log = structlog.get_logger()


class Machine:
    """The fax machine of the sandbox."""

    def __init__(
        self,
        *,
        data_dir: Path,
        render: bool,
        mailer: ReportMailer | None,
        pusher: Pusher,
        settings: Callable[[], Settings],
        clock: Callable[[], datetime],
        chance: Callable[[], Random],
    ) -> None:
        self._data_dir = data_dir
        context = multiprocessing.get_context("spawn")
        self._worker = ProcessPoolExecutor(max_workers=1, mp_context=context) if render else None
        self._mailer = mailer
        self._pusher = pusher
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._calls: dict[str, asyncio.Task[None]] = {}

    def take(self, job: SandboxJob) -> None:
        """Starts what ends in the job's report."""
        call = asyncio.create_task(self._fax(job), name=f"fax-{job.id}")
        self._calls[job.id] = call
        call.add_done_callback(lambda _: self._calls.pop(job.id, None))

    def close(self) -> None:
        for call in self._calls.values():
            call.cancel()
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)

    async def _fax(self, job: SandboxJob) -> None:
        await self._sleep_until(job.request.valid_from)
        fault = await self._render(job)
        await self._call(job)
        chosen = [outcome(recipient.number) for recipient in job.request.recipients]
        if Special.NEVER in chosen:
            return
        # By default a report stands before jobValid.end; what has not begun by then is never sent.
        now = self._clock()
        if now >= job.request.valid_until:
            fault, now = NOT_DIALLED, job.request.valid_until
        job.statuses = tuple(
            recipient_status(recipient.number, code, fault, job.pages, now)
            for recipient, code in zip(job.request.recipients, chosen, strict=True)
        )
        job.state, job.reported_at = JobState.FINISHED, self._clock()
        log.info("fax_finished", job_id=job.id, pages=job.pages, statuses=[status.status for status in job.statuses])
        await self._pusher.push(job)
        if self._mailer is not None:
            await self._mailer.send(job)

    async def _sleep_until(self, moment: datetime) -> None:
        wait = (moment - self._clock()).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _call(self, job: SandboxJob) -> None:
        length = call_length(self._settings().delays, job.pages, self._chance())
        await self._sleep_until(min(self._clock() + length, job.request.valid_until))

    async def _render(self, job: SandboxJob) -> str | None:
        """Renders the fax; returns the status code of one that can't be rendered."""
        if self._worker is None:
            job.pages = max(1, len(job.request.documents))
            return None
        try:
            documents = [await self._source(document) for document in job.request.documents]
            drawing = Drawing(job.request, tuple(documents), job.received_at, self._data_dir)
            fax: RenderedFax = await asyncio.get_running_loop().run_in_executor(self._worker, draw, drawing)
        except NotFetched as error:
            log.warning("document_not_fetched", job_id=job.id, error=str(error))
            return "MISSING_FAX_FILE"
        except (RenderError, NoSuchMaterial) as error:
            log.warning("fax_not_rendered", job_id=job.id, error=str(error))
            return "RENDERING_ERROR"
        path = self._data_dir / f"{job.id}.tiff"
        await asyncio.to_thread(path.write_bytes, fax.tiff)
        job.fax, job.pages, job.state = path, fax.pages, JobState.RENDERED
        return None

    async def _source(self, document: SentDocument) -> SourceDocument:
        content = document.content
        if content is None:
            content = await fetch(document.reference or "", self._settings().reference_hosts)
        return SourceDocument(document.name, content, document.charset)
