"""What Prometheus sees of a daemon that has faxed."""

import json
import smtplib
import subprocess
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.living.process import PATIENCE


def metrics_of(running: Any) -> str:
    address = running.daemon.wait_for("metrics_listening")["address"]
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def test_a_fax_is_counted_at_every_stage_and_named_at_none(running: Any, a_mail: Callable[..., EmailMessage]) -> None:
    job_id = running.send(a_mail())
    running.daemon.wait_for("reported", job_id=job_id)
    with pytest.raises(smtplib.SMTPDataError):
        running.send(b"Subject: nothing\r\n\r\n \r\n")
    text = metrics_of(running)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    for sample in (
        ("fax_gateway_mails_accepted_total", "first"),
        ("fax_gateway_mails_refused_total", "5.6.0"),
        ("fax_gateway_jobs_prepared_total", "prepared"),
        ("fax_gateway_submissions_total", "submitted"),
        ("fax_gateway_jobs_reported_total", "sent"),
        ("fax_gateway_recipients_reported_total", "OK"),
        ("fax_gateway_jobs", "sent"),
    ):
        assert found[sample] == 1, sample
    assert found["fax_gateway_pages_reported_total",] == 3
    for private in ("89123456", "example.com", job_id):
        assert private not in text


def test_promtool_finds_nothing_to_complain_of(
    running: Any, a_mail: Callable[..., EmailMessage], need: Callable[[str], str]
) -> None:
    promtool = need("promtool")
    running.daemon.wait_for("reported", job_id=running.send(a_mail()))
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=metrics_of(running),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_log_line_says_where_the_metrics_are(running: Any) -> None:
    event = running.daemon.wait_for("metrics_listening")
    assert json.dumps(event["address"]).startswith('"127.0.0.1:')
