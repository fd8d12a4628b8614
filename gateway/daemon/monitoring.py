"""The monitor of this daemon: what it shows comes from parts that don't know it."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.daemon.mail_front import MailFront
from gateway.monitor.machine import Disk, LoopLag, Machine
from gateway.monitor.metrics import Metrics
from gateway.monitor.readiness import Condition
from gateway.monitor.server import MonitorServer
from gateway.smtp.pressure import room_at, shortage
from gateway.spool.database import Database
from gateway.spool.place import directory_of
from gateway.spool.write_test import WriteTest
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
    directory = directory_of(database.place)
    content = wiring.content_store(settings, database.place).directory
    metrics.expect_datacenters(wiring.account(settings).datacenters)

    def machine() -> Machine:
        return Machine(
            disks={"spool": _disk(directory), "content": _disk(content if content.exists() else directory)},
            sessions=front.sessions,
            loop_lag=lag.take(),
            certificate_ends=front.certificate_ends,
        )

    def condition() -> Condition:
        return Condition(
            draining=stop.is_set(),
            paused=settings.delivery.paused,
            short_of=shortage(room_at(directory, content), 0),
        )

    return MonitorServer(
        settings.metrics.listen,
        metrics=metrics,
        database=database,
        machine=machine,
        condition=condition,
        write_test=WriteTest(database, content),
        clock=lambda: datetime.now(UTC),
        inherited=sockets.take("metrics.listen", str(settings.metrics.listen)),
    )


def _disk(place: Path) -> Disk:
    found = os.statvfs(place)
    return Disk(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)
