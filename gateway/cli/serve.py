"""``fax-gateway serve``: the daemon."""

import asyncio
import signal
import sys

import structlog
import typer
import uvloop

from gateway.cli.options import EX_CONFIG, ConfigOption, Loaded, load
from gateway.daemon.mail_front import MailFront
from gateway.daemon.service import serve as run_service
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
    configure_logging(loaded.settings.log.format, loaded.settings.log.level, sys.stderr, metrics.count)
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
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)

    def ready(front: MailFront) -> None:
        loop.add_signal_handler(signal.SIGHUP, front.reload_certificates)
        log.info("ready", listening=list(front.addresses))

    await run_service(loaded.settings, loaded.spool, metrics=metrics, ready=ready, stop=stop)
