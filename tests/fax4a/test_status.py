"""Status codes: the table of Fax4A."""

import re

import pytest

from gateway.fax4a.status import (
    StatusClass,
    StatusCode,
    classify,
    delivered,
    enhanced_status,
    pages_may_have_arrived,
    perhaps_delivered,
    sentence,
)

CLASSES = {
    StatusClass.DELIVERED: "OK",
    StatusClass.PERHAPS_DELIVERED: "EOD_FAILED",
    StatusClass.BUSY: "BUSY",
    StatusClass.NO_ANSWER: "RING_TO WOUT_TO",
    StatusClass.NOT_A_FAX: "NOFAX NOFAX_DIS NOFAX_TO",
    StatusClass.WRONG_NUMBER: "WRONG_NO DIAL_NC CHANGED_NO",
    StatusClass.TRANSMISSION_FAILED: (
        "NO_TRAIN PAGE_SEND_ERR PAGE_SEND_ERROR REM_DIS NO_REMOTEINFO BAD_LINES FANS_GF DIAL_GF COMERROR"
    ),
    StatusClass.DOCUMENT_AT_FAULT: "MISSING_FAX_FILE UNKNOWN_FAX_FILE TIFF_PAGE_ERR RENDERING_ERROR",
    StatusClass.NOT_DIALLED: "PBLACKLIST BLACKLIST CANCELLED",
    StatusClass.UNKNOWN: "SOMETHING_NEW ok {0}",
}
ROWS = [(code, kind) for kind, codes in CLASSES.items() for code in codes.split()]


@pytest.mark.parametrize(("code", "kind"), ROWS)
def test_a_code_has_its_class(code: str, kind: StatusClass) -> None:
    assert classify(code) is kind
    assert delivered(code) is (code == "OK")
    assert perhaps_delivered(code) is (code == "EOD_FAILED")
    english, german = sentence(code, "en"), sentence(code, "de")
    assert english != german
    assert english.endswith(".")
    assert german.endswith(".")
    assert (code in english) is (kind is StatusClass.UNKNOWN or (code == "OK" and "OK" in english))
    assert re.fullmatch(r"2\.0\.0" if code == "OK" else r"5\.\d\.\d", enhanced_status(code))


def test_no_code_is_missing_from_the_table() -> None:
    assert {code for code, kind in ROWS if kind is not StatusClass.UNKNOWN} == set(StatusCode)


def test_pages_may_lie_at_the_recipient() -> None:
    maybe = {kind for code, kind in ROWS if pages_may_have_arrived(code)}
    assert maybe == {
        StatusClass.DELIVERED,
        StatusClass.PERHAPS_DELIVERED,
        StatusClass.TRANSMISSION_FAILED,
        StatusClass.UNKNOWN,
    }
