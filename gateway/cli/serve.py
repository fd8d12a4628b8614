"""``fax-gateway serve``: the daemon."""

import asyncio
import gc
import os
import signal
import sys
from functools import partial

import structlog
import typer
import uvloop

from gateway.cli.options import EX_CONFIG, ConfigOption, Loaded, load
from gateway.config import Settings
from gateway.daemon.reload import Reloader
from gateway.daemon.service import Running
from gateway.daemon.service import serve as run_service
from gateway.daemon.service_manager import ServiceManager
from gateway.fax4a import Fax4AError
from gateway.log import configure_logging
from gateway.monitor.metrics import Metrics
from gateway.smtp.tls import CertificateUnusable
from gateway.spool.database import SpoolLocked

log = structlog.get_logger()


def serve(context: typer.Context, config: ConfigOption = None) -> None:
    """Run the daemon: take mail, send faxes, follow them to their end."""
    loaded = load(context, config)
    metrics = Metrics()
    _configure_log(loaded.settings, metrics)
    try:
        uvloop.run(_serve(loaded, metrics))
    except* Fax4AError as faults:
        log.critical("not_started", error=str(faults.exceptions[0]), hint="see docs/configuration.md, [retarus]")
        raise typer.Exit(EX_CONFIG) from None
    except* CertificateUnusable as faults:
        log.critical("not_started", error=str(faults.exceptions[0]), hint="see docs/configuration.md, [tls]")
        raise typer.Exit(EX_CONFIG) from None
    except* SpoolLocked as locked:
        log.critical("spool_locked", hint=str(locked.exceptions[0]))
        raise typer.Exit(1) from None
    except* OSError as errors:
        log.critical("not_started", error=str(errors.exceptions[0]), hint="is an address in use, or not ours?")
        raise typer.Exit(1) from None


async def _serve(loaded: Loaded, metrics: Metrics) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    manager = ServiceManager(os.environ, os.getpid())

    def leave() -> None:
        manager.stopping()
        stop.set()

    def ready(running: Running) -> None:
        addresses = list(running.front.addresses)
        status = f"takes mail at {', '.join(addresses)}"
        reloader = Reloader(
            loaded.settings,
            read=loaded.read_again,
            takers=[running.treatments.take, partial(_configure_log, metrics=metrics)],
            reload_certificates=running.front.reload_certificates,
        )

        def reload() -> None:
            manager.reloading()
            reloader.reload()
            manager.ready(status)

        loop.add_signal_handler(signal.SIGHUP, reload)
        _leave_to_itself_what_stands()
        log.info("ready", listening=addresses)
        manager.ready(status)

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, leave)
    living = loop.create_task(manager.show_life())
    await run_service(loaded.settings, loaded.spool, metrics=metrics, ready=ready, stop=stop)
    living.cancel()


def _leave_to_itself_what_stands() -> None:
    """140,000 objects live as long as the daemon: to look for garbage among them stops every session for 0.1 s."""
    gc.collect()
    gc.freeze()


def _configure_log(settings: Settings, metrics: Metrics) -> None:
    configure_logging(settings.log.format, settings.log.level, sys.stderr, metrics.count)
