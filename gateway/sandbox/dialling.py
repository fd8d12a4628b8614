"""How long a call takes and how it ends. Pure; chance is passed in."""

from datetime import datetime, timedelta
from random import Random
from typing import Literal

from gateway.sandbox.jobs import RecipientStatus
from gateway.sandbox.outcomes import Special

SHORTEST, LONGEST = 0.2, 1.5  # seconds of a short call: a report stands within 3 after rendering
DIALLING = 20  # seconds of a real one, until the machines have agreed
SECONDS_A_PAGE = 30
REMOTE_CSID = "SANDBOX"
# Statuses after which the machines had talked, so that there is a duration and a remote id.
CONNECTED = frozenset({"OK", "EOD_FAILED", "PAGE_SEND_ERR", "PAGE_SEND_ERROR", "REM_DIS", "NO_TRAIN", "BAD_LINES"})
NOT_DIALLED = "CANCELLED"  # what has not begun by jobValid.end is never sent


def call_length(delays: Literal["short", "realistic"], pages: int, chance: Random) -> timedelta:
    """How long to wait until the report stands."""
    if delays == "short":
        return timedelta(seconds=chance.uniform(SHORTEST, LONGEST))
    return timedelta(seconds=DIALLING + pages * SECONDS_A_PAGE)


def recipient_status(
    number: str, chosen: str | Special, fault: str | None, pages: int, at: datetime
) -> RecipientStatus:
    """`fault`: the status of a job that could not be rendered or was not dialled at all."""
    status = fault or (chosen if isinstance(chosen, str) else "OK")
    talked = status in CONNECTED
    duration = DIALLING + pages * SECONDS_A_PAGE if talked else 0
    return RecipientStatus(number, status, "simulated", at, duration, REMOTE_CSID if talked else "")
