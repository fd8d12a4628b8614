"""The monitor of this daemon: what it shows comes from parts that don't know it."""

import asyncio
from datetime import UTC, datetime

from gateway.config import Settings
from gateway.daemon.mail_front import MailFront
from gateway.monitor.machine import LoopLag, Machine
from gateway.monitor.metrics import Metrics
from gateway.monitor.readiness import Condition
from gateway.monitor.server import MonitorServer
from gateway.smtp.pressure import room_at, shortage
from gateway.smtp.tls import certificate_end
from gateway.spool.database import Database
from gateway.systemd.inherited import InheritedSockets


def monitoring(
    settings: Settings,
    database: Database,
    metrics: Metrics,
    front: MailFront,
    lag: LoopLag,
    stop: asyncio.Event,
    sockets: InheritedSockets,
) -> MonitorServer:
    directory, chain = database.path.parent, settings.tls.certificate

    def machine() -> Machine:
        room = room_at(directory)
        return Machine(
            disk_size=room.disk_size,
            disk_free=room.disk_free,
            sessions=front.sessions,
            loop_lag=lag.take(),
            certificate_ends=certificate_end(chain) if chain is not None else None,
        )

    def condition(spool_fault: str | None) -> Condition:
        return Condition(
            draining=stop.is_set(),
            paused=settings.delivery.paused,
            short_of=shortage(room_at(directory), 0),
            spool_fault=spool_fault,
        )

    return MonitorServer(
        settings.metrics.listen,
        metrics=metrics,
        database=database,
        machine=machine,
        condition=condition,
        clock=lambda: datetime.now(UTC),
        inherited=sockets.take("metrics.listen", str(settings.metrics.listen)),
    )
