"""The six operations of the API (Fax4A, "Endpoints"), at the HA URL and at two data centres."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web

from gateway.sandbox.jobs import Account, JobState, SandboxJob
from gateway.sandbox.outcomes import Special, outcome
from gateway.sandbox.state import DATACENTERS, HA, Access, State
from gateway.sandbox.validation import validated
from gateway.sandbox.wire import Complaint

log = structlog.get_logger()

UNKNOWN_PROBLEM = 520
ACCOUNT = web.RequestKey("account", Account)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """An answer with the service's error body: ``{"code": 400, "message": "..."}``."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Cut(Exception):
    """The connection ends without another byte: a fault on demand."""


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
                web.get(f"{fax}/reports/{{job_id:[^/]+}}", self._served(self.one_report), allow_head=False),
                web.delete(f"{fax}/reports/{{job_id:[^/]+}}", self._served(self.delete_one)),
            ]
        return found

    def _served(self, handler: Handler) -> Handler:
        """`handler` behind the login, with its refusals as error bodies and a line in the access log."""

        async def serve(request: web.Request) -> web.StreamResponse:
            answer: web.StreamResponse | None = None
            try:
                request[ACCOUNT] = self._authenticated(request)
                answer = await handler(request)
            except Refusal as refusal:
                answer = error_body(refusal.code, refusal.message)
            except web.HTTPRequestEntityTooLarge:
                answer = error_body(413, "Request entity too large")
            except Cut:
                if request.transport is not None:
                    request.transport.close()
                return web.Response()  # nobody gets it
            finally:
                self._note(request, answer)
            return answer

        return serve

    def _note(self, request: web.Request, answer: web.StreamResponse | None) -> None:
        account = request.get(ACCOUNT)
        self._state.note(
            Access(
                at=self._state.clock(),
                base=_base(request),
                method=request.method,
                path=request.path,
                login=account.login if account is not None else None,
                status=answer.status if answer is not None else None,
            )
        )

    def _authenticated(self, request: web.Request) -> Account:
        """Who asks, and for which customer; Fax4A, "HTTP status codes"."""
        header = request.headers.get("Authorization")
        if header is None:
            raise Refusal(400, "Authorization header is missing")
        name, password = _basic(header)
        login = self._state.settings.logins.get(name)
        if login is None or login.password.get_secret_value() != password or not login.allows(request.remote):
            raise Refusal(401, "Authentication failed")
        customer = request.match_info["customer"]
        if customer not in login.customers:
            raise Refusal(403, "This login may not use this customer number")
        return Account(name, customer)

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Judged at once, answered when the answer is due: --fixed-answer-ms after it came, and the fault `delay`."""
        loop = asyncio.get_running_loop()
        due = loop.time() + (self._state.options.fixed_answer_ms or 0) / 1000
        try:
            job = await self._accepted(request)
        finally:
            await asyncio.sleep(max(0, due - loop.time()) + self._state.faults.seconds("delay"))
        return await self._answer(request, job)

    async def _accepted(self, request: web.Request) -> SandboxJob:
        """The job that is on its way; raises Refusal and Cut."""
        state, account = self._state, request[ACCOUNT]
        if state.faults.strikes("refuse"):
            raise Cut
        raw = await self._body(request)
        self._strike_before()
        now = state.clock()
        try:
            job_request = validated(_json(raw), now, state.settings.limits)
        except Complaint as complaint:
            raise Refusal(400, f"Validation of job request failed: '{complaint}'") from complaint
        if any(outcome(recipient.number) is Special.REJECTED for recipient in job_request.recipients):
            raise Refusal(400, "Validation of job request failed: 'No number available for rcpt'")
        if state.settings.conflict_409 and state.jobs.with_customer_id(account, job_request.customer_id) is not None:
            raise Refusal(409, "Duplicate job: a job with this customerDefinedId already exists")
        base = _base(request)
        datacenter = state.chance.jobs.choice(DATACENTERS) if base == HA else base
        job = state.jobs.add(account, datacenter, job_request, raw, now, state.chance.jobs)
        log.info("job_accepted", job_id=job.id, datacenter=datacenter, documents=len(job_request.documents))
        state.machine.take(job)
        return job

    def _strike_before(self) -> None:
        """Statuses that leave nothing behind, though the whole request was read."""
        for name, code in (("status_500", 500), ("status_503", 503), ("status_520", UNKNOWN_PROBLEM)):
            if self._state.faults.strikes(name):
                raise Refusal(code, "A fault on demand: nothing was accepted")

    async def _answer(self, request: web.Request, job: SandboxJob) -> web.StreamResponse:
        """The receipt, or a fault in its place."""
        faults = self._state.faults
        if faults.strikes("drop_after_accept"):
            raise Cut
        for name, code in (("status_500_after_accept", 500), ("status_520_after_accept", UNKNOWN_PROBLEM)):
            if faults.strikes(name):
                raise Refusal(code, "A fault on demand: the job was accepted")
        receipt = web.json_response({"jobId": job.id})
        if faults.strikes("truncate"):
            await _send_half(request, receipt)
            raise Cut
        return receipt

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
        body = _json(await self._body(request))
        action, job_ids = (body.get("action"), body.get("jobIds")) if isinstance(body, dict) else (None, None)
        if not isinstance(action, str) or action.upper() not in {"GET", "DELETE"}:
            raise Refusal(400, "action must be GET or DELETE")
        if not isinstance(job_ids, list) or not all(isinstance(job_id, str) and job_id for job_id in job_ids):
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
            request[ACCOUNT],
            (state.chance.queries.choice(DATACENTERS),) if base == HA else (base,),
            state.clock(),
            hidden_for=timedelta(seconds=state.faults.seconds("report_404_for")),
            kept_for=state.settings.retention,
        )

    def _oldest(self, request: web.Request) -> list[SandboxJob]:
        return list(self._reports(request).values())[: self._state.settings.limits.reports]

    async def _body(self, request: web.Request) -> bytes:
        limit = self._state.settings.limits.body_bytes
        if (request.content_length or 0) > limit:
            raise Refusal(413, f"The body has {request.content_length} bytes, at most {limit} are allowed")
        raw = await request.read()
        if len(raw) > limit:
            raise Refusal(413, f"The body has {len(raw)} bytes, at most {limit} are allowed")
        return raw


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(400, "Malformed request: not JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")  # RFC 8259 §6: NaN and Infinity are Python's own


async def _send_half(request: web.Request, whole: web.Response) -> None:
    """The headers of `whole`, and the first half of its body."""
    body = whole.body
    assert isinstance(body, bytes)
    half = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await half.prepare(request)
    await half.write(body[: len(body) // 2])


def _delete(here: dict[str, SandboxJob], job_id: str) -> dict[str, Any]:
    """JobDeleteReport (Fax4A)."""
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
