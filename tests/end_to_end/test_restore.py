"""A backup that is older than the faxes sends none of them twice, and leaves no sender without a word."""

import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage

import pytest

from tests.living.gateway import Gateway
from tests.living.process import PATIENCE

pytestmark = [pytest.mark.once, pytest.mark.undrawn, pytest.mark.timeout(240)]


def states(gateway: Gateway) -> dict[str, str]:
    """By job; from the file, as a command takes a second of the machine's time."""
    with closing(sqlite3.connect(f"file:{gateway.directory}/spool.db?mode=ro", uri=True)) as spool:
        return dict(spool.execute("SELECT id, state FROM job").fetchall())


def wait_for_states(gateway: Gateway, *wanted: str) -> dict[str, str]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = states(gateway)
        if sorted(found.values()) == sorted(wanted):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def test_a_backup_of_before_the_faxes_sends_none_of_them_again(
    running: Gateway, a_mail: Callable[..., EmailMessage]
) -> None:
    assert running.type("pause", "submit").returncode == 0
    ids = {running.send(a_mail(), sender=f"{name}@example.com") for name in ("jana", "olaf")}
    wait_for_states(running, "prepared", "prepared")
    made = running.type("db", "backup", str(running.directory / "kept"))  # beside the daemon
    assert made.returncode == 0, made.stderr
    assert "2 jobs" in made.stdout

    assert running.type("resume").returncode == 0
    wait_for_states(running, "sent", "sent")  # and their reports are deleted at the data centres
    assert len(running.jobs()) == 2

    running.daemon.stop()
    done = running.type("db", "restore", str(running.directory / "kept"), "--replace")
    assert done.returncode == 0, done.stderr
    assert "2 jobs had not ended" in done.stdout

    assert running.type("resume").returncode == 0  # the backup was made during a pause
    running.daemon.start()
    assert wait_for_states(running, "held", "held").keys() == ids
    refused = running.type("jobs", "release", "--state", "held")
    assert refused.returncode == 1
    assert "perhaps faxed since" in refused.stderr
    time.sleep(3)  # the daemon looks for what is due every two seconds
    assert len(running.jobs()) == 2
    assert set(states(running).values()) == {"held"}

    # Who says that it may arrive twice gets it: a decision of a person, not of the gateway.
    assert running.type("jobs", "release", next(iter(ids)), "--may-duplicate").returncode == 0
    running.daemon.wait_for("submitted")
    assert len(running.jobs()) == 3


def test_its_report_ends_a_restored_job_else_its_sender_hears_that_it_may_have_gone_out(
    running: Gateway, a_mail: Callable[..., EmailMessage]
) -> None:
    assert running.type("pause", "submit").returncode == 0
    faxed = running.send(a_mail(), sender="jana@example.com")
    waiting = running.send(a_mail(), sender="olaf@example.com")
    wait_for_states(running, "prepared", "prepared")
    assert running.type("db", "backup", str(running.directory / "kept")).returncode == 0

    running.put("/_sandbox/faults", {"report_404_for": 3600})  # no report until after the restore
    assert running.type("jobs", "hold", waiting).returncode == 0
    assert running.type("resume").returncode == 0
    running.wait_for_job("finished")
    running.daemon.stop(signal.SIGKILL)
    done = running.type("db", "restore", str(running.directory / "kept"), "--replace")
    assert done.returncode == 0, done.stderr
    running.put("/_sandbox/faults", {})
    running.daemon.start()
    assert wait_for_states(running, "held", "sent") == {faxed: "sent", waiting: "held"}

    running.daemon.stop()
    running.configure(more="[delivery]\nexpire_after = '1s'\nwarn_after = '1s'\n")  # it is over
    running.daemon.start()
    assert waiting.encode() in running.mailbox.wait_for("olaf@example.com", "may have been sent")
    assert states(running) == {faxed: "sent", waiting: "unknown"}
    to_olaf = [content for _, paths, content in running.mailbox.mails if paths == ["olaf@example.com"]]
    assert len(to_olaf) == 1  # "not sent yet" would perhaps be wrong
    assert len(running.jobs()) == 1
