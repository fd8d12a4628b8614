"""docs/operations.md, "What the log doesn't say": planted in real sessions, found in no line at level debug."""

import base64
import http.client
import re
import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from tests.living.leaks import leaks_in, traces_of
from tests.living.process import PATIENCE, free_port

SUBJECT, BODY, TEXT = "Kanarienvogel-Betreff", "Kanarienvogel-Rumpf", "Kanarienvogel-Anhang"
API_PASSWORD, MAIL_PASSWORD, WRONG_PASSWORD = "canary-api-7f3a", "canary-auth-91c2", "canary-wrong-55d0"
PUSH_PASSWORD, PUSH_BODY, COOKIE = "canary-push-0b44", "canary-report-e811", "canary-cookie-6c1d"

SECTIONS = """\
[submission]
listen = ["127.0.0.1:{submission}"]
[push]
listen = "127.0.0.1:{push}"
public_url = "http://127.0.0.1:{push}"
auth = "basic"
username = "retarus"
password = "{push_password}"
"""


class Planted:
    """A running gateway with the canaries in its configuration."""

    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.submission, self.push = free_port(), free_port()
        sections = SECTIONS.format(submission=self.submission, push=self.push, push_password=PUSH_PASSWORD)
        gateway.configure(f"{sections}", password=API_PASSWORD)
        text = (gateway.directory / "config.toml").read_text("utf-8")
        text = text.replace("[smtp]\n", "[smtp]\nauth_without_tls = true\n")
        (gateway.directory / "config.toml").write_text(text, "utf-8")
        gateway.type("users", "add", "jana", "--role", "admin", typed=f"{MAIL_PASSWORD}\n").check_returncode()

    def mail(self) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "Jana <jana@example.com>", SUBJECT
        mail["Message-ID"] = f"<{len(self.gateway.daemon.events)}@example.com>"
        mail.set_content(BODY)
        mail.add_attachment(TEXT.encode(), maintype="text", subtype="plain", filename="Anlage.txt")
        return mail


@pytest.fixture
def planted(gateway: Any) -> Iterator[Planted]:
    made = Planted(gateway)
    gateway.sandbox.start()
    logins = {"sandbox": {"password": API_PASSWORD, "customers": ["99999"], "networks": []}}
    gateway.put("/_sandbox/settings", {"logins": logins, "push_body": "json"})
    gateway.daemon.start()
    yield made
    gateway.daemon.stop()
    gateway.sandbox.stop()


def fax_and_refuse(planted: Planted) -> str:
    """One mail that is faxed, and some that are not; gives the path of the push of the first."""
    gateway = planted.gateway
    gateway.daemon.wait_for("reported", job_id=gateway.send(planted.mail()))
    job = gateway.jobs()[0]
    gateway.send(planted.mail(), "+49899900007@fax.local")  # can't be rendered there
    # A ZIP archive, a PDF that breaks, and a mail with nothing in it.
    for content in (b"PK\x03\x04", b"%PDF-1.7\n"):
        with pytest.raises(smtplib.SMTPDataError):
            gateway.send(with_content(planted.mail(), content + TEXT.encode()))
    with pytest.raises(smtplib.SMTPDataError):
        gateway.send(f"Subject: {SUBJECT}\r\n\r\n \r\n".encode())
    url = str(job["request"]["statusReportOptions"]["httpStatusPush"]["targetUrl"])
    return url.removeprefix(f"http://127.0.0.1:{planted.push}")


def with_content(mail: EmailMessage, content: bytes) -> EmailMessage:
    (attachment,) = mail.iter_attachments()
    attachment.set_content(content, maintype="application", subtype="octet-stream", filename="Anlage.bin")
    return mail


def log_in_by_mail(planted: Planted) -> None:
    with smtplib.SMTP("127.0.0.1", planted.submission, timeout=PATIENCE) as client:
        client.ehlo("client.example.com")
        blob = base64.b64encode(f"\0jana\0{WRONG_PASSWORD}".encode()).decode()
        assert client.docmd("AUTH", f"PLAIN {blob}")[0] == 535
        assert client.docmd("AUTH", f"PLAIN {blob}!")[0] == 501  # no base64
        assert client.docmd("AUTH", "LOGIN")[0] == 334
        assert client.docmd(base64.b64encode(b"jana").decode())[0] == 334
        assert client.docmd(base64.b64encode(WRONG_PASSWORD.encode()).decode())[0] == 535
        client.login("jana", MAIL_PASSWORD)


def log_in_at_the_dashboard(gateway: Any) -> str:
    """The cookie of the session."""
    host, _, port = gateway.daemon.wait_for("dashboard_listening")["address"].rpartition(":")

    def ask(method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, kind | headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def enter(password: str) -> http.client.HTTPResponse:
        form = ask("GET", "/login")
        cookie = str(form.headers["Set-Cookie"]).partition(";")[0]
        token = re.findall(r'name="csrf"\s+value="([^"]+)"', form.text)[0]  # type: ignore[attr-defined]
        return ask("POST", "/login", f"name=jana&password={password}&csrf={token}&next=/", Cookie=cookie)

    assert enter(WRONG_PASSWORD).status == 403
    ask("GET", "/", Cookie=f"__Host-fax-gateway={COOKIE}")
    (cookie,) = re.findall(r"__Host-fax-gateway=([^;]+);", str(enter(MAIL_PASSWORD).headers))
    assert isinstance(cookie, str)
    assert ask("GET", "/", Cookie=f"__Host-fax-gateway={cookie}").status == 200
    return cookie


def push(planted: Planted, path: str) -> None:
    """To a token that there is, with a wrong login, and one whose body is no report."""
    for password in (WRONG_PASSWORD, PUSH_PASSWORD):
        login = base64.b64encode(f"retarus:{password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", planted.push, timeout=PATIENCE)
        connection.request("POST", path, f'{{"{PUSH_BODY}"', {"Authorization": f"Basic {login}"})
        assert connection.getresponse().status in {400, 401}
        connection.close()


def test_no_content_and_no_secret_is_in_any_line(planted: Planted) -> None:
    gateway = planted.gateway
    path = fax_and_refuse(planted)
    log_in_by_mail(planted)
    cookie = log_in_at_the_dashboard(gateway)
    push(planted, path)
    gateway.put(
        "/_sandbox/settings", {"logins": {"sandbox": {"password": "x", "customers": ["99999"], "networks": []}}}
    )
    gateway.send(planted.mail())
    gateway.daemon.wait_for("account_paused")
    gateway.daemon.stop()
    token = path.removeprefix("/push/")
    assert len(token) > 32
    secrets = [SUBJECT, BODY, TEXT, API_PASSWORD, MAIL_PASSWORD, WRONG_PASSWORD, PUSH_PASSWORD, PUSH_BODY, COOKIE]
    for secret in (*secrets, cookie, token):
        assert traces_of(secret, gateway.daemon.lines) == []
    said = {event["event"] for event in gateway.daemon.events}
    assert {"mail_refused", "login_failed", "logged_in", "web_login_failed", "web_login", "push_refused"} <= said


def test_with_mask_off_lines_name_people(gateway: Any, a_mail: Callable[..., EmailMessage]) -> None:
    gateway.configure("[delivery]\npaused = true\n", log="mask = false")
    gateway.daemon.masked = False
    gateway.daemon.start()
    mail = a_mail()
    mail["Received"] = "from mfp by relay.example.com (Postfix) with ESMTP id 4ABCDEF; Mon, 23 Nov 2026 09:30:00 +0100"
    with smtplib.SMTP("127.0.0.1", gateway.smtp_port, timeout=PATIENCE) as client:
        client.sendmail("jana@example.com", ["+4989123456@fax.local"], mail.as_bytes(), ["ENVID=QQ314159"])
    accepted = gateway.daemon.wait_for("accepted")
    gateway.daemon.stop()
    assert accepted["sender"] == "jana@example.com"
    assert accepted["recipients"] == ["+4989123456"]
    # what leads back to the client, masked or not
    facts = ("queue_id", "message_id", "envid")
    assert [accepted[key] for key in facts] == ["4ABCDEF", mail["Message-ID"], "QQ314159"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"error": "http://me:secret@proxy.example.com"}',
        b'{"path": "/push/0123456789abcdef.x"}',
        b'{"exception": "... b\'%PDF-1.7 ...\'"}',
        b'{"recipients": ["+4989123456"], "message_id": "<jana@example.com>"}',
        b'{"sender": "jana@example.com"}',
    ],
)
def test_the_detector_finds_what_it_is_there_for(line: bytes) -> None:
    assert list(leaks_in(line, masked=True))


def test_the_detector_finds_what_is_encoded() -> None:
    for before in ("", "x", "xy", "xyz"):
        blob = base64.b64encode(f"{before}{BODY} and more".encode())
        assert traces_of(BODY, [b'{"text": "' + blob + b'"}'])
    assert not traces_of(BODY, [b'{"text": "nothing"}'])
