"""The table of docs/architecture.md, "Answers to a send", row by row."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fax4a import Accepted, AcceptedEarlier, Misconfigured, NotArrived, PerhapsArrived, Rejected
from gateway.fax4a.outcome import Phase, message_of, outcome_of_answer, outcome_of_error, retry_after

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
JOB = b'{"jobId": "FJJ66GHGX105ZZBIELVCN1"}'

STATUSES: dict[type[Any], list[int]] = {
    NotArrived: [429, 503],
    Misconfigured: [401, 403, 404, 405, 407],
    AcceptedEarlier: [409],
    Rejected: [400, 402, 406, 410, 411, 413, 414, 415, 418, 421, 422, 426, 431, 451, 499],
    PerhapsArrived: [100, 200, 201, 204, 300, 301, 302, 303, 307, 308, 408, 500, 501, 502, 504, 507, 520, 599],
}


@pytest.mark.parametrize(("expected", "status"), [(kind, each) for kind, all_of in STATUSES.items() for each in all_of])
def test_a_status_without_a_readable_body(expected: type[Any], status: int) -> None:
    assert isinstance(outcome_of_answer(status, {}, b"", now=NOW), expected)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_job_id_is_the_receipt(status: int) -> None:
    assert outcome_of_answer(status, {}, JOB, now=NOW) == Accepted("FJJ66GHGX105ZZBIELVCN1")


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"jobId": ""}', b'{"jobId": 7}', b'{"jobId": "A', b"\xff", b"<p>ok"])
def test_a_success_without_a_receipt_is_a_doubt(body: bytes) -> None:
    assert isinstance(outcome_of_answer(200, {}, body, now=NOW), PerhapsArrived)


@pytest.mark.parametrize("status", [302, 408, 500, 502, 520])
def test_before_the_body_is_out_no_error_means_arrival(status: int) -> None:
    assert isinstance(outcome_of_answer(status, {}, b"", now=NOW, phase=Phase.SENDING), NotArrived)


@given(st.integers(200, 599), st.binary(max_size=50))
def test_every_answer_has_an_outcome(status: int, body: bytes) -> None:
    outcome_of_answer(status, {}, body, now=NOW)


@pytest.mark.parametrize(
    ("phase", "expected"),
    [(Phase.CONNECTING, NotArrived), (Phase.SENDING, NotArrived), (Phase.SENT, PerhapsArrived)],
)
def test_an_error_means_what_its_phase_says(phase: Phase, expected: type[Any]) -> None:
    for error in (aiohttp.ServerDisconnectedError(), TimeoutError(), OSError("broken"), RuntimeError("odd")):
        assert isinstance(outcome_of_error(error, phase, now=NOW), expected)


@pytest.mark.parametrize(("status", "expected"), [(407, Misconfigured), (403, NotArrived), (502, NotArrived)])
def test_a_proxy_that_refuses_connect(status: int, expected: type[Any]) -> None:
    error = aiohttp.ClientHttpProxyError(Mock(), (), status=status, message="no")
    assert isinstance(outcome_of_error(error, Phase.CONNECTING, now=NOW), expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(seconds=120)),
        ("Mon, 23 Nov 2026 09:31:00 GMT", timedelta(seconds=60)),
        ("Mon, 23 Nov 2026 09:00:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("999999999", timedelta(days=1)),
    ],
)
def test_retry_after(value: str, expected: timedelta | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == expected
    assert outcome_of_answer(503, {"retry-after": value}, b"", now=NOW) == NotArrived("503", expected)


def test_the_services_words_are_one_short_line() -> None:
    assert message_of(b'{"code": 400, "message": "Validation\\nfailed"}') == "Validation failed"
    assert message_of(b"<html>\r\n bad gateway") == "<html> bad gateway"
    assert len(message_of(b"x" * 100_000)) == 500
