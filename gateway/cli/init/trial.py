"""The first fax: a mail by SMTP as any other, to the daemon that runs, else to one that runs as long as it takes."""

import json
import os
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from gateway.config import Settings, control_places
from gateway.config.values import ListenAddress
from gateway.control.client import NobodyThere, connected, converse
from gateway.control.jobs import ListJobs, ShownJob
from gateway.spool.states import FINAL

STARTS_WITHIN = 60.0  # seconds
ENDS_WITHIN = 15 * 60.0  # seconds; a busy line is tried again
LOOK = 1.0  # seconds

# It hears this process alone: the addresses of the configuration may be others' still, or need the service's rights,
# and no mail of others is to meet a daemon that ends in a moment.
ITS_OWN = {
    "FAX_GATEWAY__SMTP__LISTEN": '["127.0.0.1:0"]',
    "FAX_GATEWAY__SMTP__RELAY_NETWORKS": '["127.0.0.0/8"]',
    "FAX_GATEWAY__WEB__LISTEN": "127.0.0.1:0",
    "FAX_GATEWAY__METRICS__LISTEN": "127.0.0.1:0",
    "FAX_GATEWAY__LOG__FORMAT": "json",
}


class TrialFailed(Exception):
    """The text says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon: where its control socket may be, and where it takes mail."""

    places: Sequence[Path]
    address: ListenAddress


@contextmanager
def daemon(path: Path, settings: Settings) -> Iterator[Running]:
    """The one that runs; one that is started here ends here. Raises TrialFailed."""
    places = control_places(path, os.environ)
    if _is_alive(places):
        address = settings.smtp.listen[0]
        yield Running(places, ListenAddress(_reachable(address.host), address.port))
        return
    with tempfile.TemporaryDirectory(prefix="fax-gateway-") as directory:
        environ = os.environ | ITS_OWN | {"RUNTIME_DIRECTORY": directory}
        log = Path(directory) / "log"
        with log.open("wb") as stream:
            command = [sys.executable, "-P", "-m", "gateway", "serve", "--config", str(path.absolute())]
            process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stderr=stream)  # noqa: S603 - ourselves
        try:
            yield Running(control_places(path, environ), _taking_mail(process, log))
        finally:
            process.terminate()
            process.wait()


def send(address: ListenAddress, settings: Settings, number: str, sender: str) -> str:
    """Returns the job's id, as the reply to the mail names it. Raises TrialFailed."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{token_hex(16)}@{settings.hostname}>"
    mail["Subject"] = "Test fax"
    mail.set_content(f"This is the first fax of {settings.hostname}.\n")
    recipient = number if "@" in number else f"{number}@{settings.smtp.domains[0]}"
    try:
        with smtplib.SMTP(address.host, address.port, timeout=60) as client:
            client.ehlo(settings.hostname)
            _accepted(client.mail(sender))
            _accepted(client.rcpt(recipient))
            said = _accepted(client.data(mail.as_bytes()))
    except (OSError, smtplib.SMTPException) as error:
        raise TrialFailed(f"no mail is taken at {address}: {error}") from error
    return said.rpartition(" ")[2]


def _accepted(answer: tuple[int, bytes]) -> str:
    """What a reply of 250 says (RFC 5321 §4.2.3). Raises TrialFailed with any other one."""
    code, text = answer
    said = text.decode(errors="replace")
    if code != 250:  # noqa: PLR2004 - above
        raise TrialFailed(f"the mail is refused: {code} {said}")
    return said


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


def _taking_mail(process: subprocess.Popen[bytes], log: Path) -> ListenAddress:
    """Where the daemon that has begun takes mail, as its log says. Raises TrialFailed."""
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        has_ended = process.poll() is not None
        text = log.read_text("utf-8", "replace")
        for line in text.splitlines():
            if line.startswith("{") and (event := _event(line)).get("event") == "ready":
                return ListenAddress.parse(event["listening"][0])
        if has_ended or time.monotonic() > deadline:
            raise TrialFailed(f"the daemon does not start:\n{text[-2000:]}")
        time.sleep(0.1)


def _event(line: str) -> Mapping[str, Any]:
    try:
        return dict(json.loads(line))
    except ValueError:  # half written
        return {}


def _reachable(host: str) -> str:
    """An address that is listened on, as one that can be connected to."""
    every: Mapping[str, str] = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on
    return every.get(host, host)
