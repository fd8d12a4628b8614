"""`fax-gateway pause` beside a daemon that runs: heeded within two seconds, kept over a restart, ended by `resume`."""

import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from tests.living.process import PATIENCE

pytestmark = pytest.mark.undrawn

HEEDED_WITHIN = 2.0  # seconds


def operate(gateway: Any, *words: str) -> None:
    done = gateway.type(*words)
    assert (done.returncode, done.stderr) == (0, "")  # a daemon has the spool


def readiness(gateway: Any) -> tuple[int, str]:
    address = gateway.daemon.wait_for("metrics_listening")["address"]
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def answer_to_mail(gateway: Any) -> str:
    with smtplib.SMTP("127.0.0.1", gateway.smtp_port, timeout=PATIENCE) as client:
        client.ehlo("client.example.com")
        code, text = client.mail("jana@example.com")
        return f"{code} {text.decode()}"


def test_mail_is_refused_within_two_seconds_and_taken_again(running: Any, a_mail: Callable[..., EmailMessage]) -> None:
    operate(running, "pause", "accept")
    paused_at = time.monotonic()
    running.daemon.wait_for("paused", activity="accept")
    assert time.monotonic() - paused_at < HEEDED_WITHIN
    assert answer_to_mail(running).startswith("451 4.3.2 ")
    status, reason = readiness(running)
    assert status == 503
    assert reason.startswith("paused: accept is paused by operator ")
    operate(running, "resume", "accept")
    running.daemon.wait_for("resumed", activity="accept")
    assert readiness(running) == (200, "ready\n")
    running.send(a_mail())
    running.wait_for_job()


def test_no_fax_is_submitted_over_a_restart_until_it_is_resumed(
    running: Any, a_mail: Callable[..., EmailMessage]
) -> None:
    operate(running, "pause", "submit")
    job_id = running.send(a_mail())  # mail is taken all the same
    running.daemon.wait_for("prepared", job_id=job_id)
    time.sleep(1)
    assert running.jobs() == []
    assert running.daemon.stop() == 0
    running.daemon.start()
    running.daemon.wait_for("paused", activity="submit")
    time.sleep(1)
    assert running.jobs() == []
    operate(running, "resume")
    resumed_at = time.monotonic()
    assert running.wait_for_job()["request"]["reference"]["customerDefinedId"] == job_id
    assert time.monotonic() - resumed_at < HEEDED_WITHIN + 1  # and the fax itself


@pytest.mark.parametrize("words", [("pause",), ("resume",)])
def test_it_can_be_said_twice(running: Any, words: tuple[str, ...]) -> None:
    operate(running, *words)
    operate(running, *words)
    operate(running, "resume")
