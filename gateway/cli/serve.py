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
from sqlalchemy.exc import DatabaseError, OperationalError

from gateway.cli.exits import Exit
from gateway.cli.options import ConfigOption, Loaded, load
from gateway.cli.ownership import NotTheOwner, refuse_to_serve_for_another, user_name
from gateway.config import Settings, control_socket
from gateway.daemon.control import Origin
from gateway.daemon.reload import Reloader
from gateway.daemon.service import Running
from gateway.daemon.service import serve as run_service
from gateway.fax4a import Fax4AError
from gateway.log import configure_logging
from gateway.monitor.metrics import Metrics
from gateway.smtp.tls import CertificateUnusable
from gateway.spool.lock import SpoolLocked
from gateway.spool.migrations import WrongRelease
from gateway.spool.unfinished import RestoreUnfinished
from gateway.systemd.inherited import InheritedSockets
from gateway.systemd.service_manager import ServiceManager

log = structlog.get_logger()


def serve(context: typer.Context, config: ConfigOption = None) -> None:
    """Run the daemon: take mail, send faxes, follow them to their end."""
    loaded = load(context, config)
    metrics = Metrics()
    _configure_log(loaded.settings, metrics)
    if _has_no_login(loaded.settings):
        log.critical("not_started", error="retarus.username or retarus.password is empty", hint="fax-gateway init")
        raise typer.Exit(Exit.CONFIG)
    try:
        refuse_to_serve_for_another(loaded.spool)
    except NotTheOwner as reason:
        log.critical("not_started", error="root is not the spool's owner", hint=str(reason))
        raise typer.Exit(Exit.NOPERM) from reason
    try:
        uvloop.run(_serve(loaded, metrics))
    except* Fax4AError as faults:
        log.critical("not_started", error=str(faults.exceptions[0]), hint="see docs/configuration.md, [retarus]")
        raise typer.Exit(Exit.CONFIG) from None
    except* CertificateUnusable as faults:
        log.critical("not_started", error=str(faults.exceptions[0]), hint="see docs/configuration.md, [tls]")
        raise typer.Exit(Exit.CONFIG) from None
    except* WrongRelease as wrong:
        log.critical("not_started", error=str(wrong.exceptions[0]), hint="see docs/operations.md, upgrades")
        raise typer.Exit(Exit.FAILED) from None
    except* RestoreUnfinished as broken_off:
        hint = "see docs/operations.md, backup and restore"
        log.critical("not_started", error=str(broken_off.exceptions[0]), hint=hint)
        raise typer.Exit(Exit.FAILED) from None
    except* DatabaseError as errors:
        raise _without_database(errors.exceptions[0]) from None
    except* SpoolLocked as locked:
        log.critical("spool_locked", hint=str(locked.exceptions[0]))
        raise typer.Exit(Exit.FAILED) from None
    except* OSError as errors:
        log.critical("not_started", error=str(errors.exceptions[0]), hint=hint_of(errors.exceptions[0]))
        raise typer.Exit(Exit.FAILED) from None


def _without_database(error: Exception) -> Exception:
    """How the daemon ends; with the error itself where that is a statement's fault, which is ours."""
    if isinstance(error, OperationalError):
        hint = "see database.url"
    elif type(error) is DatabaseError:  # SQLite's, of a file that is damaged, or none of its own
        hint = "the spool is damaged: see docs/operations.md, backup and restore"
    else:
        return error
    log.critical("not_started", error=str(error.__cause__ or error).strip(), hint=hint)
    return typer.Exit(Exit.FAILED)


def hint_of(error: OSError | ExceptionGroup[OSError]) -> str:
    """Of the file that an error names, else of addresses."""
    if isinstance(error, PermissionError) and error.filename:
        return f"the file is another user's: chown {user_name(os.geteuid())} {error.filename}"
    return "is an address in use, or not ours?"


def _has_no_login(settings: Settings) -> bool:
    """At a region's service every fax would wait for one; what else answers at a ha_url may need none."""
    retarus = settings.retarus
    return retarus.ha_url is None and not (retarus.username and retarus.password.get_secret_value())


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
    sockets = InheritedSockets.of(os.environ, os.getpid())
    origin = Origin(
        socket=control_socket(loaded.settings, loaded.path, os.environ),
        configuration=loaded.path,
        read_again=loaded.read_again,
    )
    await run_service(
        loaded.settings, loaded.spool, origin=origin, metrics=metrics, ready=ready, stop=stop, sockets=sockets
    )
    living.cancel()


def _leave_to_itself_what_stands() -> None:
    """140,000 objects live as long as the daemon: to look for garbage among them stops every session for 0.1 s."""
    gc.collect()
    gc.freeze()


def _configure_log(settings: Settings, metrics: Metrics) -> None:
    log = settings.log
    configure_logging(log.format, log.level, sys.stderr, metrics.count, mask=log.mask)
