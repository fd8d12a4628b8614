"""The first fax: a mail by SMTP as any other, to the daemon that runs, else to one that runs as long as it takes."""

import os
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from secrets import token_hex

from gateway.config import Settings, control_places
from gateway.control.client import NobodyThere, connected, converse
from gateway.control.jobs import ListJobs, ShownJob
from gateway.spool.states import FINAL

STARTS_WITHIN = 60.0  # seconds
ENDS_WITHIN = 15 * 60.0  # seconds; a busy line is tried again
LOOK = 1.0  # seconds


class TrialFailed(Exception):
    """The text says why."""


@contextmanager
def daemon(path: Path) -> Iterator[Sequence[Path]]:
    """Yields where its control socket is; one that is started here ends here. Raises TrialFailed."""
    places = control_places(path, os.environ)
    if _is_alive(places):
        yield places
        return
    with tempfile.TemporaryDirectory(prefix="fax-gateway-") as directory:
        environ = os.environ | {"RUNTIME_DIRECTORY": directory}
        log = Path(directory) / "log"
        with log.open("wb") as stream:
            command = [sys.executable, "-m", "gateway", "serve", "--config", str(path)]
            process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stderr=stream)  # noqa: S603 - ourselves
        try:
            places = control_places(path, environ)
            _wait_for(places, process, log)
            yield places
        finally:
            process.terminate()
            process.wait()


def send(settings: Settings, number: str, sender: str) -> str:
    """Returns the job's id, as the reply to the mail names it. Raises TrialFailed."""
    address = settings.smtp.listen[0]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{token_hex(16)}@{settings.hostname}>"
    mail["Subject"] = "Test fax"
    mail.set_content(f"This is the first fax of {settings.hostname}.\n")
    recipient = number if "@" in number else f"{number}@{settings.smtp.domains[0]}"
    try:
        with _connected(_reachable(address.host), address.port) as client:
            client.ehlo(settings.hostname)
            for code, said in (client.mail(sender), client.rcpt(recipient), client.data(mail.as_bytes())):
                if code != 250:  # noqa: PLR2004 - RFC 5321 §4.2.3
                    raise TrialFailed(f"the mail is refused: {code} {said.decode(errors='replace')}")
    except (OSError, smtplib.SMTPException) as error:
        raise TrialFailed(f"no mail is taken at {address}: {error}") from error
    return said.decode(errors="replace").rpartition(" ")[2]


def _connected(host: str, port: int) -> smtplib.SMTP:
    """A daemon that starts answers commands a moment before it takes mail. Raises OSError."""
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            return smtplib.SMTP(host, port, timeout=60)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def follow(places: Sequence[Path], job_id: str) -> Iterator[ShownJob]:
    """The job each time that it has moved, up to its end or the end of our patience."""
    deadline, before = time.monotonic() + ENDS_WITHIN, None
    while time.monotonic() < deadline:
        for fields in converse(connected(places), ListJobs(ids=(job_id,))):
            job = ShownJob.model_validate(fields)
            if job.state is not before:
                before = job.state
                yield job
            if job.state in FINAL:
                return
        time.sleep(LOOK)


def _is_alive(places: Sequence[Path]) -> bool:
    try:
        connected(places).close()
    except NobodyThere:
        return False
    return True


def _wait_for(places: Sequence[Path], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while not _is_alive(places):
        if process.poll() is not None or time.monotonic() > deadline:
            raise TrialFailed(f"the daemon does not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
        time.sleep(0.1)


def _reachable(host: str) -> str:
    """An address that is listened on, as one that can be connected to."""
    every: Mapping[str, str] = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on
    return every.get(host, host)
