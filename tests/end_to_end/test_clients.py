"""Clients that people really use each send a PDF, and it arrives at the fax service byte for byte."""

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Need = Callable[[str], str]
SENDER = "jana@example.com"
RECIPIENT = "+4989123456@fax.local"


@pytest.fixture
def scan(tmp_path: Path, pdf: bytes) -> Path:
    """A PDF that is too large for one line or one buffer of any client."""
    path = tmp_path / "scan.pdf"
    end = pdf[pdf.rindex(b"startxref") :]  # once more: readers look for it in the last kilobyte
    path.write_bytes(pdf + b"% " + bytes(range(1, 10)) * 20_000 + b"\n" + end)
    return path


def run(*command: str, stdin: bytes = b"") -> None:
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def arrived(running: Any) -> bytes:
    job = running.wait_for_job()
    (document,) = [each for each in job["request"]["documents"] if each["name"].endswith(".pdf")]
    return base64.b64decode(document["data"])


def test_swaks(running: Any, need: Need, scan: Path) -> None:
    server = f"127.0.0.1:{running.smtp_port}"
    options = ["--server", server, "--from", SENDER, "--body", "A fax by swaks"]
    # With 00, because swaks takes a leading plus for an option.
    run(
        need("swaks"),
        *options,
        "--to",
        "004989123456@fax.local",
        "--attach-type",
        "application/pdf",
        "--attach",
        f"@{scan}",
    )
    assert arrived(running) == scan.read_bytes()


def test_curl(running: Any, need: Need, scan: Path) -> None:
    parts = ["-F", "=A fax by curl;type=text/plain", "-F", f"file=@{scan};type=application/pdf;encoder=base64"]
    envelope = ["--mail-from", SENDER, "--mail-rcpt", RECIPIENT]
    run(need("curl"), "-sS", f"smtp://127.0.0.1:{running.smtp_port}", *envelope, *parts, "-H", "Subject: Hello")
    assert arrived(running) == scan.read_bytes()


def test_msmtp(running: Any, need: Need, a_mail: Any, scan: Path) -> None:
    mail = a_mail()
    mail.clear_content()
    mail.set_content("A fax by msmtp")
    mail.add_attachment(scan.read_bytes(), maintype="application", subtype="pdf", filename="scan.pdf")
    host = ["--host=127.0.0.1", f"--port={running.smtp_port}", f"--from={SENDER}", "--auth=off", "--tls=off"]
    run(need("msmtp"), *host, RECIPIENT, stdin=mail.as_bytes())
    assert arrived(running) == scan.read_bytes()


def test_pythons_smtplib(running: Any, a_mail: Any, scan: Path) -> None:
    mail = a_mail()
    mail.clear_content()
    mail.add_attachment(scan.read_bytes(), maintype="application", subtype="pdf", filename="scan.pdf")
    running.send(mail)
    assert arrived(running) == scan.read_bytes()
