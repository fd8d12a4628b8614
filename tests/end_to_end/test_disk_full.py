"""A disk that is full, for real: what can't be kept is refused, what was answered 250 is faxed once there is room."""

import os
import shutil
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.living.gateway import Gateway
from tests.living.mailbox import Mailbox
from tests.living.process import Process

pytestmark = pytest.mark.once

MEGABYTE = 1024 * 1024
SIZE = 200  # megabytes: 5 % of it is more than a few mails take
ALMOST_FULL = 0.07


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own; skips where nobody may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(place)]
    if mount is None or os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system can't be mounted here: that needs root, and a container that lets it")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)  # a test that failed may have left a daemon


def leave(disk: Path, free: int) -> Path:
    """Fills the disk up to so many bytes."""
    filler = disk / "filler"
    room = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(room.f_bavail * room.f_frsize - free, 1))
    return filler


@pytest.fixture
def gateway_on(disk: Path) -> Iterator[Gateway]:
    with Mailbox() as mailbox:
        gateway = Gateway(disk, mailbox)
        gateway.sandbox = Process([*gateway.sandbox_command, "--no-render"], disk)
        yield gateway


def test_at_95_percent_mail_is_refused_and_what_was_taken_is_faxed_once_there_is_room(
    gateway_on: Any, disk: Path, a_mail: Callable[..., EmailMessage]
) -> None:
    gateway_on.daemon.start()  # the fax service is down: everything waits in the spool
    try:
        filler = leave(disk, int(ALMOST_FULL * SIZE * MEGABYTE))
        accepted, refusal = until_refused(gateway_on, a_mail)
        assert (refusal.smtp_code, refusal.smtp_error[:5]) == (452, b"4.3.1")
        gateway_on.daemon.wait_for("pressure", short_of="disk")
        assert accepted
        filler.unlink()
        gateway_on.sandbox.start()
        for job_id in accepted:
            assert gateway_on.daemon.wait_for("reported", job_id=job_id)["state"] == "sent"
        faxed = [job["request"]["reference"]["customerDefinedId"] for job in gateway_on.jobs()]
        assert sorted(faxed) == sorted(accepted)
    finally:
        gateway_on.daemon.stop()
        gateway_on.sandbox.stop()


def until_refused(
    gateway: Gateway, a_mail: Callable[..., EmailMessage]
) -> tuple[list[str], smtplib.SMTPResponseException]:
    """The jobs of the mails that were taken, and the refusal of the first one that wasn't."""
    accepted: list[str] = []
    for _ in range(100):
        mail = a_mail()
        mail.add_attachment(os.urandom(200_000).hex().encode(), maintype="text", subtype="plain", filename="a.txt")
        try:
            accepted.append(gateway.send(mail))
        except smtplib.SMTPResponseException as refusal:
            return accepted, refusal
    pytest.fail("a disk that is full takes everything")


def test_a_disk_that_fills_up_under_a_mail_costs_that_mail_alone(
    gateway_on: Any, disk: Path, a_mail: Callable[..., EmailMessage]
) -> None:
    gateway_on.configure("[delivery]\npaused = true\n")
    gateway_on.daemon.start()
    try:
        before = gateway_on.send(a_mail())
        with smtplib.SMTP("127.0.0.1", gateway_on.smtp_port, timeout=30) as client:
            client.ehlo("client.example.com")
            client.mail("jana@example.com")
            client.rcpt("+4989123456@fax.local")
            filler = leave(disk, 64 * 1024)  # after MAIL found room
            mail = a_mail()
            mail.add_attachment(bytes(700_000), maintype="application", subtype="pdf", filename="a.pdf")
            code, text = client.data(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))
            assert (code // 100, text[:3]) == (4, b"4.3")
            filler.unlink()
            assert client.noop()[0] == 250
        after = gateway_on.send(a_mail())
        assert before != after
        for job_id in (before, after):
            gateway_on.daemon.wait_for("prepared", job_id=job_id)
    finally:
        gateway_on.daemon.stop()
