"""What a push is refused for, and how often the log says so."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import structlog

log = structlog.get_logger()

ONE_LINE_IN = 60.0  # seconds, for each status: anybody may send what is refused


class Refused(Exception):
    """An answer other than 2xx; `reason` is for whoever reads the service's log, and holds nothing of the body."""

    def __init__(self, status: HTTPStatus, reason: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


class Refusals:
    """Says each status at most once a minute, with how many there were since."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._unsaid: dict[int, int] = {}
        self._said_at: dict[int, float] = {}

    def say(self, refusal: Refused, client: str) -> None:
        status, now = int(refusal.status), self._monotonic()
        count = self._unsaid[status] = self._unsaid.get(status, 0) + 1
        if status in self._said_at and now < self._said_at[status] + ONE_LINE_IN:
            return
        log.warning("push_refused", status=status, reason=refusal.reason, client=client[:64], count=count)
        self._unsaid[status], self._said_at[status] = 0, now
