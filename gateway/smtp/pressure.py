"""Back-pressure: no mail is begun that the machine has no room for (RFC 5321 §4.2.2, 452)."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.intake.reply import Reply

log = structlog.get_logger()

# Above this share of disk or memory in use no mail is begun: what is accepted must have room to become a fax.
FULL = 0.95
# A look costs a few system calls; its answer holds for so long, in which a relay brings some megabytes. Seconds.
FRESH = 0.1


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes."""

    disk_size: int
    disk_free: int
    memory_size: int
    memory_free: int


def room_at(spool: Path, content: Path | None = None) -> Room:
    """What there is now in memory and on the fuller file system of the two; `content` is made with the first mail."""
    found = [os.statvfs(place) for place in (spool, content) if place is not None and place.exists()]
    disk = min(found, key=lambda each: each.f_bavail / max(each.f_blocks, 1))
    size, free = _memory()
    return Room(disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize, size, free)


def _memory() -> tuple[int, int]:
    """proc(5), /proc/meminfo; a system without it is never short."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return 1, 1
    kilobytes = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return kilobytes["MemTotal"] * 1024, kilobytes["MemAvailable"] * 1024


def shortage(room: Room, wanted: int) -> str | None:
    """What is short for a mail of `wanted` bytes; None where there is room. Pure."""
    if room.disk_free - wanted < room.disk_size * (1 - FULL):
        return "disk"
    if room.memory_free - wanted < room.memory_size * (1 - FULL):
        return "memory"
    return None


class Pressure:
    """Asks at most ten times a second."""

    def __init__(self, look: Callable[[], Room], clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._clock = clock
        self._room: Room | None = None
        self._looked_at = 0.0
        self._short: str | None = None

    def refusal(self, size: int) -> Reply | None:
        """The reply to MAIL for a mail of so many bytes, or None where there is room."""
        now = self._clock()
        if self._room is None or now - self._looked_at > FRESH:
            self._room, self._looked_at = self._look(), now
        short = shortage(self._room, size)
        if short != self._short:
            self._short = short
            log.warning(
                "pressure", short_of=short, hint="no mail is accepted until there is room"
            ) if short else log.info("pressure_over")
        if short is None:
            return None
        return Reply.of(452, "4.3.1", f"the gateway is short of {short}, nothing was accepted; try again later")
