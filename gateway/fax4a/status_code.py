"""Recipient status codes and their classes (Fax4A).

Each is final: the service has already dialled up to ten times. A code that isn't listed is a failure, shown as it came.
"""

from enum import StrEnum
from typing import assert_never


class StatusCode(StrEnum):
    OK = "OK"
    EOD_FAILED = "EOD_FAILED"
    BUSY = "BUSY"
    RING_TO = "RING_TO"
    WOUT_TO = "WOUT_TO"
    NOFAX = "NOFAX"
    NOFAX_DIS = "NOFAX_DIS"
    NOFAX_TO = "NOFAX_TO"
    WRONG_NO = "WRONG_NO"
    DIAL_NC = "DIAL_NC"
    CHANGED_NO = "CHANGED_NO"
    NO_TRAIN = "NO_TRAIN"
    PAGE_SEND_ERR = "PAGE_SEND_ERR"
    PAGE_SEND_ERROR = "PAGE_SEND_ERROR"
    REM_DIS = "REM_DIS"
    NO_REMOTEINFO = "NO_REMOTEINFO"
    BAD_LINES = "BAD_LINES"
    FANS_GF = "FANS_GF"
    DIAL_GF = "DIAL_GF"
    COMERROR = "COMERROR"
    MISSING_FAX_FILE = "MISSING_FAX_FILE"
    UNKNOWN_FAX_FILE = "UNKNOWN_FAX_FILE"
    TIFF_PAGE_ERR = "TIFF_PAGE_ERR"
    RENDERING_ERROR = "RENDERING_ERROR"
    PBLACKLIST = "PBLACKLIST"
    BLACKLIST = "BLACKLIST"
    CANCELLED = "CANCELLED"


class StatusClass(StrEnum):
    DELIVERED = "delivered"
    PERHAPS_DELIVERED = "perhaps_delivered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NOT_A_FAX = "not_a_fax"
    WRONG_NUMBER = "wrong_number"
    TRANSMISSION_FAILED = "transmission_failed"
    DOCUMENT_AT_FAULT = "document_at_fault"
    NOT_DIALLED = "not_dialled"
    UNKNOWN = "unknown"


def classify(code: str) -> StatusClass:
    """The class of a code as it stands on the wire; UNKNOWN for what isn't listed."""
    try:
        known = StatusCode(code)
    except ValueError:
        return StatusClass.UNKNOWN
    return _class_of(known)


def _class_of(code: StatusCode) -> StatusClass:  # noqa: PLR0911 - one return a class
    match code:
        case StatusCode.OK:
            return StatusClass.DELIVERED
        case StatusCode.EOD_FAILED:
            return StatusClass.PERHAPS_DELIVERED
        case StatusCode.BUSY:
            return StatusClass.BUSY
        case StatusCode.RING_TO | StatusCode.WOUT_TO:
            return StatusClass.NO_ANSWER
        case StatusCode.NOFAX | StatusCode.NOFAX_DIS | StatusCode.NOFAX_TO:
            return StatusClass.NOT_A_FAX
        case StatusCode.WRONG_NO | StatusCode.DIAL_NC | StatusCode.CHANGED_NO:
            return StatusClass.WRONG_NUMBER
        case (
            StatusCode.NO_TRAIN
            | StatusCode.PAGE_SEND_ERR
            | StatusCode.PAGE_SEND_ERROR
            | StatusCode.REM_DIS
            | StatusCode.NO_REMOTEINFO
            | StatusCode.BAD_LINES
            | StatusCode.FANS_GF
            | StatusCode.DIAL_GF
            | StatusCode.COMERROR
        ):
            return StatusClass.TRANSMISSION_FAILED
        case (
            StatusCode.MISSING_FAX_FILE
            | StatusCode.UNKNOWN_FAX_FILE
            | StatusCode.TIFF_PAGE_ERR
            | StatusCode.RENDERING_ERROR
        ):
            return StatusClass.DOCUMENT_AT_FAULT
        case StatusCode.PBLACKLIST | StatusCode.BLACKLIST | StatusCode.CANCELLED:
            return StatusClass.NOT_DIALLED
        case _:
            assert_never(code)
