"""Clients that log in: submission with STARTTLS and with TLS from the first byte (RFC 6409, RFC 8314)."""

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

pytestmark = pytest.mark.once

Need = Callable[[str], str]
SENDER = "jana@example.com"
RECIPIENT = "004989123456@fax.local"  # with 00, because swaks takes a leading plus for an option
PASSWORD = "correct horse"
NODEMAILER = "nodemailer@10.6.0"

SUBMISSION = """\
[submission]
listen = ["127.0.0.1:{starttls}"]
listen_tls = ["127.0.0.1:{tls}"]
[tls]
certificate = "{directory}/chain.pem"
private_key = "{directory}/key.pem"
"""


@dataclass(frozen=True)
class Secured:
    gateway: Any
    starttls: int
    tls: int
    authority: Path

    def pdf(self) -> bytes:
        """The one that arrived."""
        job = self.gateway.wait_for_job()
        (document,) = [each for each in job["request"]["documents"] if each["name"].endswith(".pdf")]
        return base64.b64decode(document["data"])


@pytest.fixture
def secured(gateway: Any, free_ports: Callable[[int], list[int]]) -> Iterator[Secured]:
    directory = gateway.directory
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(directory / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(directory / "chain.pem")
    authority.cert_pem.write_to_path(directory / "authority.pem")
    starttls, tls = free_ports(2)
    gateway.configure(SUBMISSION.format(starttls=starttls, tls=tls, directory=directory))
    gateway.type("users", "add", "jana", typed=f"{PASSWORD}\n").check_returncode()
    gateway.sandbox.start()
    gateway.daemon.start()
    try:
        yield Secured(gateway, starttls, tls, directory / "authority.pem")
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()


@pytest.fixture
def scan(tmp_path: Path, pdf: bytes) -> Path:
    path = tmp_path / "scan.pdf"
    end = pdf[pdf.rindex(b"startxref") :]  # once more: readers look for it in the last kilobyte
    path.write_bytes(pdf + b"% " + bytes(range(1, 10)) * 20_000 + b"\n" + end)
    return path


def run(*command: str, stdin: bytes = b"", status: int = 0, **environment: str) -> str:
    done = subprocess.run(
        command, input=stdin, capture_output=True, timeout=60, check=False, env=os.environ | environment
    )
    said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert done.returncode == status, said
    return said


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("how", ["--tls", "--tls-on-connect"])
def test_swaks_logs_in_under_tls(secured: Secured, need: Need, scan: Path, how: str, mechanism: str) -> None:
    port = secured.tls if how == "--tls-on-connect" else secured.starttls
    said = run(
        *(need("swaks"), "--server", f"127.0.0.1:{port}", "--from", SENDER, "--to", RECIPIENT, how),
        *("--auth", mechanism, "--auth-user", "jana", "--auth-password", PASSWORD, "--pipeline"),
        *("--attach-type", "application/pdf", "--attach", f"@{scan}", "--header", "Subject: Grüße"),
    )
    assert "queued as" in said
    assert secured.pdf() == scan.read_bytes()


def test_swaks_is_refused_with_a_wrong_password_and_without_any(secured: Secured, need: Need) -> None:
    base = (need("swaks"), "--server", f"127.0.0.1:{secured.starttls}", "--from", SENDER, "--to", RECIPIENT)
    said = run(*base, "--tls", "--auth", "PLAIN", "--auth-user", "jana", "--auth-password", "wrong", status=28)
    assert "535 5.7.8" in said
    assert "530 5.7.0" in run(*base, status=23)


def test_msmtp_logs_in_under_tls(secured: Secured, need: Need, a_mail: Any, pdf: bytes) -> None:
    options = ["--host=127.0.0.1", f"--port={secured.starttls}", f"--from={SENDER}", "--auth=plain", "--user=jana"]
    tls = ["--tls=on", "--tls-starttls=on", f"--tls-trust-file={secured.authority}"]
    password = f"--passwordeval=echo {PASSWORD}"
    run(need("msmtp"), *options, *tls, password, RECIPIENT, stdin=a_mail().as_bytes())
    assert secured.pdf() == pdf


def test_curl_logs_in_with_tls_from_the_first_byte(secured: Secured, need: Need, scan: Path) -> None:
    envelope = ["--mail-from", SENDER, "--mail-rcpt", RECIPIENT, "--user", f"jana:{PASSWORD}"]
    parts = ["-F", "=A fax by curl;type=text/plain", "-F", f"file=@{scan};type=application/pdf;encoder=base64"]
    url = f"smtps://127.0.0.1:{secured.tls}"
    run(need("curl"), "-sS", url, "--cacert", str(secured.authority), *envelope, *parts, "-H", "Subject: Hello")
    assert secured.pdf() == scan.read_bytes()


@pytest.fixture(scope="session")
def nodemailer(need: Need, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """node, and a directory that has the package."""
    node, npm = need("node"), need("npm")
    directory = tmp_path_factory.mktemp("nodemailer")
    done = subprocess.run(
        [npm, "install", "--silent", "--no-audit", "--no-fund", NODEMAILER],
        cwd=directory,
        capture_output=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        reason = f"npm can't install {NODEMAILER}: {done.stderr.decode(errors='replace')[-300:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return node, directory


SCRIPT = """\
const nodemailer = require("nodemailer");
const wanted = JSON.parse(process.argv[2]);
nodemailer.createTransport(wanted.transport).sendMail(wanted.mail).then(
  (info) => console.log(info.response),
  (error) => { console.error(error.message); process.exit(1); },
);
"""


def test_nodemailer_logs_in_and_asks_for_a_dsn(secured: Secured, nodemailer: tuple[str, Path], scan: Path) -> None:
    node, directory = nodemailer
    (directory / "send.js").write_text(SCRIPT)
    transport = {
        "host": "127.0.0.1",
        "port": secured.starttls,
        "requireTLS": True,
        "auth": {"user": "jana", "pass": PASSWORD},
    }
    mail = {
        "from": SENDER,
        "to": RECIPIENT,
        "subject": "Angebot",
        "text": "A fax by nodemailer",
        "attachments": [{"filename": "scan.pdf", "path": str(scan)}],
        "dsn": {"id": "QQ314159", "return": "headers", "notify": ["success", "failure"], "recipient": SENDER},
    }
    wanted = json.dumps({"transport": transport, "mail": mail})
    said = run(node, str(directory / "send.js"), wanted, NODE_EXTRA_CA_CERTS=str(secured.authority))
    assert said.startswith("250 2.0.0 queued as ")
    assert secured.pdf() == scan.read_bytes()
    # RFC 3461 §5.2.3: SUCCESS was asked for, so a DSN of ours comes beside the fax service's own mail.
    dsn = secured.gateway.mailbox.wait_for(SENDER, "Original-Envelope-Id: QQ314159").decode()
    assert "Action: delivered" in dsn
    assert f"Original-Recipient: rfc822; {SENDER}" in dsn
    assert "Final-Recipient: rfc822; 004989123456@fax.local" in dsn
    assert "text/rfc822-headers" in dsn
