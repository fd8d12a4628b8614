"""What a report that a data centre shows means for the jobs of the spool, without any I/O."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fax4a import FaxReport
from gateway.spool.states import State
from gateway.spool.tracked import Known
from gateway.tracking.sorting import Alarm, sort_out

A, B = "a" * 32, "b" * 32


def shown(wire_id: str, customer_id: str | None) -> FaxReport:
    reference = {"customerDefinedId": customer_id} if customer_id is not None else None
    return FaxReport.model_validate({"jobId": wire_id, "recipientStatus": [], "reference": reference})


@pytest.mark.parametrize(
    ("known", "report", "place"),
    [
        (Known(A, State.SUBMITTED, "W1"), shown("W1", A), "ours"),
        (Known(A, State.SUBMITTED, "W1"), shown("W1", None), "ours"),
        (Known(A, State.SUBMITTED, "W1"), shown("W1", "what the service made of it"), "ours"),
        (Known(A, State.IN_DOUBT, None), shown("W1", A), "ours"),
        (Known(A, State.HELD, None), shown("W1", A), "ours"),
        (Known(A, State.UNKNOWN, None), shown("W1", A), "ours"),
        (Known(A, State.UNKNOWN, "W1"), shown("W1", A), "ours"),
        (Known(A, State.PREPARED, None), shown("W1", A), "ours"),
        (Known(A, State.SUBMITTING, None), shown("W1", A), "unfiled"),
        (Known(A, State.SENT, "W1"), shown("W1", A), "stored"),
        (Known(A, State.SUBMITTED, "W1"), shown("W2", A), Alarm.FAXED_TWICE),
        (Known(A, State.SENT, "W1"), shown("W2", A), Alarm.FAXED_TWICE),
        (Known(A, State.UNKNOWN, "W1"), shown("W2", A), Alarm.FAXED_TWICE),
        (Known(A, State.EXPIRED, None), shown("W1", A), Alarm.FAXED_UNAWARES),
        (Known(A, State.CANCELLED, None), shown("W1", A), Alarm.FAXED_UNAWARES),
        (Known(A, State.SUBMITTED, "W1"), shown("W9", None), "foreign"),
        (Known(A, State.SUBMITTED, "W1"), shown("W9", "somebody else's"), "foreign"),
    ],
)
def test_each_report_has_its_place(known: Known, report: FaxReport, place: str) -> None:
    found = sort_out([report], [known])
    places: dict[str, list[FaxReport]] = {
        "ours": list(found.ours.values()),
        "stored": found.stored,
        "foreign": found.foreign,
        "unfiled": [report] * len(found.unfiled),
    }
    places |= {alert.alarm.value: [report] for alert in found.alerts}
    assert {name: reports for name, reports in places.items() if reports} == {str(place): [report]}


def test_two_reports_of_one_job_in_doubt_are_the_first_and_an_alert() -> None:
    first, second = shown("W1", A), shown("W2", A)
    found = sort_out([first, second], [Known(A, State.IN_DOUBT, None)])
    assert found.ours == {A: first}
    assert [(alert.job_id, alert.alarm, alert.detail) for alert in found.alerts] == [
        (A, Alarm.FAXED_TWICE, "second jobId W2")
    ]


def test_a_report_whose_ids_are_those_of_two_jobs_changes_neither() -> None:
    found = sort_out([shown("W2", A)], [Known(A, State.IN_DOUBT, None), Known(B, State.SUBMITTED, "W2")])
    assert (found.ours, found.foreign, found.stored) == ({}, [], [])
    assert [alert.alarm for alert in found.alerts] == [Alarm.CONTRADICTORY]
    assert found.unfiled == {A}, "the list is no proof that A never arrived"


wire_ids = st.sampled_from(["W1", "W2", "W3"])
reports = st.builds(shown, wire_ids, st.sampled_from([None, A, B, "other"]))
jobs = st.builds(Known, st.sampled_from([A, B]), st.sampled_from(State), st.none() | wire_ids)


@given(st.lists(reports, max_size=6), st.lists(jobs, max_size=2, unique_by=lambda job: job.id))
def test_a_job_never_gets_a_report_of_another_jobid_and_nothing_of_ours_is_foreign(
    listed: Sequence[FaxReport], known: Sequence[Known]
) -> None:
    found = sort_out(listed, known)
    by_id = {job.id: job for job in known}
    for job_id, report in found.ours.items():
        assert by_id[job_id].wire_id in {None, report.job_id}
    for report in found.foreign:
        assert report.reference is None or report.reference.customer_defined_id not in by_id
        assert report.job_id not in {job.wire_id for job in known}
    for report in found.stored:
        assert report.job_id in {job.wire_id for job in known}
