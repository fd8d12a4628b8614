"""How long a call takes and how it ends. Pure; chance is passed in."""

from datetime import datetime, timedelta
from typing import Literal, assert_never

from gateway.sandbox.jobs import RecipientStatus
from gateway.sandbox.outcomes import Special

Delays = Literal["none", "short", "realistic"]

SHORTEST, LONGEST = 0.2, 1.5  # seconds of a short call: a report stands within 3 after rendering
DIALLING = 20  # seconds of a real one, until the machines have agreed
SECONDS_A_PAGE = 30
REMOTE_CSID = "SANDBOX"
# Statuses after which the machines had talked, so that there is a duration and a remote id.
CONNECTED = frozenset({"OK", "EOD_FAILED", "PAGE_SEND_ERR", "PAGE_SEND_ERROR", "REM_DIS", "NO_TRAIN", "BAD_LINES"})
NOT_DIALLED = "CANCELLED"  # what has not begun by jobValid.end is never sent


def call_end(delays: Delays, pages: int, *, begun: datetime, last: datetime, luck: float) -> datetime | None:
    """When the report of a call that begins at `begun` stands; None for one that could not be over by `last`.

    `luck` is from 0 to 1. A short call only keeps people waiting a little, so it is cut rather than not begun.
    """
    if begun >= last:
        return None
    match delays:
        case "none":
            return begun
        case "short":
            return min(begun + timedelta(seconds=SHORTEST + luck * (LONGEST - SHORTEST)), last)
        case "realistic":
            end = begun + timedelta(seconds=DIALLING + pages * SECONDS_A_PAGE)
            return end if end <= last else None
        case _:
            assert_never(delays)


def recipient_status(
    number: str, chosen: str | Special, fault: str | None, pages: int, at: datetime
) -> RecipientStatus:
    """`fault`: the status of a job that could not be rendered or was not dialled at all."""
    status = fault or (chosen if isinstance(chosen, str) else "OK")
    talked = status in CONNECTED
    duration = DIALLING + pages * SECONDS_A_PAGE if talked else 0
    return RecipientStatus(number, status, "simulated", at, duration, REMOTE_CSID if talked else "")
