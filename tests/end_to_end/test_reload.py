"""SIGHUP to a daemon that runs: the next mail goes by the new file, a bad file changes nothing, both are told."""

import signal
import smtplib
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from typing import Any

import pytest

from tests.living.process import PATIENCE, Process

pytestmark = pytest.mark.undrawn

DENIED = '[numbers]\ndeny = ["+4989"]\n'


def reload_failed(gateway: Any) -> bool:
    address = gateway.daemon.wait_for("metrics_listening")["address"]
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=PATIENCE) as answer:
        return b"fax_gateway_reload_failed 1.0" in answer.read()


def test_numbers_profiles_and_log_level_change_while_it_runs(running: Any, a_mail: Callable[..., EmailMessage]) -> None:
    running.send(a_mail())
    running.configure(more=DENIED + '[[profile]]\nmatch = "*"\ncsid = "+49 89 1234560"\n', log='level = "warning"')
    running.daemon.send_signal(signal.SIGHUP)
    # What is said of it is below the level that it brings.
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        until_refused(running, a_mail())
    assert not reload_failed(running)
    assert running.daemon.count("configuration_reloaded") == 0
    running.configure(more='[[profile]]\nmatch = "*"\ncsid = "+49 89 1234560"\n')
    running.daemon.send_signal(signal.SIGHUP)
    reloaded = running.daemon.wait_for("configuration_reloaded")
    assert reloaded["changed"] == ["log.level", "numbers.deny"]
    job_id = running.send(a_mail())
    running.daemon.wait_for("reported", job_id=job_id)
    faxed = {job["request"]["reference"]["customerDefinedId"]: job["request"] for job in running.jobs()}
    assert faxed[job_id]["transportOptions"]["csid"] == "+49 89 1234560"


def until_refused(gateway: Any, mail: EmailMessage) -> None:
    """A signal is heeded a moment after it was sent."""
    for number in range(50):
        del mail["Message-ID"]
        mail["Message-ID"] = f"<{number}@example.com>"
        gateway.send(mail)


def test_a_bad_file_changes_nothing_and_is_told_until_it_is_mended(
    running: Any, a_mail: Callable[..., EmailMessage]
) -> None:
    running.configure(more=DENIED + "[limits]\npages = 0\n")
    running.daemon.send_signal(signal.SIGHUP)
    event = running.daemon.wait_for("configuration_not_reloaded")
    assert any("limits.pages = 0" in problem for problem in event["problems"])
    assert reload_failed(running)
    running.send(a_mail())  # the number isn't denied
    (running.directory / "config.toml").unlink()
    running.daemon.send_signal(signal.SIGHUP)
    running.send(a_mail())
    running.configure(more='[lmtp]\nlisten = ["127.0.0.1:0"]\n')
    running.daemon.send_signal(signal.SIGHUP)
    assert running.daemon.wait_for("restart_needed")["keys"] == ["lmtp.listen"]
    assert running.daemon.count("configuration_not_reloaded") == 2
    assert not reload_failed(running)


@pytest.fixture
def systemd(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(gateway.directory / "notify"))
        channel.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(gateway.directory / "notify"))
        yield channel


def test_systemd_hears_of_readiness_when_mail_is_taken_and_not_before(gateway: Any, systemd: socket.socket) -> None:
    def heard() -> str:
        return systemd.recv(4096).decode().splitlines()[0]

    with ExitStack() as stack:
        daemon: Process = gateway.daemon.start()
        stack.callback(daemon.stop)
        assert heard() == "READY=1"
        with socket.create_connection(("127.0.0.1", gateway.smtp_port), timeout=PATIENCE) as client:
            assert client.recv(100).startswith(b"220 ")
        daemon.send_signal(signal.SIGHUP)
        assert [heard(), heard()] == ["RELOADING=1", "READY=1"]
        daemon.stop()
        assert heard() == "STOPPING=1"


def test_systemd_hears_signs_of_life_as_often_as_it_wants(
    gateway: Any, systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "500000")
    with ExitStack() as stack:
        daemon: Process = gateway.daemon.start()
        stack.callback(daemon.stop)
        told = [systemd.recv(4096).splitlines()[0]]
        while told[-1] != b"READY=1":  # signs of life before it, for as long as the start takes
            told.append(systemd.recv(4096).splitlines()[0])
        heard_at = time.monotonic()
        for _ in range(4):
            assert systemd.recv(4096) == b"WATCHDOG=1"
        assert time.monotonic() - heard_at < 4 * 0.5
