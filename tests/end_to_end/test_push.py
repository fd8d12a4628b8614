"""DESIGN §3.3, §3.4: the service pushes its reports, and polling finds those that get lost."""

import base64
import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest

from tests.living.process import free_port

Mails = Callable[..., EmailMessage]
HIDDEN = 600  # seconds: only a push can bring a report then


@contextmanager
def pushing(gateway: Any, more: str = "", **settings: Any) -> Iterator[int]:
    """The running gateway with `[push]`; gives the port where it takes pushes."""
    port = free_port()
    push = f'[push]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"\n'
    gateway.configure(push + more)
    gateway.sandbox.start()
    gateway.put("/_sandbox/settings", {"push_body": "json"} | settings)
    gateway.daemon.start()
    try:
        yield port
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()


def post(port: int, path: str, body: bytes = b"{}", method: str = "POST", **headers: str) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.getheaders())
    finally:
        connection.close()


def asked_for(job: dict[str, Any]) -> dict[str, Any]:
    push: dict[str, Any] = job["request"]["statusReportOptions"]["httpStatusPush"]
    return push


def path_of(job: dict[str, Any], port: int) -> str:
    return str(asked_for(job)["targetUrl"]).removeprefix(f"http://127.0.0.1:{port}")


def wait_for_sandbox(gateway: Any, event: str, count: int = 1) -> None:
    deadline = time.monotonic() + 30
    while gateway.sandbox.count(event) < count:
        assert time.monotonic() < deadline, gateway.sandbox.events
        time.sleep(0.05)


@pytest.mark.parametrize(("auth", "body"), [("none", "xml"), ("basic", "json"), ("digest", "xml")])
def test_a_push_ends_its_job_before_any_look(gateway: Any, a_mail: Mails, auth: str, body: str) -> None:
    login = "" if auth == "none" else f'auth = "{auth}"\nusername = "retarus"\npassword = "what a secret"\n'
    with pushing(gateway, login, push_body=body):
        gateway.put("/_sandbox/faults", {"report_404_for": HIDDEN})
        job_id = gateway.send(a_mail(), "+4989123456@fax.local", "+4989990001@fax.local")
        reported = gateway.daemon.wait_for("reported", job_id=job_id)
        assert reported["by"] == "push"
        assert (reported["state"], reported["pages"], reported["statuses"]) == ("partly_sent", 3, ["OK", "BUSY"])
        (job,) = gateway.jobs()
        methods = {"none": None, "basic": "HTTP_BASIC", "digest": "HTTP_DIGEST"}
        assert asked_for(job).get("authMethod") == methods[auth]
        wait_for_sandbox(gateway, "push_answered")
        assert gateway.sandbox.count("push_failed") == 0
        assert [each["status"] for each in gateway.sandbox.events if each["event"] == "push_answered"] == [204]
        assert gateway.daemon.count("push_refused") == (auth == "digest")  # its challenge


def test_a_lost_push_is_found_by_polling(gateway: Any, a_mail: Mails) -> None:
    with pushing(gateway):
        gateway.put("/_sandbox/faults", {"lose_push": 1})
        job_id = gateway.send(a_mail())
        assert gateway.daemon.wait_for("reported", job_id=job_id)["by"] == "look"
        assert gateway.sandbox.count("push_lost") == 1


def test_a_doubled_push_changes_nothing(gateway: Any, a_mail: Mails) -> None:
    with pushing(gateway):
        gateway.put("/_sandbox/faults", {"double_push": 1})
        job_id = gateway.send(a_mail())
        gateway.daemon.wait_for("reported", job_id=job_id)
        wait_for_sandbox(gateway, "push_answered", 2)
        statuses = [each["status"] for each in gateway.sandbox.events if each["event"] == "push_answered"]
        assert statuses[-1] == 204
        assert gateway.daemon.count("reported") == 1
        assert not {"faxed_twice", "report_contradictory", "push_broken"} & {e["event"] for e in gateway.daemon.events}


def test_a_job_in_doubt_is_found_by_its_push(gateway: Any, a_mail: Mails) -> None:
    with pushing(gateway):
        gateway.put("/_sandbox/faults", {"drop_after_accept": {"count": 1}, "report_404_for": HIDDEN})
        job_id = gateway.send(a_mail())
        gateway.daemon.wait_for("in_doubt", job_id=job_id)
        reported = gateway.daemon.wait_for("reported", job_id=job_id)
        assert (reported["by"], reported["state"]) == ("push", "sent")
        assert len(gateway.jobs()) == 1


def test_what_was_pushed_is_deleted_at_the_data_centres(gateway: Any, a_mail: Mails) -> None:
    with pushing(gateway):
        gateway.send(a_mail())
        deadline = time.monotonic() + 30
        while not all(job["state"] == "deleted" for job in gateway.jobs()):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_nobody_else_is_listened_to(gateway: Any, a_mail: Mails) -> None:
    with pushing(gateway, 'auth = "basic"\nusername = "retarus"\npassword = "secret"\n') as port:
        gateway.put("/_sandbox/faults", {"lose_push": 1, "report_404_for": HIDDEN})
        first = gateway.send(a_mail(), "+4989123456@fax.local")
        second = gateway.send(a_mail(), "+4989123457@fax.local")
        for job_id in (first, second):
            gateway.daemon.wait_for("submitted", job_id=job_id)
        jobs = {job["request"]["reference"]["customerDefinedId"]: job for job in gateway.jobs()}
        mine, others = path_of(jobs[first], port), path_of(jobs[second], port)
        body = {"jobId": jobs[first]["jobId"], "recipientStatus": [{"number": "+4989123456", "status": "OK"}]}
        good = json.dumps(body).encode()

        forged = mine[:-1] + ("A" if mine[-1] != "A" else "Q")
        swapped = f"/push/{second}.{mine.rpartition('.')[2]}"
        login = {"Authorization": "Basic " + base64.b64encode(b"retarus:secret").decode()}
        for path in (forged, swapped, "/push/", f"/push/{first}", "/push", "/", "/metrics", f"{mine}/"):
            status, headers = post(port, path, good, **login)
            assert (path, status) == (path, 404)
            assert "Server" not in headers
        for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS"):
            assert post(port, mine, good, method, **login)[0] == 404
        wrong = base64.b64encode(b"retarus:wrong").decode()
        for none_of_ours in ({}, {"Authorization": f"Basic {wrong}"}, {"Authorization": "Bearer secret"}):
            status, headers = post(port, mine, good, **none_of_ours)
            assert (status, headers["WWW-Authenticate"][:5]) == (401, "Basic")
        assert post(port, others, good, **login)[0] == 409  # the token chooses the job
        gateway.daemon.wait_for("report_contradictory", job_id=second)
        dtd = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><faxJobReport>&x;</faxJobReport>'
        assert post(port, mine, dtd, **login)[0] == 400
        assert post(port, mine, b"{}", **login)[0] == 400
        assert post(port, mine, b" " * 1_100_000, **login)[0] == 413
        assert gateway.daemon.count("reported") == 0

        status, headers = post(port, mine, good, **login)
        assert (status, "Server" in headers) == (204, False)
        assert gateway.daemon.wait_for("reported", job_id=first)["by"] == "push"
        assert gateway.daemon.count("reported") == 1


def test_tokens_outlive_a_restart(gateway: Any, a_mail: Mails) -> None:
    with pushing(gateway) as port:
        gateway.put("/_sandbox/faults", {"lose_push": 1, "report_404_for": HIDDEN})
        job_id = gateway.send(a_mail())
        gateway.daemon.wait_for("submitted", job_id=job_id)
        gateway.daemon.stop()
        gateway.daemon.start()
        (job,) = gateway.jobs()
        body = {"jobId": job["jobId"], "recipientStatus": [{"number": "+4989123456", "status": "OK"}]}
        assert post(port, path_of(job, port), json.dumps(body).encode())[0] == 204
        gateway.daemon.wait_for("reported", job_id=job_id)


def test_an_address_that_is_taken_leaves_polling(gateway: Any, a_mail: Mails) -> None:
    taken = gateway.api_port
    gateway.configure(f'[push]\nlisten = "127.0.0.1:{taken}"\npublic_url = "http://127.0.0.1:{taken}"\n')
    gateway.sandbox.start()
    gateway.daemon.start()
    try:
        gateway.daemon.wait_for("push_not_listening")
        job_id = gateway.send(a_mail())
        assert gateway.daemon.wait_for("reported", job_id=job_id)["by"] == "look"
        assert "httpStatusPush" not in gateway.jobs()[0]["request"]["statusReportOptions"]
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()
