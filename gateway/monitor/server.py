"""``[metrics]``: /metrics for Prometheus, /healthz and /readyz for load balancers and service managers. No login."""

import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from gateway.config import ListenAddress
from gateway.monitor.machine import Machine
from gateway.monitor.metrics import Metrics
from gateway.monitor.readiness import Condition, reasons
from gateway.monitor.spool_gauges import SpoolGauges
from gateway.spool.census import Census, take_census
from gateway.spool.database import Database
from gateway.spool.pauses import Switch

log = structlog.get_logger()


class MonitorServer:
    """A context: entered, it listens. Where the address can't be had it says so and does without: mail goes first."""

    def __init__(
        self,
        address: ListenAddress,
        *,
        metrics: Metrics,
        database: Database,
        machine: Callable[[], Machine],
        condition: Callable[[str | None], Condition],
        clock: Callable[[], datetime],
        inherited: socket.socket | None = None,
    ) -> None:
        self._address = address
        self._inherited = inherited
        self._metrics = metrics
        self._gauges = SpoolGauges(metrics.registry)
        self._database = database
        self._machine = machine
        self._condition = condition
        self._clock = clock
        self._runner: web.AppRunner | None = None
        self.port: int | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [web.get("/metrics", self._show), web.get("/healthz", self._healthy), web.get("/readyz", self._ready)]
        )
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            await self._site(runner).start()
        except OSError as error:
            await runner.cleanup()
            log.error("metrics_not_listening", address=str(self._address), error=str(error), hint="metrics.listen")  # noqa: TRY400 - its text says all
            return self
        self._runner = runner
        self.port = runner.addresses[0][1]
        log.info("metrics_listening", address=f"{self._address.host}:{self.port}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def _site(self, runner: web.AppRunner) -> web.BaseSite:
        if self._inherited is not None:
            return web.SockSite(runner, self._inherited)
        return web.TCPSite(runner, self._address.host, self._address.port)

    async def _show(self, _: web.Request) -> web.Response:
        self._gauges.set(await self._census(), self._machine(), self._condition(None))
        body = generate_latest(self._metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _healthy(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _: web.Request) -> web.Response:
        fault: str | None = None
        paused: Sequence[Switch] = ()
        try:
            paused = (await self._census()).paused
        except SQLAlchemyError as error:
            fault = str(error.__cause__ or error).partition("\n")[0]
        found = reasons(self._condition(fault), paused)
        if found:
            return web.Response(status=503, text="".join(f"{reason}\n" for reason in found))
        return web.Response(text="ready\n")

    async def _census(self) -> Census:
        return await self._database.read(lambda connection: take_census(connection, self._clock()))
