"""Counters follow the log's events, and no number, address or id becomes a label."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.monitor.metrics import ALERTS, Metrics


def counted(*events: dict[str, Any]) -> dict[str, float]:
    """Every sample that is not zero, by its name and labels."""
    metrics = Metrics()
    for event in events:
        metrics.count(event)
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.value and sample.name.startswith("fax_gateway") and not sample.name.endswith(("_created", "_bucket"))
    }


@pytest.mark.parametrize(
    ("event", "sample", "value"),
    [
        ({"event": "accepted", "repeated": False, "bytes": 2000}, "fax_gateway_mails_accepted_total first", 1),
        ({"event": "accepted", "repeated": True, "bytes": 2000}, "fax_gateway_mails_accepted_total repeated", 1),
        ({"event": "accepted", "bytes": 2000}, "fax_gateway_mail_bytes_sum", 2000),
        ({"event": "mail_refused", "reply": "554 5.6.1 a.zip is ..."}, "fax_gateway_mails_refused_total 5.6.1", 1),
        ({"event": "recipient_refused", "reply": "550 5.1.3 no"}, "fax_gateway_recipients_refused_total 5.1.3", 1),
        ({"event": "session_refused"}, "fax_gateway_sessions_refused_total", 1),
        ({"event": "login_failed"}, "fax_gateway_logins_total wrong", 1),
        ({"event": "prepared"}, "fax_gateway_jobs_prepared_total prepared", 1),
        ({"event": "submitted"}, "fax_gateway_submissions_total submitted", 1),
        ({"event": "submitted", "seconds": 0.4}, "fax_gateway_submit_seconds_sum", 0.4),
        ({"event": "in_doubt"}, "fax_gateway_submissions_total in_doubt", 1),
        ({"event": "account_paused"}, "fax_gateway_account_paused", 1),
        ({"event": "reported", "state": "sent"}, "fax_gateway_jobs_reported_total sent", 1),
        ({"event": "reported", "pages": 3}, "fax_gateway_pages_reported_total", 3),
        ({"event": "reported", "statuses": ["OK", "OK"]}, "fax_gateway_recipients_reported_total OK", 2),
        ({"event": "reported", "statuses": ["NEW ONE"]}, "fax_gateway_recipients_reported_total OTHER", 1),
        ({"event": "deadline", "became": "expired"}, "fax_gateway_deadlines_total expired", 1),
        ({"event": "word_sent"}, "fax_gateway_words_total sent", 1),
        ({"event": "converter_failed", "kind": "pdf"}, "fax_gateway_converter_failures_total pdf", 1),
        ({"event": "datacenter_unavailable", "datacenter": "dc1"}, "fax_gateway_datacenter_failures_total dc1", 1),
        ({"event": "certificate_not_reloaded"}, "fax_gateway_reload_failed", 1),
    ],
)
def test_an_event_counts(event: dict[str, Any], sample: str, value: float) -> None:
    assert counted(event)[sample] == value


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_counts_under_its_name(alert: str) -> None:
    assert counted({"event": alert})[f"fax_gateway_alerts_total {alert}"] == 1


def test_what_is_over_is_over() -> None:
    assert "fax_gateway_account_paused" not in counted({"event": "account_paused"}, {"event": "account_resumed"})


def test_an_event_that_nobody_counts_is_nothing() -> None:
    assert counted({"event": "listening"}, {"no": "event"}) == counted()


PRIVATE = "+4989123456 jana@example.com " + "ab" * 16


@given(
    st.sampled_from(sorted(Metrics()._counts)), st.dictionaries(st.sampled_from(["reply", "error", "to"]), st.text())
)
def test_no_private_fact_becomes_a_label(event: str, facts: dict[str, str]) -> None:
    said = {"job_id": PRIVATE, "to": PRIVATE, "sender": PRIVATE, "client": PRIVATE, "recipients": [PRIVATE]}
    samples = counted(said | {"event": event} | {key: PRIVATE for key in facts if key != "reply"})
    assert not any(word in sample for sample in samples for word in PRIVATE.split())
