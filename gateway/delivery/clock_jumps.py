"""How far the machine's clock was set forward while this daemon ran, so that no job ends by time that never passed.

The wall clock is held against one that nobody can set. Where it runs ahead, moments from before get a credit: time that
a deadline of theirs must not count. A clock that is set back needs none, deadlines only come later then; it takes back
what was credited, since it may be the correction of a mistake. What waits for a moment that the clock had set before
needs to be brought forward (``spool/set_back.py``).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger()

TOLERANCE = timedelta(seconds=30)  # between two looks; NTP slews by far less
MOST = 100  # jumps that are remembered


def steady_clock() -> float:
    """Seconds that nobody can set; on Linux they go on while the machine sleeps, which is no jump."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(frozen=True, slots=True)
class Jump:
    at: datetime  # what the clock said before
    by: timedelta

    def credit(self, since: datetime) -> timedelta:
        """What of the time since that moment is this jump."""
        return min(max(self.at + self.by - since, timedelta(0)), self.by)


class ClockJumps:
    """``look`` often: a jump is what the clock gained on the steady one between two looks."""

    def __init__(self, clock: Callable[[], datetime], steady: Callable[[], float] = steady_clock) -> None:
        self._clock = clock
        self._steady = steady
        self._last = (clock(), steady())
        self._jumps: list[Jump] = []
        self._set_back = True  # perhaps, while nobody looked

    def look(self) -> datetime:
        """What the clock says now."""
        (before, began), (now, ends) = self._last, (self._clock(), self._steady())
        self._last = (now, ends)
        gained = now - before - timedelta(seconds=ends - began)
        if abs(gained) > TOLERANCE:
            log.warning("clock_set", by_s=round(gained.total_seconds()), hint="deadlines of waiting jobs allow for it")
            if gained > timedelta(0):
                self._jumps = [*self._jumps, Jump(now - gained, gained)][-MOST:]
            else:
                self._take_back(-gained)
                self._set_back = True
        return now

    @property
    def set_back(self) -> bool:
        """Whether the clock was set back, or may have been before, and nobody has said that it is ``settled``."""
        return self._set_back

    def settled(self) -> None:
        """What waited for too late a moment was brought forward."""
        self._set_back = True  # perhaps, while nobody looked

    def credit(self, since: datetime) -> timedelta:
        """How much of the time since that moment never passed."""
        return sum((jump.credit(since) for jump in self._jumps), timedelta(0))

    @property
    def total(self) -> timedelta:
        """The credit of what stood before all of them."""
        return sum((jump.by for jump in self._jumps), timedelta(0))

    def _take_back(self, amount: timedelta) -> None:
        """From the newest jump on."""
        while self._jumps and amount > timedelta(0):
            newest = self._jumps.pop()
            if newest.by > amount:
                self._jumps.append(replace(newest, by=newest.by - amount))
            amount -= newest.by
