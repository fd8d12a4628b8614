"""``[metrics]``: /metrics for Prometheus, /healthz and /readyz for load balancers and service managers. No login."""

import socket
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from gateway.config import ListenAddress
from gateway.monitor.machine import Machine
from gateway.monitor.metrics import Metrics
from gateway.monitor.readiness import Condition, SpoolHealth, reasons
from gateway.monitor.spool_gauges import SpoolGauges
from gateway.site import Site
from gateway.spool.census import Census, take_census
from gateway.spool.database import Database
from gateway.spool.write_test import WriteTest


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
        self._site = Site(address, inherited)
        self._metrics = metrics
        self._gauges = SpoolGauges(metrics.registry)
        self._database = database
        self._machine = machine
        self._condition = condition
        self._write_test = write_test
        self._clock = clock

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [web.get("/metrics", self._show), web.get("/healthz", self._healthy), web.get("/readyz", self._ready)]
        )
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._site.open_or_do_without(runner, "metrics", key="metrics.listen")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._site.close()
        await self._write_test.close()

    @property
    def port(self) -> int | None:
        """None: it does without its address."""
        return self._site.port

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
