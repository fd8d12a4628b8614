"""What Prometheus sees of a daemon that has faxed."""

import json
import re
import smtplib
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.living.process import PATIENCE

MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"


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
        ("fax_gateway_recipients_reported_total", "OK", "delivered"),
        ("fax_gateway_reporting_seconds_count",),
        ("fax_gateway_report_lag_seconds_count",),
        ("fax_gateway_jobs", "sent"),
    ):
        assert found[sample] == 1, sample
    assert found["fax_gateway_pages_reported_total",] == 3
    for private in ("89123456", "example.com", job_id):
        assert private not in text


# Every label of ours, and what it may hold: none has room for a number, an address or an id.
LABELS = {
    "version": r"\d+\.\d+\.\d+\w*",
    "handover": "first|repeated",
    "code": r"[245]\.\d\.\d{1,2}",
    "outcome": "[a-z_]{4,20}",
    "task": "[a-z_]{4,20}",
    "kind": "[a-z]{3,12}",
    "state": "[a-z_]{4,12}",
    "status_class": "[a-z_]{4,20}",
    "status": "[A-Z_]{2,20}",
    "datacenter": "dc1|dc2",
    "activity": "accept|submit",
    "event": "[a-z_]{7,15}",
    "word": "[a-z]{5,12}",
    "alert": "[a-z_]{6,25}",
    "place": "spool|content",
    "listener": "smtp|smtp_legacy_tls|submission|submission_tls",
    "le": r"\+Inf|[0-9.e+]+",
}


def test_no_label_has_room_for_a_number_an_address_or_an_id(running: Any, a_mail: Callable[..., EmailMessage]) -> None:
    """Over all labels of a daemon that has seen a fax, one that failed, refusals and a stranger."""
    running.daemon.wait_for("reported", job_id=running.send(a_mail()))
    running.daemon.wait_for(
        "reported", job_id=running.send(a_mail(), "+49899900010@fax.local", "+49899900013@fax.local")
    )
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        running.send(a_mail(), "jana@fax.local")
    with pytest.raises(smtplib.SMTPDataError):
        running.send(b"Subject: nothing\r\n\r\n \r\n")
    broken = a_mail()
    (document,) = broken.iter_attachments()
    document.set_content(b"%PDF-1.7 and no more", maintype="application", subtype="pdf", filename="Angebot.pdf")
    with pytest.raises(smtplib.SMTPDataError):
        running.send(broken)
    seen = set()
    for family in text_string_to_metric_families(metrics_of(running)):
        for sample in family.samples:
            if sample.name.startswith("fax_gateway_"):
                seen |= set(sample.labels)
                for label, value in sample.labels.items():
                    assert re.fullmatch(LABELS[label], value), sample
    assert set(LABELS) - seen <= {"listener"}


def test_rules_and_dashboard_find_their_metrics_where_a_log_line_says_that_they_are(running: Any) -> None:
    assert running.daemon.wait_for("metrics_listening")["address"].startswith("127.0.0.1:")
    shown = set(re.findall(r"(?m)^# TYPE (fax_gateway_\w+) ", metrics_of(running)))
    used = set()
    for name in ("fax-gateway.rules.yml", "fax-gateway.dashboard.json"):
        text = (MONITORING / name).read_text("utf-8")
        used |= {re.sub(r"_(bucket|sum|count)$", "", each) for each in re.findall(r"fax_gateway_[a-z_]+", text)}
    assert used <= shown


PROMETHEUS = """\
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [{rules}]
scrape_configs:
  - job_name: fax-gateway
    static_configs: [{{ targets: ["{daemon}"] }}]
"""


@pytest.mark.once
def test_prometheus_scrapes_it_and_its_rules_load(
    running: Any,
    a_mail: Callable[..., EmailMessage],
    need: Callable[[str], str],
    free_ports: Callable[[int], list[int]],
    tmp_path: Path,
) -> None:
    program, (port,) = need("prometheus"), free_ports(1)
    daemon = running.daemon.wait_for("metrics_listening")["address"]
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(PROMETHEUS.format(rules=MONITORING / "fax-gateway.rules.yml", daemon=daemon))
    running.daemon.wait_for("reported", job_id=running.send(a_mail()))
    command = [program, f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path / 'tsdb'}"]
    with (tmp_path / "prometheus.log").open("wb") as log:
        prometheus = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        asked = f"http://127.0.0.1:{port}/api/v1"
        query = f"{asked}/query?query=fax_gateway_jobs_reported_total%7Bstate%3D%22sent%22%7D"
        (sample,) = wait_until(lambda: answer_of(query)["result"])
        assert sample["value"][1] == "1"
        (target,) = answer_of(f"{asked}/targets")["activeTargets"]
        assert (target["health"], target["lastError"]) == ("up", "")
        (group,) = wait_until(lambda: [each for each in answer_of(f"{asked}/rules")["groups"] if each["rules"]])
        wait_until(lambda: all(rule["health"] == "ok" for rule in answer_of(f"{asked}/rules")["groups"][0]["rules"]))
        assert len(group["rules"]) == (MONITORING / "fax-gateway.rules.yml").read_text().count("- alert:")
        firing = [each for each in answer_of(f"{asked}/alerts")["alerts"] if each["state"] == "firing"]
        assert firing == []
    finally:
        prometheus.terminate()
        prometheus.wait(PATIENCE)


def answer_of(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return json.load(answer)["data"]


def wait_until(found: Callable[[], Any]) -> Any:
    """What is found, once it is there; Prometheus takes a second or two to begin."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError):
            if result := found():
                return result
        time.sleep(0.1)
    pytest.fail("Prometheus has not found it in time")


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
