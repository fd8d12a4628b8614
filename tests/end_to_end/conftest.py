"""The real daemon against the real sandbox, each a process of its own, and a mailbox for what comes back."""

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller

PATIENCE = 30  # seconds; a loaded machine renders slowly

CONFIGURATION = """\
hostname = "fax.example.com"
[smtp]
listen = ["127.0.0.1:{smtp_port}"]
max_message_bytes = 2000000
[retarus]
ha_url = "{base}/ha/rest/v1"
datacenter_urls = {{ dc1 = "{base}/dc1/rest/v1", dc2 = "{base}/dc2/rest/v1" }}
username = "sandbox"
password = "{password}"
[notify]
smarthost = "127.0.0.1:{mailbox_port}"
postmaster = "postmaster@example.com"
{more}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def free_ports() -> Callable[[int], list[int]]:
    """``free_ports(2)``: ports of 127.0.0.1 that nobody listens on."""
    return lambda count: [free_port() for _ in range(count)]


class Process:
    """A command of ours, and the events of its log."""

    def __init__(self, arguments: list[str], directory: Path) -> None:
        self._arguments = arguments
        self._directory = directory
        self.events: list[dict[str, Any]] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> Self:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("FAX_GATEWAY", "COV_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gateway", *self._arguments],
            cwd=self._directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.events = []
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self.wait_for("ready")
        return self

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            try:
                self.events.append(json.loads(line))
            except ValueError:
                self.events.append({"event": "not json", "line": line.decode(errors="replace")})

    def wait_for(self, event: str, **facts: object) -> dict[str, Any]:
        """The first such event of this run; fails with the log where it doesn't come in time."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for each in list(self.events):
                if each.get("event") == event and all(each.get(key) == value for key, value in facts.items()):
                    return each
            if self._process is not None and self._process.poll() is not None and event != "stopped":
                break
            time.sleep(0.02)
        log = "\n".join(map(str, self.events))
        pytest.fail(f"no event {event} {facts} in the log:\n{log}")

    def count(self, event: str) -> int:
        return sum(each.get("event") == event for each in self.events)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the process; returns its exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(how)
        status = self._process.wait(PATIENCE)
        assert self._reader is not None
        self._reader.join(PATIENCE)
        assert self._process.stderr is not None
        self._process.stderr.close()
        return status


class Mailbox:
    """Takes what the sandbox and the daemon send to senders and to the postmaster."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 thank you"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def wait_for(self, forward_path: str, text: str = "") -> bytes:
        """The first mail to `forward_path` that holds `text`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for _, forward_paths, content in list(self.mails):
                if forward_path in forward_paths and text.encode() in content:
                    return content
            time.sleep(0.02)
        pytest.fail(f"no mail to {forward_path} with {text!r}; there are {self.mails}")


class Gateway:
    """Sandbox, daemon and mailbox in one directory."""

    def __init__(self, directory: Path, mailbox: Mailbox) -> None:
        self.directory = directory
        self.mailbox = mailbox
        self.smtp_port = free_port()
        self.api_port = free_port()
        self.base = f"http://127.0.0.1:{self.api_port}"
        self.sandbox = Process(
            [
                "sandbox",
                *("--listen", f"127.0.0.1:{self.api_port}"),
                *("--data", str(directory / "faxes")),
                *("--report-smtp", f"127.0.0.1:{mailbox.port}"),
            ],
            directory,
        )
        self.daemon = Process(["serve", "--config", str(directory / "config.toml")], directory)
        self.configure()

    def configure(self, more: str = "", password: str = "sandbox") -> None:
        (self.directory / "config.toml").write_text(
            CONFIGURATION.format(
                smtp_port=self.smtp_port,
                base=self.base,
                mailbox_port=self.mailbox.port,
                password=password,
                more=more,
            ),
            encoding="utf-8",
        )

    def send(self, mail: EmailMessage | bytes, *recipients: str, sender: str = "jana@example.com") -> str:
        """Sends by SMTP; returns the id of the job that the reply names. Raises what smtplib raises."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=PATIENCE) as client:
            client.ehlo("client.example.com")
            client.mail(sender)
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


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose parts are not started yet."""
    with Mailbox() as mailbox:
        yield Gateway(tmp_path, mailbox)


@pytest.fixture
def running(gateway: Gateway) -> Iterator[Gateway]:
    """A gateway that runs, and was seen to stop cleanly."""
    with ExitStack() as stack:
        gateway.sandbox.start()
        stack.callback(gateway.sandbox.stop)
        gateway.daemon.start()
        stack.callback(gateway.daemon.stop)
        yield gateway


@pytest.fixture(scope="session")
def pdf() -> bytes:
    """A sound PDF of two pages, made by hand."""
    return minimal_pdf(["Page one", "Page two"])


def minimal_pdf(texts: list[str]) -> bytes:
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    pages = []
    for text in texts:
        stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET"
        content = f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream"
        number = len(objects) + 1
        pages.append(f"{number} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        objects.append(content)
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(pages)}] /Count {len(pages)} >>"
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


@pytest.fixture
def a_mail(pdf: bytes) -> Callable[..., EmailMessage]:
    """Makes a mail with a text and a PDF; every mail has a Message-ID of its own."""
    made = 0

    def make(text: str = "Guten Tag", filename: str = "Angebot für Müller & Söhne.pdf") -> EmailMessage:
        nonlocal made
        made += 1
        mail = EmailMessage()
        mail["From"] = "Jana Beispiel <jana@example.com>"
        mail["Subject"] = "Angebot für Müller"
        mail["Message-ID"] = f"<{made}@example.com>"
        mail.set_content(text)
        mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=filename)
        return mail

    return make
