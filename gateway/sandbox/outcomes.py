"""What becomes of a fax, chosen by its number: one that ends in 9900NN has outcome NN (docs/sandbox.md). Pure."""

import re
from enum import Enum

_CHOSEN = re.compile(r"9900(\d\d)$")

OUTCOMES = {
    0: "OK",
    1: "BUSY",
    2: "RING_TO",
    3: "NOFAX",
    4: "WRONG_NO",
    5: "EOD_FAILED",
    6: "PAGE_SEND_ERR",
    7: "RENDERING_ERROR",
    8: "BLACKLIST",
    9: "CANCELLED",
    10: "WOUT_TO",
    11: "NOFAX_DIS",
    12: "NOFAX_TO",
    13: "DIAL_NC",
    14: "CHANGED_NO",
    15: "NO_TRAIN",
    16: "PAGE_SEND_ERROR",
    17: "REM_DIS",
    18: "NO_REMOTEINFO",
    19: "BAD_LINES",
    20: "FANS_GF",
    21: "DIAL_GF",
    22: "COMERROR",
    23: "MISSING_FAX_FILE",
    24: "UNKNOWN_FAX_FILE",
    25: "TIFF_PAGE_ERR",
    26: "PBLACKLIST",
}
REJECTED = 98  # HTTP 400 on the job
NEVER = 99  # no report ever


class Special(Enum):
    REJECTED = REJECTED
    NEVER = NEVER


def outcome(number: str) -> str | Special:
    """The status code of a number, or what is special about it. Every number that chooses nothing is OK."""
    match = _CHOSEN.search(number)
    if match is None:
        return "OK"
    chosen = int(match[1])
    if chosen in {REJECTED, NEVER}:
        return Special(chosen)
    return OUTCOMES.get(chosen, "OK")
