"""What systemd is told of a daemon of Type=notify: that it is ready, reloads, stops, and is alive (sd_notify(3)).

The protocol is one datagram of lines to the socket that $NOTIFY_SOCKET names; without the variable nothing is said.
"""

import asyncio
import socket
import time
from collections.abc import Mapping

import structlog

log = structlog.get_logger()


class ServiceManager:
    def __init__(self, environ: Mapping[str, str], process_id: int) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._watchdog = _watchdog(environ, process_id)

    def ready(self, status: str) -> None:
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """``ready`` ends it."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1", "STATUS=finishing what is under way")

    async def show_life(self) -> None:
        """Twice as often as the watchdog wants it; a loop that stands still says nothing, and is restarted."""
        while self._watchdog:
            self._tell("WATCHDOG=1")
            await asyncio.sleep(self._watchdog / 2)

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        # An @ stands for the null byte that an abstract socket's name begins with (unix(7)).
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.connect(address)
                channel.send("\n".join(lines).encode())
        except OSError as error:
            log.warning("service_manager_unreachable", error=str(error), told=lines[0])


def _watchdog(environ: Mapping[str, str], process_id: int) -> float:
    """Seconds within which a sign of life is expected; 0: none is (sd_watchdog_enabled(3))."""
    wanted, whom = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not wanted.isdecimal() or (whom and whom != str(process_id)):
        return 0.0
    return int(wanted) / 1_000_000
