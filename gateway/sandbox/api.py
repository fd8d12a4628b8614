"""The six operations of the API (fax4a.md, "Endpoints"), at the HA URL and at two data centres."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NoReturn

import structlog
from aiohttp import web

from gateway.sandbox.jobs import JobState, SandboxJob
from gateway.sandbox.outcomes import Special, outcome
from gateway.sandbox.state import DATACENTERS, HA, Access, State
from gateway.sandbox.validation import validated
from gateway.sandbox.wire import Complaint

log = structlog.get_logger()

UNKNOWN_PROBLEM = 520
LOGIN = web.RequestKey("login", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """An answer with the service's error body: ``{"code": 400, "message": "..."}``."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def error_body(code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message}, status=code)


class Api:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        found = []
        for base in (HA, *DATACENTERS):
            fax = f"/{base}/rest/v1/{{customer}}/fax"
            found += [
                web.post(fax, self._served(self.send)),
                web.get(f"{fax}/reports", self._served(self.list_reports), allow_head=False),
                web.post(f"{fax}/reports", self._served(self.bulk)),
                web.delete(f"{fax}/reports", self._served(self.delete_oldest)),
                web.get(f"{fax}/reports/{{job_id}}", self._served(self.one_report), allow_head=False),
                web.delete(f"{fax}/reports/{{job_id}}", self._served(self.delete_one)),
            ]
        return found

    def _served(self, handler: Handler) -> Handler:
        """`handler` behind the login, with its refusals as error bodies and a line in the access log."""

        async def serve(request: web.Request) -> web.StreamResponse:
            login = None
            try:
                login = request[LOGIN] = self._authenticated(request)
                answer = await handler(request)
            except Refusal as refusal:
                answer = error_body(refusal.code, refusal.message)
            except web.HTTPRequestEntityTooLarge:
                answer = error_body(413, "Request entity too large")
            self._state.note(
                Access(self._state.clock(), _base(request), request.method, request.path, login, answer.status)
            )
            return answer

        return serve

    def _authenticated(self, request: web.Request) -> str:
        """The login; fax4a.md, "HTTP status codes"."""
        header = request.headers.get("Authorization")
        if header is None:
            raise Refusal(400, "Authorization header is missing")
        name, password = _basic(header)
        login = self._state.settings.logins.get(name)
        if login is None or login.password.get_secret_value() != password or not login.allows(request.remote):
            raise Refusal(401, "Authentication failed")
        if request.match_info["customer"] not in login.customers:
            raise Refusal(403, "This login may not use this customer number")
        return name

    async def send(self, request: web.Request) -> web.StreamResponse:
        state = self._state
        await asyncio.sleep(state.faults.seconds("delay"))
        self._strike_before(request)
        body = await self._json(request)
        now = state.clock()
        try:
            job_request = validated(body, now, state.settings.limits)
        except Complaint as complaint:
            raise Refusal(400, f"Validation of job request failed: '{complaint}'") from complaint
        if any(outcome(recipient.number) is Special.REJECTED for recipient in job_request.recipients):
            raise Refusal(400, "Validation of job request failed: 'No number available for rcpt'")
        login = request[LOGIN]
        if state.settings.conflict_409:
            earlier = state.jobs.with_customer_id(login, job_request.customer_id)
            if earlier is not None:
                raise Refusal(409, "Duplicate job: a job with this customerDefinedId already exists")
        base = _base(request)
        datacenter = state.chance.choice(DATACENTERS) if base == HA else base
        job = state.jobs.add(login, datacenter, job_request, body, now=now, chance=state.chance)
        log.info("job_accepted", job_id=job.id, datacenter=datacenter, documents=len(job_request.documents))
        state.machine.take(job)
        return await self._answer(request, job)

    def _strike_before(self, request: web.Request) -> None:
        """Faults that leave nothing behind."""
        if self._state.faults.strikes("refuse"):
            _cut(request)
        for name, code in (("status_500", 500), ("status_503", 503), ("status_520", UNKNOWN_PROBLEM)):
            if self._state.faults.strikes(name):
                raise Refusal(code, "A fault on demand: nothing was accepted")

    async def _answer(self, request: web.Request, job: SandboxJob) -> web.StreamResponse:
        """The receipt, or a fault in its place."""
        state = self._state
        if state.options.fixed_answer_ms is not None:
            await asyncio.sleep(state.options.fixed_answer_ms / 1000)
        if state.faults.strikes("drop_after_accept"):
            _cut(request)
        for name, code in (("status_500_after_accept", 500), ("status_520_after_accept", UNKNOWN_PROBLEM)):
            if state.faults.strikes(name):
                raise Refusal(code, "A fault on demand: the job was accepted")
        if state.faults.strikes("truncate"):
            half = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "200"})
            await half.prepare(request)
            await half.write(b'{"jobId": "')
            _cut(request)
        return web.json_response({"jobId": job.id})

    async def list_reports(self, request: web.Request) -> web.Response:
        return web.json_response({"reports": [job.report() for job in self._oldest(request)]})

    async def one_report(self, request: web.Request) -> web.Response:
        job = self._reports(request).get(request.match_info["job_id"])
        if job is None:
            raise Refusal(404, "No report for this job id")
        return web.json_response(job.report())

    async def delete_one(self, request: web.Request) -> web.Response:
        return web.json_response(_delete(self._reports(request), request.match_info["job_id"]))

    async def delete_oldest(self, request: web.Request) -> web.Response:
        here = self._reports(request)
        return web.json_response({"reports": [_delete(here, job.id) for job in self._oldest(request)]})

    async def bulk(self, request: web.Request) -> web.Response:
        body = await self._json(request)
        action, job_ids = (body.get("action"), body.get("jobIds")) if isinstance(body, dict) else (None, None)
        if not isinstance(action, str) or action.upper() not in {"GET", "DELETE"}:
            raise Refusal(400, "action must be GET or DELETE")
        if not isinstance(job_ids, list) or not all(isinstance(job_id, str) for job_id in job_ids):
            raise Refusal(400, "jobIds must be a list of job ids")
        limit = self._state.settings.limits.bulk
        if len(job_ids) > limit:
            raise Refusal(400, f"jobIds holds {len(job_ids)} ids, at most {limit} are allowed")
        here = self._reports(request)
        if action.upper() == "DELETE":
            return web.json_response({"reports": [_delete(here, job_id) for job_id in job_ids]})
        return web.json_response({"reports": [here[job_id].report() for job_id in job_ids if job_id in here]})

    def _reports(self, request: web.Request) -> dict[str, SandboxJob]:
        """HA answers from either data centre, as chance has it: "inconsistent", like the real one."""
        state, base = self._state, _base(request)
        return state.jobs.reports(
            request[LOGIN],
            (state.chance.choice(DATACENTERS),) if base == HA else (base,),
            state.clock(),
            hidden_for=timedelta(seconds=state.faults.seconds("report_404_for")),
            kept_for=state.settings.retention,
        )

    def _oldest(self, request: web.Request) -> list[SandboxJob]:
        return list(self._reports(request).values())[: self._state.settings.limits.reports]

    async def _json(self, request: web.Request) -> Any:
        limit = self._state.settings.limits.body_bytes
        if (request.content_length or 0) > limit:
            raise Refusal(413, f"The body has {request.content_length} bytes, at most {limit} are allowed")
        raw = await request.read()
        if len(raw) > limit:
            raise Refusal(413, f"The body has {len(raw)} bytes, at most {limit} are allowed")
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise Refusal(400, "Malformed request: not JSON") from None


def _delete(here: dict[str, SandboxJob], job_id: str) -> dict[str, Any]:
    """JobDeleteReport (fax4a.md)."""
    job = here.get(job_id)
    if job is None or job.state is JobState.DELETED:
        return {"jobId": job_id, "deleted": False, "reason": "NOT_FOUND"}
    job.state = JobState.DELETED
    return {"jobId": job_id, "deleted": True}


def _basic(header: str) -> tuple[str, str]:
    """Login and password (RFC 7617 §2); both empty where the header is something else."""
    scheme, _, token = header.partition(" ")
    try:
        login, _, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (login, password) if scheme.lower() == "basic" else ("", "")


def _base(request: web.Request) -> str:
    return request.path.split("/", 2)[1]


def _cut(request: web.Request) -> NoReturn:
    """Ends the connection without another byte."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("a fault on demand")
