"""docs/connect/programs.md and mfp.md as they stand: curl in a script, msmtp and a client with a login, a device."""

import io
import smtplib
import ssl
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
import trustme

from tests.recipes.installed import CONFIGURATION, Installed, hand_over, until
from tests.recipes.machine import Machine
from tests.recipes.page import Page

pytestmark = pytest.mark.once

PAGE, MFP = Page.read("connect/programs.md"), Page.read("connect/mfp.md")
FAX = "+4989123456@fax.example.com"
PASSWORD = "correct horse"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def gateway(machine: Machine, installed: Installed, authority: trustme.CA) -> Installed:
    certificate = authority.issue_cert("fax.example.com", "192.0.2.10")
    machine.write("/etc/fax-gateway/tls/privkey.pem", certificate.private_key_pem.bytes().decode())
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    machine.write("/etc/fax-gateway/tls/fullchain.pem", chain.decode())
    machine.write(AUTHORITIES, authority.cert_pem.bytes().decode())
    machine.write("/etc/hosts", "192.0.2.10 fax.example.com\n", append=True)
    blocks = (PAGE.file(CONFIGURATION, "Without a login"), PAGE.file(CONFIGURATION, "With a login"))
    installed.configure(*blocks, MFP.file(CONFIGURATION, "The gateway"))
    (command,) = PAGE.commands("With a login")
    said = installed.command(command.removeprefix("fax-gateway "), stdin=PASSWORD)
    assert said == "reports can log in now\n"
    installed.start()
    return installed


def test_a_cron_job_with_curl(gateway: Installed, machine: Machine, need: Callable[[str], str]) -> None:
    need("curl")
    pdf = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(pdf)
    way = "A cron job with curl"
    machine.write("/usr/local/bin/fax-file", PAGE.file("/usr/local/bin/fax-file", way))
    line = PAGE.file("/etc/cron.d/fax-orders", way).splitlines()[-1]
    command = line.split(maxsplit=6)[-1]
    machine.run(
        "chmod 755 /usr/local/bin/fax-file; mkdir -p /srv/reports; cat > /srv/reports/orders.pdf", stdin=pdf.getvalue()
    )
    machine.run(command)
    accepted = gateway.daemon.wait_for("accepted", sender="reports@example.com")
    job = gateway.wait_for_job(accepted["job_id"])
    assert [document["name"] for document in job["request"]["documents"]] == ["orders.pdf"]
    refused = machine.run(command.replace("+4989123456", "089"), fails=True)
    assert "550" in refused


def test_msmtp_with_a_login(
    gateway: Installed, machine: Machine, need: Callable[[str], str], a_mail: Callable[[str], bytes]
) -> None:
    need("msmtp")
    machine.write("/etc/msmtprc", PAGE.file("/etc/msmtprc", "msmtp"))
    machine.write("/etc/msmtp-password", PASSWORD)
    machine.run(f"msmtp {FAX}", stdin=a_mail("msmtp"))
    accepted = gateway.daemon.wait_for("accepted", auth_user="reports")
    gateway.wait_for_job(accepted["job_id"])
    assert "089" in machine.run("msmtp 089@fax.example.com", stdin=a_mail("msmtp-2"), fails=True)


@pytest.mark.parametrize("port", [587, 465])
def test_a_mail_client(gateway: Installed, authority: trustme.CA, a_mail: Callable[[str], bytes], port: int) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    server = ("192.0.2.10", port)
    with smtplib.SMTP_SSL(*server, context=trust) if port == 465 else smtplib.SMTP(*server) as client:
        if port == 587:
            client.starttls(context=trust)
        client.login("reports", PASSWORD)
        assert client.sendmail("jana@example.com", [FAX], a_mail(f"client-{port}")) == {}


def test_a_device_that_gives_two_scans_one_message_id(gateway: Installed, a_mail: Callable[[str], bytes]) -> None:
    device = "scanner-2@example.com"
    for _ in range(2):
        hand_over(("192.0.2.10", 25), a_mail("scan"), [FAX], sender=device, source="192.0.2.77")
    until(lambda: len(accepted_of(gateway, device)) == 2)
    first, second = accepted_of(gateway, device)
    assert first["job_id"] != second["job_id"]
    assert not first["repeated"]
    assert not second["repeated"]


def accepted_of(gateway: Installed, sender: str) -> list[dict[str, Any]]:
    return [each for each in gateway.daemon.events if each["event"] == "accepted" and each["sender"] == sender]
