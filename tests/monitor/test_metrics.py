"""Counters follow the log's events, and no number, address or id becomes a label."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

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
        ({"event": "accepted", "job_of_mail": 1}, "fax_gateway_jobs_accepted_total", 1),
        ({"event": "accepted_for_postmaster"}, "fax_gateway_postmaster_mails_accepted_total", 1),
        ({"event": "mail_refused", "reply": "554 5.6.1 a.zip is ..."}, "fax_gateway_mails_refused_total 5.6.1", 1),
        ({"event": "mail_refused", "reply": "no reply"}, "fax_gateway_mails_refused_total OTHER", 1),
        ({"event": "sender_refused", "reply": "451 4.3.2 paused"}, "fax_gateway_senders_refused_total 4.3.2", 1),
        ({"event": "recipient_refused", "reply": "550 5.1.3 no"}, "fax_gateway_recipients_refused_total 5.1.3", 1),
        ({"event": "session_refused"}, "fax_gateway_sessions_refused_total", 1),
        ({"event": "login_failed"}, "fax_gateway_logins_total wrong", 1),
        ({"event": "prepared"}, "fax_gateway_jobs_prepared_total prepared", 1),
        ({"event": "submitted"}, "fax_gateway_submissions_total submitted", 1),
        ({"event": "submitted", "seconds": 0.4}, "fax_gateway_submit_seconds_sum", 0.4),
        ({"event": "in_doubt"}, "fax_gateway_submissions_total in_doubt", 1),
        ({"event": "accepted_earlier"}, "fax_gateway_submissions_total accepted_earlier", 1),
        ({"event": "request_repeated"}, "fax_gateway_submissions_total accepted_earlier", 1),
        ({"event": "probe_refused"}, "fax_gateway_submissions_total misconfigured", 1),
        ({"event": "job_held"}, "fax_gateway_submissions_total misconfigured", 1),
        ({"event": "account_paused"}, "fax_gateway_account_paused", 1),
        ({"event": "reported", "state": "sent"}, "fax_gateway_jobs_reported_total sent", 1),
        ({"event": "reported", "pages": 3}, "fax_gateway_pages_reported_total", 3),
        ({"event": "reported", "statuses": ["OK", "OK"]}, "fax_gateway_recipients_reported_total delivered OK", 2),
        ({"event": "reported", "statuses": ["NEW"]}, "fax_gateway_recipients_reported_total unknown OTHER", 1),
        ({"event": "reported", "seconds": 90.5}, "fax_gateway_reporting_seconds_sum", 90.5),
        ({"event": "reported", "lag_s": 2.5}, "fax_gateway_report_lag_seconds_sum", 2.5),
        ({"event": "deadline", "became": "expired"}, "fax_gateway_deadlines_total expired", 1),
        ({"event": "word_sent", "word": "doubt"}, "fax_gateway_words_total doubt sent", 1),
        ({"event": "word_refused", "word": "failed"}, "fax_gateway_words_total failed refused", 1),
        (
            {"event": "converted", "task": "convert", "kind": "office", "faulty": False},
            "fax_gateway_conversions_total convert office done",
            1,
        ),
        ({"event": "converted", "task": "inspect", "seconds": 0.2}, "fax_gateway_conversion_seconds_sum inspect", 0.2),
        (
            {"event": "converter_failed", "task": "inspect", "kind": "pdf"},
            "fax_gateway_conversions_total inspect pdf failed",
            1,
        ),
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


def test_a_mail_of_several_jobs_is_one_mail() -> None:
    found = counted(*({"event": "accepted", "job_of_mail": nth, "bytes": 2000} for nth in (1, 2)))
    assert found["fax_gateway_mails_accepted_total first"] == 1
    assert found["fax_gateway_mail_bytes_sum"] == 2000
    assert found["fax_gateway_jobs_accepted_total"] == 2


def test_a_series_is_there_before_the_first_of_its_kind() -> None:
    """Prometheus sees no increase in one that begins with 1, and the first second fax is an alert."""
    text = generate_latest(Metrics().registry).decode()
    for alert in ALERTS:
        assert f'fax_gateway_alerts_total{{alert="{alert}"}} 0.0' in text
    assert 'fax_gateway_words_total{outcome="refused",word="doubt"} 0.0' in text
    assert 'fax_gateway_jobs_reported_total{state="sent"} 0.0' in text


def test_a_data_centre_is_available_until_it_is_not() -> None:
    metrics = Metrics()
    metrics.expect_datacenters(["dc1", "dc2"])
    metrics.count({"event": "datacenter_unavailable", "datacenter": "dc2"})
    text = generate_latest(metrics.registry).decode()
    assert 'fax_gateway_datacenter_available{datacenter="dc1"} 1.0' in text
    assert 'fax_gateway_datacenter_available{datacenter="dc2"} 0.0' in text


PRIVATE = ("+4989123456", "jana@example.com", "ab" * 16)
FACTS = ("reply", "error", "to", "state", "kind", "task", "became", "word", "datacenter", "job_id", "recipients")


@given(
    st.sampled_from(sorted(Metrics().counted)),
    st.sampled_from(PRIVATE),
    st.sampled_from(["{}", "554 {}", "{} 5.6.0", "554 5.6.0 {}"]),
)
def test_no_private_fact_becomes_a_label(event: str, private: str, form: str) -> None:
    """Whatever a fact of an event holds."""
    text = form.format(private)
    samples = counted({"event": event, "statuses": [text]} | dict.fromkeys(FACTS, text))
    assert not any(private in sample for sample in samples)
