"""HTTP status push (Fax4A): POST to the job's target URL until 2xx acknowledges it.

OAUTH2 sends `credentials` as a bearer token, because nobody knows here where the vendor would get one.
"""

import asyncio
import json
from collections.abc import Callable

import aiohttp
import structlog

from gateway.sandbox.faults import Faults
from gateway.sandbox.jobs import SandboxJob
from gateway.sandbox.push_xml import push_xml
from gateway.sandbox.request import Push
from gateway.sandbox.settings import Settings

log = structlog.get_logger()

TRIES = 10
FIRST_RETRY = 0.5  # seconds, doubling: ten tries take four minutes
TIMEOUT = aiohttp.ClientTimeout(total=10)


class Pusher:
    def __init__(self, faults: Faults, settings: Callable[[], Settings]) -> None:
        self._faults = faults
        self._settings = settings

    async def push(self, job: SandboxJob) -> None:
        target = job.request.push
        if target is None:
            return
        if self._faults.strikes("lose_push"):
            log.info("push_lost", job_id=job.id)
            return
        for _ in range(2 if self._faults.strikes("double_push") else 1):
            await self._until_acknowledged(target, job)

    async def _until_acknowledged(self, target: Push, job: SandboxJob) -> None:
        body, content_type = self._body(job)
        for number in range(TRIES):
            if number:
                await asyncio.sleep(FIRST_RETRY * 2 ** (number - 1))
            try:
                status = await _post(target, body, content_type)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                log.warning("push_failed", job_id=job.id, error=type(error).__name__)
                continue
            log.info("push_answered", job_id=job.id, status=status)
            if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 §15.3
                return
        log.warning("push_given_up", job_id=job.id, tries=TRIES)

    def _body(self, job: SandboxJob) -> tuple[bytes, str]:
        if self._settings().push_body == "json":
            return json.dumps(job.report()).encode(), "application/json"
        return push_xml(job), "text/xml; charset=UTF-8"


async def _post(target: Push, body: bytes, content_type: str) -> int:
    headers = {"Content-Type": content_type}
    middlewares = []
    match target.method:
        case "HTTP_BASIC":
            headers["Authorization"] = aiohttp.encode_basic_auth(target.principal, target.credentials, "utf-8")
        case "HTTP_DIGEST":
            middlewares = [aiohttp.DigestAuthMiddleware(target.principal, target.credentials)]
        case "OAUTH2":
            headers["Authorization"] = f"Bearer {target.credentials}"
        case _:
            pass
    async with (
        aiohttp.ClientSession(middlewares=middlewares, timeout=TIMEOUT) as session,
        session.post(target.url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status
