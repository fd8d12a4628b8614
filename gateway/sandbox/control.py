"""The sandbox's own surface: what arrived, the faxes that came out, faults and settings, and a page for people."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, select_autoescape
from pydantic import ValidationError

from gateway.documents.templates import bundled_templates
from gateway.sandbox.api import error_body
from gateway.sandbox.jobs import SandboxJob
from gateway.sandbox.openapi import document
from gateway.sandbox.picture import page_as_png
from gateway.sandbox.state import State


class Control:
    def __init__(self, state: State) -> None:
        self._state = state
        self._templates = Environment(
            loader=FileSystemLoader(bundled_templates() / "sandbox"), autoescape=select_autoescape(default=True)
        )

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            web.get("/openapi.json", self.openapi),
            web.get("/_sandbox/jobs", self.jobs),
            web.delete("/_sandbox/jobs", self.clear),
            web.get("/_sandbox/jobs/{job_id}/fax.tiff", self.fax),
            web.get("/_sandbox/jobs/{job_id}/page-{number:[0-9]+}.png", self.picture),
            web.get("/_sandbox/access", self.access),
            web.get("/_sandbox/faults", self.faults),
            web.put("/_sandbox/faults", self.set_faults),
            web.get("/_sandbox/settings", self.settings),
            web.put("/_sandbox/settings", self.set_settings),
        ]

    async def page(self, _: web.Request) -> web.Response:
        """The newest jobs and their pages, for people."""
        newest = list(self._state.jobs)[::-1][:50]
        html = self._templates.get_template("jobs.html.j2").render(jobs=newest, settings=self._state.settings)
        return web.Response(text=html, content_type="text/html")

    async def openapi(self, request: web.Request) -> web.Response:
        customers = {customer for login in self._state.settings.logins.values() for customer in login.customers}
        return web.json_response(document(str(request.url.origin()), sorted(customers)))

    async def jobs(self, request: web.Request) -> web.Response:
        base = str(request.url.origin())
        return web.json_response(await asyncio.to_thread(_summaries, list(self._state.jobs), base))

    async def clear(self, _: web.Request) -> web.Response:
        await self._state.machine.forget()
        self._state.jobs.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def fax(self, request: web.Request) -> web.StreamResponse:
        job = self._state.jobs.get(request.match_info["job_id"])
        if job is None or job.fax is None:
            return error_body(404, "No fax for this job id")
        return web.FileResponse(job.fax, headers={"Content-Type": "image/tiff"})

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """One page, numbered from 1, for a browser."""
        job = self._state.jobs.get(request.match_info["job_id"])
        number = request.match_info["number"]
        if job is None or job.fax is None or number not in map(str, range(1, job.pages + 1)):
            return error_body(404, "No such page")
        return web.Response(body=await asyncio.to_thread(page_as_png, job.fax, int(number)), content_type="image/png")

    async def access(self, _: web.Request) -> web.Response:
        """Who asked which base URL for what, oldest first."""
        lines = [
            {
                "at": access.at.isoformat(),
                "base": access.base,
                "method": access.method,
                "path": access.path,
                "login": access.login,
                "status": access.status,
            }
            for access in self._state.accesses
        ]
        return web.json_response(lines)

    async def faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._state.faults.show())

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self._state.faults.set(await _object(request))
        except ValueError as error:
            return error_body(400, str(error))
        return await self.faults(request)

    async def settings(self, _: web.Request) -> web.Response:
        return web.json_response(self._state.settings.model_dump(mode="json"))

    async def set_settings(self, request: web.Request) -> web.Response:
        """Changes what the object names; the rest stays. `{}` changes nothing."""
        try:
            wanted = await _object(request)
            changed = self._state.settings.changed(wanted)
        except ValidationError as error:
            first = error.errors()[0]
            return error_body(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        except ValueError as error:
            return error_body(400, str(error))
        self._state.change(changed, begin_anew="seed" in wanted)
        return await self.settings(request)


async def _object(request: web.Request) -> dict[str, Any]:
    """The body; raises ValueError where it isn't a JSON object."""
    try:
        value = await request.json()
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError("a JSON object is wanted")  # noqa: TRY004 - it is data, not a caller's type
    return value


def _summaries(jobs: Iterable[SandboxJob], base: str) -> list[dict[str, Any]]:
    found = []
    for job in jobs:
        try:
            found.append(job.summary(base))
        except FileNotFoundError:  # forgotten a moment ago
            continue
    return found
