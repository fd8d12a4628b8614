"""What happens to an accepted job: it waits for its start, is rendered, dialled, and reported on."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from gateway.documents.render import SourceDocument
from gateway.sandbox.dialling import NOT_DIALLED, call_end, recipient_status
from gateway.sandbox.drawing import Drawing
from gateway.sandbox.jobs import JobState, SandboxJob
from gateway.sandbox.outcomes import Special, outcome
from gateway.sandbox.push import Pusher
from gateway.sandbox.references import NotFetched, fetch
from gateway.sandbox.reportmail import ReportMailer
from gateway.sandbox.request import SentDocument
from gateway.sandbox.settings import Settings
from gateway.sandbox.worker import NotDrawn, Worker

log = structlog.get_logger()

MARGIN = timedelta(milliseconds=250)  # before jobValid.end, so that the report stands by then


class Machine:
    """The fax machine of the sandbox."""

    def __init__(
        self,
        *,
        data_dir: Path,
        worker: Worker | None,
        mailer: ReportMailer | None,
        pusher: Pusher,
        settings: Callable[[], Settings],
        clock: Callable[[], datetime],
    ) -> None:
        """Without `worker` nothing is drawn, and a document counts as a page."""
        self._data_dir = data_dir
        self._worker = worker
        self._mailer = mailer
        self._pusher = pusher
        self._settings = settings
        self._clock = clock
        self._calls: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        if self._worker is not None:
            await self._worker.warm_up()

    def take(self, job: SandboxJob) -> None:
        """Starts what ends in the job's report."""
        call = asyncio.create_task(self._fax(job), name=f"fax-{job.id}")
        self._calls[job.id] = call
        call.add_done_callback(lambda _: self._calls.pop(job.id, None))

    async def forget(self) -> None:
        """Ends every call: no report, no push and no mail comes any more."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def close(self) -> None:
        await self.forget()
        if self._worker is not None:
            await self._worker.close()

    async def _fax(self, job: SandboxJob) -> None:
        try:
            await self._sleep_until(job.request.valid_from)
            fault = await self._rendered_in_time(job)
            if any(outcome(recipient.number) is Special.NEVER for recipient in job.request.recipients):
                return
            await self._report(job, fault)
            await self._tell(job)
        except Exception:
            log.exception("fax_lost", job_id=job.id)

    async def _rendered_in_time(self, job: SandboxJob) -> str | None:
        """The status code of a job that has no fax: nothing is sent that has not begun by jobValid.end."""
        try:
            async with asyncio.timeout((self._last(job) - self._clock()).total_seconds()):
                return await self._render(job)
        except TimeoutError:
            return NOT_DIALLED
        finally:
            job.request = job.request.without_content()

    async def _report(self, job: SandboxJob, fault: str | None) -> None:
        """Waits for the call's end; then the report stands."""
        last = self._last(job)
        end = call_end(self._settings().delays, job.pages, begun=self._clock(), last=last, luck=job.luck)
        if end is None:
            fault, end = NOT_DIALLED, last
        await self._sleep_until(end)
        job.reported_at = self._clock()
        job.statuses = tuple(
            recipient_status(recipient.number, outcome(recipient.number), fault, job.pages, job.reported_at)
            for recipient in job.request.recipients
        )
        job.state = JobState.FINISHED
        log.info("fax_finished", job_id=job.id, pages=job.pages, statuses=[status.status for status in job.statuses])

    async def _tell(self, job: SandboxJob) -> None:
        """By push and by mail; neither waits for the other, which may be tried again for minutes."""
        told = [self._pusher.push(job)]
        if self._mailer is not None:
            told.append(self._mailer.send(job))
        for failure in await asyncio.gather(*told, return_exceptions=True):
            if isinstance(failure, Exception):
                log.error("report_not_told", job_id=job.id, exc_info=failure)

    def _last(self, job: SandboxJob) -> datetime:
        return job.request.valid_until - MARGIN

    async def _sleep_until(self, moment: datetime) -> None:
        wait = (moment - self._clock()).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)

    async def _render(self, job: SandboxJob) -> str | None:
        """Renders the fax; returns the status code of one that can't be rendered."""
        if self._worker is None:
            job.pages = max(1, len(job.request.documents))
            return None
        try:
            documents = [await self._source(document) for document in job.request.documents]
            drawing = Drawing(job.request, tuple(documents), self._clock(), self._data_dir)
            fax = await self._worker.draw(drawing)
        except NotFetched as error:
            log.warning("document_not_fetched", job_id=job.id, error=str(error))
            return "MISSING_FAX_FILE"
        except NotDrawn as error:
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
