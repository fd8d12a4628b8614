"""What the daemon knows of itself and of the machine, as one value a look."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

INTERVAL = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system; bytes."""

    size: int
    free: int

    @property
    def used(self) -> float:
        """The share that a new file can't have, 0 to 1."""
        return 1 - self.free / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`disks`: those of the `spool` and of its `content`. `loop_lag`: seconds. `certificate_ends`: by listener."""

    disks: Mapping[str, Disk]
    sessions: int
    loop_lag: float
    certificate_ends: Mapping[str, datetime] = field(default_factory=dict)


class LoopLag:
    """How late the event loop is; ``run`` until cancelled."""

    def __init__(self) -> None:
        self._worst = 0.0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wanted = loop.time() + INTERVAL
            await asyncio.sleep(INTERVAL)
            self._worst = max(self._worst, loop.time() - wanted)

    def take(self) -> float:
        """The longest since the last call, in seconds."""
        worst, self._worst = self._worst, 0.0
        return worst
