"""The real daemon against the real sandbox, each a process of its own, and a mailbox for what comes back."""

import json
import smtplib
import subprocess
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.living import nursery
from tests.living.mailbox import Mailbox
from tests.living.process import PATIENCE, Process, free_port

CONFIGURATION = """\
hostname = "fax.example.com"
[smtp]
listen = ["127.0.0.1:{smtp_port}"]
max_message_bytes = {max_message_bytes}
[retarus]
ha_url = "{base}/ha/rest/v1"
datacenter_urls = {{ dc1 = "{base}/dc1/rest/v1", dc2 = "{base}/dc2/rest/v1" }}
username = "sandbox"
password = "{password}"
{retarus}
[web]
listen = "127.0.0.1:0"
[metrics]
listen = "127.0.0.1:0"
[log]
{log}
[notify]
smarthost = "127.0.0.1:{mailbox_port}"
postmaster = "postmaster@example.com"
{more}
"""


class Gateway:
    """Sandbox, daemon and mailbox in one directory."""

    def __init__(self, directory: Path, mailbox: Mailbox) -> None:
        self.directory = directory
        self.mailbox = mailbox
        self.smtp_port = free_port()
        self.api_port = free_port()
        self.base = f"http://127.0.0.1:{self.api_port}"
        self.sandbox_command = [
            "sandbox",
            *("--listen", f"127.0.0.1:{self.api_port}"),
            *("--data", str(directory / "faxes")),
            *("--report-smtp", f"127.0.0.1:{mailbox.port}"),
        ]
        self.sandbox = Process(self.sandbox_command, directory)
        self.daemon = Process(["serve", "--config", str(directory / "config.toml")], directory)
        self.configure()

    def draw_nothing(self) -> None:
        """Its sandbox renders no fax, and knows no pages; before it is started or shared."""
        self.sandbox = Process([*self.sandbox_command, "--no-render"], self.directory)

    def share(self, other: "Gateway") -> None:
        """Its sandbox."""
        self.base, self.sandbox = other.base, other.sandbox

    def configure(
        self,
        more: str = "",
        password: str = "sandbox",
        retarus: str = "",
        log: str = 'level = "debug"',
        *,
        max_message_bytes: int = 2_000_000,
    ) -> None:
        """`retarus`, `log`: lines of these sections; `more`: sections. Every level, for ``leaks`` to look at."""
        (self.directory / "config.toml").write_text(
            CONFIGURATION.format(
                smtp_port=self.smtp_port,
                base=self.base,
                mailbox_port=self.mailbox.port,
                password=password,
                retarus=retarus,
                max_message_bytes=max_message_bytes,
                more=more,
                log=log,
            ),
            encoding="utf-8",
        )

    def type(self, *words: str, typed: str | None = None) -> subprocess.CompletedProcess[str]:
        """``fax-gateway WORDS`` with its configuration."""
        config = str(self.directory / "config.toml")
        return nursery.run(*words, "--config", config, cwd=self.directory, typed=typed)

    def send(self, mail: EmailMessage | bytes, *recipients: str, sender: str = "jana@example.com") -> str:
        """Sends by SMTP; returns the id of the job that the reply names. Raises what smtplib raises."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=PATIENCE) as client:
            client.ehlo("client.example.com")
            code, text = client.mail(sender)
            if code != 250:
                raise smtplib.SMTPSenderRefused(code, text, sender)
            for recipient in recipients or ("+4989123456@fax.local",):
                code, text = client.rcpt(recipient)
                if code != 250:
                    raise smtplib.SMTPRecipientsRefused({recipient: (code, text)})
            code, text = client.data(raw)
            if code != 250:
                raise smtplib.SMTPDataError(code, text)
            return text.decode().rpartition(" ")[2]

    def jobs(self) -> list[dict[str, Any]]:
        """What arrived in the sandbox."""
        found: list[dict[str, Any]] = json.loads(self.get("/_sandbox/jobs"))
        return found

    def wait_for_job(self, state: str | None = None) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for job in self.jobs():
                if state is None or job["state"] == state:
                    return job
            time.sleep(0.05)
        pytest.fail(f"no job in the sandbox; the daemon says {self.daemon.events}")

    def get(self, path: str) -> bytes:
        return self._ask("GET", path)

    def put(self, path: str, body: object) -> None:
        self._ask("PUT", path, json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        request = urllib.request.Request(self.base + path, method=method)
        if body is not None:
            request.data = body.encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())
