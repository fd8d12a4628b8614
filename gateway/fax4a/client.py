"""The client of the Fax4A API: sends jobs to the HA URL, asks for reports at the data centres.

A send is never repeated by the HTTP library, follows no redirect, and goes out on a new connection or on one that was
idle for less than 2 s (docs/architecture.md, "Answers to a send").
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import SimpleNamespace, TracebackType
from typing import Self

import aiohttp

from gateway.fax4a.account import Account
from gateway.fax4a.model import FaxJobRequest
from gateway.fax4a.outcome import Outcome, Phase, outcome_of_answer, outcome_of_error
from gateway.fax4a.report import FaxReport, JobDeleteReport, Listed
from gateway.fax4a.reporting import Reporting
from gateway.fax4a.transport import Transport, tls_context
from gateway.fax4a.upload import Upload

# Seconds. The law says less than 2 when the request leaves; the gate's commit takes its part of that.
LONGEST_IDLE = 1.0
LARGEST_ANSWER = 1024 * 1024  # bytes; a jobId or an error
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "fax-gateway"}


class Fax4AClient:
    """One account. ``async with`` opens and closes its connections; raises TransportFault there."""

    def __init__(self, account: Account, transport: Transport | None = None) -> None:
        self.account = account
        self._transport = transport or Transport()
        self._slots = asyncio.Semaphore(self._transport.concurrency)
        self._session: aiohttp.ClientSession | None = None
        self._stack = AsyncExitStack()
        self._reporting: Reporting | None = None

    async def __aenter__(self) -> Self:
        context = await asyncio.to_thread(tls_context, self._transport)
        connector = aiohttp.TCPConnector(ssl=context, limit=0, keepalive_timeout=LONGEST_IDLE)
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                headers=HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=self._transport.proxy_url,
                timeout=aiohttp.ClientTimeout(total=None, sock_read=self._transport.response_timeout.total_seconds()),
                trace_configs=[_gate()],
            )
        )
        self._reporting = Reporting(self.account, self._transport, self._session, self._slots)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def submit(self, request: FaxJobRequest, *, before_first_byte: Callable[[], Awaitable[None]]) -> Outcome:
        """Sends `request` once and says what came of it.

        `before_first_byte` is awaited once, when the connection stands and nothing has left yet, without a deadline of
        ours; what it raises is raised here, and nothing is sent. Cancelling closes the socket.
        """
        assert self._session is not None, "async with"
        async with self._slots:
            return await self._submit(self._session, request, before_first_byte)

    async def _submit(
        self, session: aiohttp.ClientSession, request: FaxJobRequest, before_first_byte: Callable[[], Awaitable[None]]
    ) -> Outcome:
        limits = self._transport
        deadline = asyncio.timeout(limits.connect_timeout.total_seconds())
        upload = Upload(
            request,
            before_first_byte=before_first_byte,
            deadline=deadline,
            progress_seconds=limits.progress_timeout.total_seconds(),
            total_seconds=limits.total_timeout.total_seconds(),
        )
        try:
            async with deadline:
                return await self._send(session, upload)
        except BaseException as error:
            upload.abort()
            if upload.refusal is not None:
                raise upload.refusal from None
            if not isinstance(error, Exception):
                raise
            if deadline.expired():
                error = TimeoutError(_which_deadline(upload.phase, limits))
            return outcome_of_error(error, upload.phase, now=datetime.now(UTC))

    async def _send(self, session: aiohttp.ClientSession, upload: Upload) -> Outcome:
        url = f"{self.account.send_url}/{self.account.customer_number}/fax"
        # The login is no header of the session: aiohttp would hand those to the proxy too.
        headers = {"Authorization": self.account.authorization, **self._transport.headers_for(url)}
        async with session.post(
            url,
            data=upload,
            headers=headers,
            proxy_headers=self._transport.tunnel_headers_for(url),
            allow_redirects=False,
            trace_request_ctx=upload,
        ) as response:
            phase = upload.phase  # how much the service had when it answered
            answered = {name.lower(): value for name, value in response.headers.items()}
            body = await _read(response)
            return outcome_of_answer(response.status, answered, body, now=datetime.now(UTC), phase=phase)

    async def list_reports(self, datacenter: str) -> Listed:
        """The oldest 1000 reports of one data centre, everybody's of this login. Raises ReportError, as all below."""
        return await self._reports.oldest(datacenter)

    async def get_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[FaxReport]:
        """Those of `job_ids` that stand at one data centre, asked for in batches of 1000."""
        return await self._reports.get_many(datacenter, job_ids)

    async def get_report(self, datacenter: str, job_id: str) -> FaxReport | None:
        """None: not here, or not finished yet."""
        return await self._reports.get(datacenter, job_id)

    async def delete_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[JobDeleteReport]:
        """Deletes in batches of 1000; an id that the answer doesn't name is still to be deleted."""
        return await self._reports.delete_many(datacenter, job_ids)

    async def delete_report(self, datacenter: str, job_id: str) -> JobDeleteReport:
        return await self._reports.delete(datacenter, job_id)

    async def delete_oldest(self, datacenter: str) -> list[JobDeleteReport]:
        """Deletes the oldest 1000, whosever they are: only for a login that nobody else uses."""
        return await self._reports.delete_oldest(datacenter)

    @property
    def _reports(self) -> Reporting:
        assert self._reporting is not None, "async with"
        return self._reporting


def _gate() -> aiohttp.TraceConfig:
    """Both are awaited by aiohttp before it writes the request, behind a proxy's CONNECT and TLS too."""

    async def pass_gate(_session: aiohttp.ClientSession, context: SimpleNamespace, _: object) -> None:
        upload = context.trace_request_ctx
        if isinstance(upload, Upload):
            await upload.pass_gate()

    config = aiohttp.TraceConfig()
    config.on_connection_create_end.append(pass_gate)
    config.on_connection_reuseconn.append(pass_gate)
    return config


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The answer's body, empty where it is cut off or too large: its status says enough, or makes a doubt."""
    body = bytearray()
    try:
        async for part in response.content.iter_any():
            body += part
            if len(body) > LARGEST_ANSWER:
                return b""
    except (aiohttp.ClientError, OSError):
        return b""
    return bytes(body)


def _which_deadline(phase: Phase, limits: Transport) -> str:
    if phase is Phase.CONNECTING:
        return f"no connection within {limits.connect_timeout}"
    return f"not done within {limits.total_timeout}"
