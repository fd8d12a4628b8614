"""``[push]``: takes ``POST /push/<token>`` and nothing else (docs/architecture.md, "Reports").

The token is judged before the body is read, and a push is answered 2xx only after the commit: whatever isn't stored by
then is asked for again, by the service or by polling. Each connection has one request and little time.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import HttpVersion11, web

from gateway.config import ListenAddress
from gateway.site import Site
from gateway.tracking.filing import Filing
from gateway.tracking.push.body import read_push
from gateway.tracking.push.login import Login
from gateway.tracking.push.rates import Rates
from gateway.tracking.push.refusals import Refusals, Refused
from gateway.tracking.push.target import PATH
from gateway.tracking.push.tokens import PushTokens
from gateway.tracking.push.unreadable import Unreadable
from gateway.tracking.sorting import Alarm

log = structlog.get_logger()

PATIENCE = 15.0  # seconds for a request's header, as many for its body
LINGERING = 2.0  # seconds in which the rest of a refused body is read, so that its sender sees the answer
MOST_CONNECTIONS = 200
RETRY_AFTER = "10"  # seconds
SHUTDOWN = 5.0  # seconds for answers that are on their way


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRules:
    address: ListenAddress
    largest_body: int  # bytes
    requests_per_second: int  # of one address
    trusted_proxies: Sequence[IPv4Network | IPv6Network]


class _Request(web.BaseRequest):
    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        """No Server banner. Each answer passes here, those that aiohttp makes itself included."""
        response.headers.popall("Server", None)


class _Server(web.Server):
    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > MOST_CONNECTIONS:  # descriptors are the mail front's too
            asyncio.get_running_loop().call_soon(transport.abort)  # not before aiohttp has begun with it


class PushServer:
    """A context: entered, it listens. Where the address can't be had it says so and does without: polling remains."""

    def __init__(
        self,
        rules: PushRules,
        *,
        tokens: PushTokens,
        login: Login,
        filing: Filing,
        monotonic: Callable[[], float],
        inherited: socket.socket | None = None,
    ) -> None:
        self._rules = rules
        self._site = Site(rules.address, inherited)
        self._tokens = tokens
        self._login = login
        self._filing = filing
        self._rates = Rates(rules.requests_per_second, monotonic)
        self._refusals = Refusals(monotonic)

    async def __aenter__(self) -> Self:
        silent = logging.getLogger("gateway.push")  # what is no HTTP would be logged with a stack each time
        silent.disabled = True
        server = _Server(
            self._serve,
            request_factory=_request,
            access_log=None,
            logger=silent,
            keepalive_timeout=PATIENCE,
            lingering_time=LINGERING,
            auto_decompress=False,  # a few KB may become gigabytes
        )
        runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN)
        await self._site.open_or_do_without(runner, "push", key="push.listen")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._site.close()

    @property
    def port(self) -> int | None:
        """None: it does without its address."""
        return self._site.port

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Every way out of a request, as its answer."""
        try:
            await self._take(request)
        except Refused as refusal:
            self._refusals.say(refusal, _client(request, self._rules.trusted_proxies))
            answer = web.Response(status=refusal.status, text=f"{refusal.reason}\n", headers=refusal.headers)
        except Exception:
            log.exception("push_broken", hint="the service is told to try again; polling finds the report too")
            answer = web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_AFTER})
        else:
            answer = web.Response(status=HTTPStatus.NO_CONTENT)
        answer.force_close()
        return answer

    async def _take(self, request: web.BaseRequest) -> None:
        """Returns once what was pushed is committed; raises Refused."""
        path = request.rel_url.raw_path
        if request.method != "POST" or not path.startswith(PATH):
            raise Refused(HTTPStatus.NOT_FOUND, "there is nothing here")
        if not self._rates.admits(_client(request, self._rules.trusted_proxies)):
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too many requests", [("Retry-After", RETRY_AFTER)])
        job_id = self._tokens.job_id(path.removeprefix(PATH))
        if job_id is None:
            raise Refused(HTTPStatus.NOT_FOUND, "there is nothing here")
        challenges = self._login.challenges(request.headers.get("Authorization"), request.method, path)
        if challenges:
            fields = [("WWW-Authenticate", challenge) for challenge in challenges]
            raise Refused(HTTPStatus.UNAUTHORIZED, "a login is needed", fields)
        body = await self._body(request)
        with structlog.contextvars.bound_contextvars(job_id=job_id):
            await self._file(job_id, body)

    async def _body(self, request: web.BaseRequest) -> bytes:
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a body with a Content-Encoding isn't taken")
        too_large = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has {self._rules.largest_body} bytes at most")
        if (request.content_length or 0) > self._rules.largest_body:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(PATIENCE):
                await _continue(request)
                async for part in request.content.iter_any():
                    body += part
                    if len(body) > self._rules.largest_body:
                        raise too_large
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, "the body did not come in time") from None
        except (web.RequestPayloadError, ConnectionError):
            raise Refused(HTTPStatus.BAD_REQUEST, "the body is not whole") from None
        return bytes(body)

    async def _file(self, job_id: str, body: bytes) -> None:
        try:
            # A megabyte takes longer than the event loop should wait.
            report = await asyncio.to_thread(read_push, body)
        except Unreadable as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None
        found = await self._filing.file_pushed(job_id, report)
        if found is None:
            raise Refused(HTTPStatus.GONE, "the job is kept no longer")
        if any(alert.alarm is Alarm.CONTRADICTORY for alert in found.alerts):
            raise Refused(HTTPStatus.CONFLICT, "the report is another job's")
        if found.unfiled or not (found.ours or found.stored or found.alerts):
            # It moves in this moment: the answer to its request is on its way, or another hand has it.
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "try again", [("Retry-After", RETRY_AFTER)])


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    """As aiohttp's own factory makes it."""
    return _Request(message, payload, protocol, writer, task, asyncio.get_running_loop())


async def _continue(request: web.BaseRequest) -> None:
    """RFC 9110 §10.1.1: whoever waits for it may send the body now."""
    if request.version >= HttpVersion11 and request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # of the answer itself nothing has been sent


def _client(request: web.BaseRequest, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """Whose request it is: the last address that no trusted proxy has, of those that proxies have written down."""
    written = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [hop.strip() for hop in written.split(",") if hop.strip()]
    address = request.remote or ""
    while hops and _is_trusted(address, trusted):
        address = hops.pop()
    return address


def _is_trusted(address: str, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
