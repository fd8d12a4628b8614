"""The HTTP service: the API at three base URLs, and a control surface of its own under ``/_sandbox``."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from random import Random
from typing import Any

import structlog
from aiohttp import BasicAuth, web

from gateway.sandbox.faults import BadFaults, Faults
from gateway.sandbox.faxing import Machine
from gateway.sandbox.jobs import Jobs, JobState, SandboxJob
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.outcomes import Special, outcome
from gateway.sandbox.reportmail import ReportMailer
from gateway.sandbox.validation import Complaint, validated

log = structlog.get_logger()

DATACENTERS = ("dc1", "dc2")
CUSTOMER, LOGIN, PASSWORD = "99999", "sandbox", "sandbox"
LARGEST_BODY = 256 * 1024 * 1024  # bytes
LARGEST_LIST = 1000  # reports in one answer
UNKNOWN_PROBLEM = 520


def clock() -> datetime:
    return datetime.now(UTC)


async def serve(options: SandboxOptions, *, ready: Callable[[int], None]) -> None:
    """Runs until cancelled; `ready` gets the port."""
    runner = web.AppRunner(create_app(options), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.listen_host, options.listen_port)
        await site.start()
        ready(int(runner.addresses[0][1]))
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def create_app(options: SandboxOptions) -> web.Application:
    options.data_dir.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(options)
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_plain_errors])
    for base in ("ha", *DATACENTERS):
        prefix = f"/{base}/rest/v1/{{customer}}/fax"
        app.router.add_post(prefix, sandbox.send)
        app.router.add_get(f"{prefix}/reports", sandbox.list_reports)
        app.router.add_post(f"{prefix}/reports", sandbox.bulk)
        app.router.add_delete(f"{prefix}/reports", sandbox.delete_oldest)
        app.router.add_get(f"{prefix}/reports/{{job_id}}", sandbox.one_report)
        app.router.add_delete(f"{prefix}/reports/{{job_id}}", sandbox.delete_one)
    app.router.add_get("/_sandbox/jobs", sandbox.show_jobs)
    app.router.add_delete("/_sandbox/jobs", sandbox.clear_jobs)
    app.router.add_get("/_sandbox/jobs/{job_id}/fax.tiff", sandbox.show_fax)
    app.router.add_put("/_sandbox/faults", sandbox.set_faults)
    app.router.add_get("/_sandbox/faults", sandbox.show_faults)

    async def close(_: web.Application) -> None:
        sandbox.machine.close()

    app.on_cleanup.append(close)
    return app


@web.middleware
async def _plain_errors(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        return _error(error.status, error.reason)
    return response


def _error(code: int, message: str) -> web.Response:
    """fax4a.md, "Errors carry"."""
    return web.json_response({"code": code, "message": message}, status=code)


class Sandbox:
    """The handlers; what they share is here and nowhere else."""

    def __init__(self, options: SandboxOptions) -> None:
        chance = Random(options.seed)  # noqa: S311 - ids of a test service
        self._options = options
        self._chance = chance
        self._faults = Faults(chance)
        self._jobs = Jobs(options.data_dir, chance)
        mailer = ReportMailer(*options.report_smtp) if options.report_smtp is not None else None
        self.machine = Machine(
            directory=options.data_dir, render=options.render, mailer=mailer, clock=clock, chance=chance
        )

    async def send(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self._faults.seconds("delay"))
        refusal = self._refused(request) or self._fault_before(request)
        if refusal is not None:
            return refusal
        try:
            body = json.loads(await request.read())
        except ValueError:
            return _error(400, "Malformed request: not JSON")
        try:
            job_request = validated(body, clock())
        except Complaint as complaint:
            return _error(400, f"Validation of job request failed: '{complaint}'")
        if any(outcome(number) is Special.REJECTED for number in job_request.numbers):
            return _error(400, "Validation of job request failed: 'No number available for rcpt'")
        base = _base(request)
        datacenter = self._chance.choice(DATACENTERS) if base == "ha" else base
        job = self._jobs.add(LOGIN, datacenter, job_request, body, clock())
        log.info("job_accepted", job_id=job.id, datacenter=datacenter, numbers=list(job_request.numbers))
        self.machine.take(job)
        return await self._answer(request, job)

    def _fault_before(self, request: web.Request) -> web.Response | None:
        if self._faults.strikes("refuse"):
            _cut(request)
        for name, status in (("status_500", 500), ("status_503", 503), ("status_520", UNKNOWN_PROBLEM)):
            if self._faults.strikes(name):
                return _error(status, "a fault on demand, nothing was accepted")
        return None

    async def _answer(self, request: web.Request, job: SandboxJob) -> web.StreamResponse:
        if self._options.fixed_answer_ms is not None:
            await asyncio.sleep(self._options.fixed_answer_ms / 1000)
        if self._faults.strikes("drop_after_accept"):
            _cut(request)
        for name, status in (("status_500_after_accept", 500), ("status_520_after_accept", UNKNOWN_PROBLEM)):
            if self._faults.strikes(name):
                return _error(status, "a fault on demand, the job was accepted")
        if self._faults.strikes("truncate"):
            response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "200"})
            await response.prepare(request)
            await response.write(b'{"jobId": "')
            _cut(request)
        return web.json_response({"jobId": job.id})

    async def list_reports(self, request: web.Request) -> web.Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        return web.json_response({"reports": [job.report() for job in self._reports(request)[:LARGEST_LIST]]})

    async def one_report(self, request: web.Request) -> web.Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        job = self._find(request, request.match_info["job_id"])
        return web.json_response(job.report()) if job is not None else _error(404, "No report for this job id")

    async def delete_one(self, request: web.Request) -> web.Response:
        return self._refused(request) or web.json_response(self._delete(request, request.match_info["job_id"]))

    async def delete_oldest(self, request: web.Request) -> web.Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        oldest = [job.id for job in self._reports(request)[:LARGEST_LIST]]
        return web.json_response({"reports": [self._delete(request, job_id) for job_id in oldest]})

    async def bulk(self, request: web.Request) -> web.Response:
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        try:
            body = json.loads(await request.read())
            action, job_ids = str(body["action"]).upper(), [str(job_id) for job_id in body["jobIds"]]
        except (ValueError, KeyError, TypeError):
            return _error(400, "Malformed request: action and jobIds are required")
        if action not in {"GET", "DELETE"} or len(job_ids) > LARGEST_LIST:
            return _error(400, f"action is GET or DELETE, jobIds holds at most {LARGEST_LIST}")
        if action == "DELETE":
            return web.json_response({"reports": [self._delete(request, job_id) for job_id in job_ids]})
        found = [job for job_id in job_ids if (job := self._find(request, job_id)) is not None]
        return web.json_response({"reports": [job.report() for job in found]})

    def _reports(self, request: web.Request) -> list[SandboxJob]:
        """HA answers from either data centre, as chance has it: "inconsistent", as the real one."""
        base = _base(request)
        here = (self._chance.choice(DATACENTERS),) if base == "ha" else (base,)
        return self._jobs.reports(LOGIN, here, clock(), timedelta(seconds=self._faults.seconds("report_404_for")))

    def _find(self, request: web.Request, job_id: str) -> SandboxJob | None:
        return next((job for job in self._reports(request) if job.id == job_id), None)

    def _delete(self, request: web.Request, job_id: str) -> dict[str, Any]:
        job = self._find(request, job_id)
        if job is None:
            return {"jobId": job_id, "deleted": False, "reason": "NOT_FOUND"}
        job.state = JobState.DELETED
        return {"jobId": job_id, "deleted": True}

    def _refused(self, request: web.Request) -> web.Response | None:
        """Basic authentication and the customer number (fax4a.md, "HTTP status codes")."""
        header = request.headers.get("Authorization")
        if header is None:
            return _error(400, "Authorization header is missing")
        try:
            login = BasicAuth.decode(header, encoding="utf-8")
        except ValueError:
            return _error(401, "Authentication failed")
        if (login.login, login.password) != (LOGIN, PASSWORD):
            return _error(401, "Authentication failed")
        if request.match_info["customer"] != CUSTOMER:
            return _error(HTTPStatus.FORBIDDEN, "This login is not allowed to use this customer number")
        return None

    async def show_jobs(self, request: web.Request) -> web.Response:
        base = str(request.url.origin())
        return web.json_response([job.summary(base) for job in self._jobs])

    async def clear_jobs(self, _: web.Request) -> web.Response:
        self._jobs.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def show_fax(self, request: web.Request) -> web.StreamResponse:
        job = self._jobs.get(request.match_info["job_id"])
        if job is None or job.fax is None:
            return _error(404, "No fax for this job id")
        return web.FileResponse(job.fax, headers={"Content-Type": "image/tiff"})

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            wanted = await request.json()
            if not isinstance(wanted, Mapping):
                raise BadFaults("an object is wanted")
            self._faults.set(wanted)
        except ValueError as error:
            return _error(400, str(error))
        return web.json_response(self._faults.show())

    async def show_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._faults.show())


def _base(request: web.Request) -> str:
    return request.path.split("/", 2)[1]


def _cut(request: web.Request) -> None:
    """Ends the connection without another byte."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("a fault on demand")
