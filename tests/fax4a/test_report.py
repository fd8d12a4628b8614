"""Reports are read tolerantly: a strange field must not cost the outcome beside it (Fax4A, FaxReport)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.fax4a import FaxReport, JobDeleteReport
from gateway.fax4a.report import read_reports

WHOLE = {
    "jobId": "FJJ66GHGX105ZZBIELVCN1",
    "recipientStatus": [
        {
            "number": "+4989123456",
            "properties": [{"key": "name", "value": "Erika"}],
            "status": "OK",
            "reason": "simulated",
            "sentTs": "2026-11-23T09:30:00Z",
            "durationInSecs": 42,
            "sentToNumber": "+4989123456",
            "remoteCsid": "+49 89 123456",
        }
    ],
    "pages": 3,
    "reference": {"customerDefinedId": "abc", "billingCode": "b", "billingInfo": "i"},
}


def test_every_field_of_the_contract() -> None:
    report = FaxReport.model_validate(WHOLE)
    (recipient,) = report.recipient_status
    assert (report.job_id, report.pages) == ("FJJ66GHGX105ZZBIELVCN1", 3)
    assert report.reference is not None
    assert report.reference.customer_defined_id == "abc"
    assert (recipient.number, recipient.status, recipient.reason) == ("+4989123456", "OK", "simulated")
    assert recipient.sent_ts == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert (recipient.duration_in_secs, recipient.remote_csid) == (42, "+49 89 123456")
    assert recipient.properties is not None
    assert recipient.properties[0].value == "Erika"


ODD: list[dict[str, Any]] = [
    {"status": "BRAND_NEW_CODE"},
    {"status": "OK", "sentTs": "yesterday", "durationInSecs": "long", "remoteCsid": 7},
    {"status": "OK", "properties": None, "reason": None, "later": {"added": True}},
    {"status": "OK", "properties": [{"key": "name"}, "x"]},
]


@pytest.mark.parametrize("odd", ODD)
def test_strange_fields_leave_the_status_alone(odd: dict[str, Any]) -> None:
    report = FaxReport.model_validate({"jobId": "J", "recipientStatus": [{"number": "+1", **odd}], "reference": "x"})
    assert report.recipient_status[0].status == odd["status"]
    assert report.recipient_status[0].sent_ts is None
    assert report.pages is None
    assert report.reference is None


def test_without_its_key_it_is_no_report() -> None:
    with pytest.raises(ValidationError):
        FaxReport.model_validate({"pages": 1})


@pytest.mark.parametrize(
    ("wire", "gone"),
    [
        ({"jobId": "J"}, True),
        ({"jobId": "J", "deleted": True}, True),
        ({"jobId": "J", "deleted": False, "reason": "NOT_FOUND"}, True),
        ({"jobId": "J", "deleted": False, "reason": "INTERNAL_ERROR"}, False),
        ({"jobId": "J", "deleted": False}, False),
    ],
)
def test_a_deletion_is_done_when_nothing_is_left(wire: dict[str, Any], gone: bool) -> None:
    assert JobDeleteReport.model_validate(wire).gone is gone


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WHOLE, "number", "status"]), inner),
    max_leaves=10,
)


@given(st.lists(JSON, max_size=3))
def test_no_entry_breaks_the_list(entries: list[Any]) -> None:
    reports, broken = read_reports({"reports": entries})
    assert len(reports.reports) + broken == len(entries)


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("sentTs", "2026-11-23T09:30:00", None),  # no zone: no moment
        ("sentTs", "0001-01-01T00:00:00+14:00", None),  # before the first year of any calendar
        ("durationInSecs", 2**70, None),
        ("reason", "\ud800", "?"),
        ("remoteCsid", "a\udfffb", "a?b"),
    ],
)
def test_what_no_database_can_hold_does_not_come_in(field: str, value: object, read: object) -> None:
    recipient = {"number": "+4989123456", "status": "OK", field: value}
    reports, unreadable = read_reports({"reports": [{"jobId": "FJJ1", "recipientStatus": [recipient]}]})
    assert unreadable == 0
    (found,) = reports.reports[0].recipient_status
    attribute = {"sentTs": "sent_ts", "durationInSecs": "duration_in_secs", "remoteCsid": "remote_csid"}.get(
        field, field
    )
    assert getattr(found, attribute) == read
