"""``[metrics]``: /metrics for Prometheus, /healthz and /readyz for load balancers and service managers. No login."""

import socket
from collections.abc import Callable
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
from gateway.monitor.readiness import Condition, SpoolHealth, reasons
from gateway.monitor.spool_gauges import SpoolGauges
from gateway.spool.census import Census, take_census
from gateway.spool.database import Database
from gateway.spool.write_test import WriteTest

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
        condition: Callable[[], Condition],
        write_test: WriteTest,
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
        self._write_test = write_test
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
        await self._write_test.close()

    def _site(self, runner: web.AppRunner) -> web.BaseSite:
        if self._inherited is not None:
            return web.SockSite(runner, self._inherited)
        return web.TCPSite(runner, self._address.host, self._address.port)

    async def _show(self, _: web.Request) -> web.Response:
        fault = await self._write_test.fault()
        try:
            self._gauges.set_spool(await self._census(), paused_by_configuration=self._condition().paused)
        except SQLAlchemyError as error:  # the counters and the machine can be seen all the same
            fault = _told(error)
        self._gauges.set_machine(self._machine(), writable=fault is None)
        body = generate_latest(self._metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _healthy(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _: web.Request) -> web.Response:
        found = reasons(self._condition(), await self._spool_health())
        lines = [*(found or ["ready"]), *self._metrics.fax_service.lines()]
        return web.Response(status=503 if found else 200, text="".join(f"{line}\n" for line in lines))

    async def _spool_health(self) -> SpoolHealth:
        unwritable = await self._write_test.fault()
        try:
            return SpoolHealth(unwritable=unwritable, paused=(await self._census()).paused)
        except SQLAlchemyError as error:
            return SpoolHealth(unwritable=unwritable, unreadable=_told(error))

    async def _census(self) -> Census:
        return await self._database.read(lambda connection: take_census(connection, self._clock()))


def _told(error: SQLAlchemyError) -> str:
    return str(error.__cause__ or error).partition("\n")[0]
