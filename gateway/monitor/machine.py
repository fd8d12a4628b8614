"""What the daemon knows of itself and of the machine, as one value a look."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

INTERVAL = 0.5  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Bytes, and seconds."""

    disk_size: int
    disk_free: int
    sessions: int
    loop_lag: float
    certificate_ends: datetime | None = None


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
