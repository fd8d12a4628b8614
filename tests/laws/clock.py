"""A machine's clock that anybody can set, beside the time that really passes."""

from datetime import datetime, timedelta


class Clock:
    def __init__(self, now: datetime) -> None:
        self._begun = now
        self._passed = timedelta()
        self.wrong_by = timedelta()

    def __call__(self) -> datetime:
        """What the machine says."""
        return self.true() + self.wrong_by

    def true(self) -> datetime:
        """What the fax service says."""
        return self._begun + self._passed

    def steady(self) -> float:
        """Seconds that nobody can set."""
        return self._passed.total_seconds()

    def wait(self, time: timedelta) -> None:
        self._passed += time
