"""Reports are asked for and deleted at every data centre, never at HA: its answers are inconsistent (Fax4A)."""

import json
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

pytestmark = pytest.mark.undrawn

PATIENCE = 30  # seconds


def wait_until_deleted(running: Any) -> list[dict[str, Any]]:
    """The sandbox's jobs, as soon as all their reports were read and deleted."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        jobs: list[dict[str, Any]] = running.jobs()
        if all(job["state"] == "deleted" for job in jobs):
            return jobs
        time.sleep(0.05)
    raise AssertionError(f"reports are left: {[(job['jobId'], job['dc'], job['state']) for job in running.jobs()]}")


def test_no_report_query_ever_goes_to_ha(running: Any, a_mail: Callable[..., EmailMessage]) -> None:
    sent = [running.send(a_mail(), f"{number}@fax.local") for number in ("+4989123456", "+4989990001", "+4989990005")]
    for job_id in sent:
        running.daemon.wait_for("reported", job_id=job_id)
    # One whose answer was lost has no jobId: it is looked for in the lists.
    running.put("/_sandbox/faults", {"drop_after_accept": {"count": 1}})
    lost = running.send(a_mail())
    running.daemon.wait_for("in_doubt", job_id=lost)
    running.daemon.wait_for("reported", job_id=lost)
    jobs = wait_until_deleted(running)
    assert len(jobs) == 4

    access = json.loads(running.get("/_sandbox/access"))
    at_ha = [line for line in access if line["base"] == "ha"]
    assert [(line["method"], line["path"]) for line in at_ha] == [("POST", "/ha/rest/v1/99999/fax")] * 4
    queries = [line for line in access if "/fax/reports" in line["path"]]
    assert {line["base"] for line in queries} == {"dc1", "dc2"}
    by_method = {(line["base"], line["method"]) for line in queries}
    assert by_method >= {(base, method) for base in ("dc1", "dc2") for method in ("GET", "POST")}
    assert {line["status"] for line in queries} == {200}
