"""Two daemons at one spool: what one leaves behind when it is killed, or frozen, the other brings to its end."""

import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.postgresql import PostgreSQL

pytestmark = [pytest.mark.once, pytest.mark.timeout(240)]

MAILS = 12
RECONCILED_WITHIN = 60  # seconds from the moment when a daemon is gone
SPOOL = '[database]\nurl = "{url}"\n'


def mail(number: int) -> bytes:
    return f"Subject: Angebot {number}\r\nMessage-ID: <{number}@example.com>\r\n\r\nNummer {number}\r\n".encode()


def wait_until(condition: object, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():  # type: ignore[operator] # a function
        time.sleep(0.2)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_what_a_daemon_has_under_way_when_it_goes_is_reconciled_by_the_other_without_a_double(
    postgresql: PostgreSQL, tmp_path: Path, how: signal.Signals
) -> None:
    spool = SPOOL.format(url=postgresql.empty(tmp_path).url)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with Mailbox() as mailbox:
        first, second = (Gateway(tmp_path / name, mailbox) for name in ("a", "b"))
        first.draw_nothing()
        second.share(first)
        for each in (first, second):
            each.configure(spool, retarus='in_doubt_after = "4s"')
        first.sandbox.start()
        first.daemon.start()
        second.daemon.start()
        try:
            first.put("/_sandbox/faults", {"delay": 8})  # seconds between the request and its answer
            jobs = [first.send(mail(number), sender=f"sender-{number}@example.com") for number in range(MAILS)]
            first.daemon.wait_for("submitting")
            first.daemon.send_signal(how)
            began = time.monotonic()
            first.put("/_sandbox/faults", {})
            wait_until(
                lambda: second.daemon.count("reported") + second.daemon.count("deadline") >= MAILS, RECONCILED_WITHIN
            )
            assert second.daemon.count("daemon_gone") == 1
            if how is signal.SIGSTOP:
                first.daemon.send_signal(signal.SIGCONT)
                first.daemon.wait_for("lease_lost")
                again = first.send(mail(MAILS), sender="again@example.com")
                wait_until(lambda: again in {faxed(job) for job in first.jobs()}, 90)
                jobs.append(again)
            faxes = Counter(faxed(job) for job in first.jobs())
            assert set(faxes.values()) == {1}
            assert set(faxes) == set(jobs)
            ended = Counter(event["job_id"] for event in second.daemon.events if event["event"] == "reported")
            assert set(ended) >= set(jobs[:MAILS]), f"after {time.monotonic() - began:.0f} s"
        finally:
            for part in (first.daemon, second.daemon, first.sandbox):
                part.stop(signal.SIGKILL)


def faxed(job: dict[str, dict[str, dict[str, str]]]) -> str:
    return job["request"]["reference"]["customerDefinedId"]
