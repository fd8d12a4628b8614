"""``[web]``: the dashboard's server. Where its address can't be had it says so and does without: mail goes first."""

import asyncio
import socket
from types import TracebackType
from typing import Self

from aiohttp import web

from gateway.config import ListenAddress
from gateway.site import Site
from gateway.web.desk import Desk
from gateway.web.gate import Gate, dress
from gateway.web.identity import ProxyRules
from gateway.web.live import CLOSING, STREAMS
from gateway.web.routes import ROUTES
from gateway.web.signing_in import Door

GRACE = 5.0  # seconds that a page in hand may take when the daemon stops


class Dashboard:
    """A context: entered, it listens."""

    def __init__(
        self, address: ListenAddress, desk: Desk, rules: ProxyRules, inherited: socket.socket | None = None
    ) -> None:
        self._site = Site(address, inherited)
        self._desk = desk
        self._rules = rules

    async def __aenter__(self) -> Self:
        runner = web.AppRunner(
            self._application(), access_log=None, handle_signals=False, shutdown_timeout=GRACE, keepalive_timeout=60
        )
        await self._site.open_or_do_without(runner, "dashboard", key="web.listen")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._site.close()

    @property
    def port(self) -> int | None:
        """None: it does without its address."""
        return self._site.port

    def _application(self) -> web.Application:
        app = web.Application()
        closing = app[CLOSING] = asyncio.Event()
        app[STREAMS] = set()

        async def close(_: web.Application) -> None:
            closing.set()

        app.on_shutdown.append(close)
        app.on_response_prepare.append(dress)
        gate, door = Gate(self._desk, self._rules), Door(self._desk, self._rules)
        app.router.add_get("/login", door.show)
        app.router.add_post("/login", door.enter)
        app.router.add_get("/static/{name}", self._static)
        for route in ROUTES:
            add = app.router.add_get if route.method == "GET" else app.router.add_post
            add(route.path, gate.guarded(route))
        app.router.add_route("*", "/{tail:.*}", gate.unknown)
        return app

    async def _static(self, request: web.Request) -> web.Response:
        found = self._desk.pages.files.get(request.match_info["name"])
        if found is None:
            return web.Response(status=404, text="no such file\n")
        headers = {"Cache-Control": "public, max-age=86400", "ETag": f'"{found.tag}"'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=found.data, content_type=found.content_type, charset="utf-8", headers=headers)
