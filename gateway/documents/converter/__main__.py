"""``python -m gateway.documents.converter``: the converter service, as fax-gateway-convert.service starts it.

It reads no configuration: there are secrets in it.
"""

import argparse
import asyncio
import os
import pwd
import signal
import socket
import sys
from pathlib import Path

import structlog

from gateway.documents.converter.confinement import missing_confinements
from gateway.documents.converter.service import BACKLOG, Service
from gateway.documents.fonts import set_up_fonts
from gateway.log import configure_logging
from gateway.systemd.inherited import InheritedSockets, shown_address
from gateway.systemd.service_manager import ServiceManager

log = structlog.get_logger()

SOCKET_MODE = 0o600


def main() -> None:
    wanted = _arguments()
    configure_logging("auto", "info", sys.stderr)
    inherited = InheritedSockets.of(os.environ, os.getpid()).first()
    if inherited is None and wanted.socket is None:
        sys.exit("no socket: name one with --socket, or let systemd hand one over (fax-gateway-convert.socket)")
    listening = inherited or _listen(wanted.socket)
    peer = pwd.getpwnam(wanted.peer).pw_uid if wanted.peer else os.geteuid()
    try:
        asyncio.run(_run(listening, peer))
    finally:
        if inherited is None:
            wanted.socket.unlink(missing_ok=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m gateway.documents.converter", description="The converter service.")
    parser.add_argument("--socket", type=Path, help="where it listens, unless systemd hands a socket over")
    parser.add_argument("--peer", help="the user of the daemon that it serves, else its own")
    return parser.parse_args()


def _listen(path: Path) -> socket.socket:
    if path.is_socket():
        path.unlink()  # of a service that was killed
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = os.umask(0o777 & ~SOCKET_MODE)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    listening.listen(BACKLOG)
    return listening


async def _run(listening: socket.socket, peer: int) -> None:
    loop = asyncio.get_running_loop()
    manager = ServiceManager(os.environ, os.getpid())
    for missing in missing_confinements():
        log.warning("converter_less_confined", missing=missing)
    set_up_fonts()
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    serving = loop.create_task(Service(listening, peer).run())
    living = loop.create_task(manager.show_life())
    where = shown_address(listening)
    log.info("converter_service_ready", socket=where)
    manager.ready(f"starts converter processes at {where}")
    stopped = loop.create_task(stop.wait())
    await asyncio.wait([stopped, serving], return_when=asyncio.FIRST_COMPLETED)
    manager.stopping()
    for task in (living, stopped):
        task.cancel()
    if serving.done():
        serving.result()  # its error ends us: systemd starts another one
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    log.info("stopped")


if __name__ == "__main__":
    main()
