"""Issue of the product: a mail becomes a fax. Real daemon, real sandbox, real SMTP."""

import base64
import email
import email.policy
import signal
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

Mails = Callable[..., EmailMessage]


def document(job: dict[str, Any], name: str) -> bytes:
    (found,) = [each for each in job["request"]["documents"] if each["name"] == name]
    return base64.b64decode(found["data"])


def test_a_mail_with_a_pdf_becomes_a_fax_and_its_sender_hears_of_it(running: Any, a_mail: Mails, pdf: bytes) -> None:
    job_id = running.send(a_mail(text="Anbei das Angebot."))
    reported = running.daemon.wait_for("reported", job_id=job_id)
    assert (reported["state"], reported["statuses"]) == ("sent", ["OK"])

    (job,) = running.jobs()
    request = job["request"]
    assert request["reference"]["customerDefinedId"] == job_id
    assert request["recipients"] == [{"number": "+4989123456"}]
    report_mail = request["statusReportOptions"]["reportMail"]
    assert report_mail["successAddress"] == report_mail["failureAddress"] == "jana@example.com"
    assert request["meta"]["jobValid"]["end"]
    assert [each["name"] for each in request["documents"]] == ["cover.html", "Angebot-fuer-Mueller-Soehne.pdf"]
    assert document(job, "Angebot-fuer-Mueller-Soehne.pdf") == pdf
    cover = document(job, "cover.html").decode("utf-8")
    assert "Anbei das Angebot." in cover
    assert "Angebot für Müller" in cover
    assert "Jana Beispiel" in cover

    assert job["pages"] == reported["pages"] == 3
    fax = running.get(f"/_sandbox/jobs/{job['jobId']}/fax.tiff")
    assert fax[:4] in {b"II*\0", b"MM\0*"}
    status_mail = running.mailbox.wait_for("jana@example.com")
    assert b"+4989123456" in status_mail
    assert b"OK" in status_mail


def test_one_line_per_stage_names_message_and_job(running: Any, a_mail: Mails) -> None:
    mail = a_mail()
    job_id = running.send(mail)
    running.daemon.wait_for("reported", job_id=job_id)
    for stage in ("accepted", "prepared", "submitting", "submitted", "reported"):
        event = running.daemon.wait_for(stage, job_id=job_id)
        assert event["message_id"] == mail["Message-ID"]


def test_postmaster_is_no_job_and_is_sent_on_as_it_came(running: Any) -> None:
    raw = b"Subject: who are you\r\nFrom: ida@example.org\r\n\r\nHello\r\n"
    recipients = ("postmaster", "POSTMASTER@fax.local", "Postmaster")
    for recipient in recipients:
        letter_id = running.send(raw, recipient, sender="ida@example.org")
        running.daemon.wait_for("accepted_for_postmaster", letter_id=letter_id)
        running.daemon.wait_for("word_sent", letter_id=letter_id)
    sent_on = [
        content for _, forward_paths, content in running.mailbox.mails if "postmaster@example.com" in forward_paths
    ]
    assert len(sent_on) == len(recipients)
    assert all(content.endswith(raw) for content in sent_on)
    assert running.jobs() == []


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        ("+4989123456@example.org", "550 5.1.2 example.org is not a fax domain"),
        ("+4989123456", "550 5.1.3 +4989123456 has no domain"),
        ("jana@fax.local", "550 5.1.3"),
        ("+4989@fax.local", "550 5.1.1"),
        ("+499001234567@fax.local", "550 5.7.1"),
    ],
)
def test_a_recipient_that_is_no_fax_number_of_ours_is_refused_with_its_reason(
    running: Any, a_mail: Mails, recipient: str, reply: str
) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        running.send(a_mail(), recipient)
    code, text = refusal.value.recipients[recipient]
    assert f"{code} {text.decode()}".startswith(reply)


def test_a_file_that_cannot_be_faxed_is_refused_in_the_dialogue_by_its_name(running: Any, a_mail: Mails) -> None:
    mail = a_mail()
    mail.add_attachment(b"PK\x03\x04" + bytes(60), maintype="application", subtype="zip", filename="Fotos.zip")
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        running.send(mail)
    assert refusal.value.smtp_code == 554
    assert b"5.6.1 Fotos.zip is a ZIP archive" in refusal.value.smtp_error


def test_an_empty_mail_has_nothing_to_fax(running: Any) -> None:
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        running.send(b"Subject: nothing\r\n\r\n \r\n")
    assert (refusal.value.smtp_code, refusal.value.smtp_error[:5]) == (554, b"5.6.0")


def test_a_mail_over_the_limit_is_552_whether_it_says_its_size_or_not(running: Any, a_mail: Mails) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp_port) as client:
        client.ehlo()
        code, text = client.mail("jana@example.com", ["SIZE=2000001"])
        assert (code, text[:5]) == (552, b"5.3.4")
    mail = a_mail()
    mail.add_attachment(bytes(2_000_000), maintype="application", subtype="pdf", filename="big.pdf")
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        running.send(mail)
    assert (refusal.value.smtp_code, refusal.value.smtp_error[:5]) == (552, b"5.3.4")


def test_an_api_that_is_down_delays_the_fax_and_nothing_else(gateway: Any, a_mail: Mails) -> None:
    gateway.daemon.start()
    try:
        job_id = gateway.send(a_mail())
        waiting = gateway.daemon.wait_for("not_arrived", job_id=job_id)
        assert "no connection" in waiting["reason"]
        gateway.sandbox.start()
        try:
            gateway.daemon.wait_for("reported", job_id=job_id)
            assert len(gateway.jobs()) == 1
        finally:
            gateway.sandbox.stop()
    finally:
        gateway.daemon.stop()


def test_a_400_fails_the_job_and_its_sender_is_told_what_the_api_said(running: Any, a_mail: Mails) -> None:
    job_id = running.send(a_mail(), "+4989990098@fax.local")
    rejected = running.daemon.wait_for("rejected", job_id=job_id)
    assert "No number available for rcpt" in rejected["answer"]
    dsn = email.message_from_bytes(running.mailbox.wait_for("jana@example.com"), policy=email.policy.default)
    assert dsn.get_content_type() == "multipart/report"
    assert dsn["Auto-Submitted"] == "auto-replied"
    (reverse_path,) = [mail_from for mail_from, _, _ in running.mailbox.mails]
    assert reverse_path in {"", "<>"}
    body = dsn.get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())  # it is wrapped
    assert "No number available for rcpt" in text
    assert "+4989990098" in text
    assert "Action: failed" in dsn.as_string()


def test_a_400_on_several_recipients_fails_only_the_bad_one(running: Any, a_mail: Mails) -> None:
    first = running.send(a_mail(), "+4989123456@fax.local", "+4989990098@fax.local")
    (good, bad) = running.daemon.wait_for("split", job_id=first)["into"]
    assert running.daemon.wait_for("reported", job_id=good)["state"] == "sent"
    running.daemon.wait_for("rejected", job_id=bad)
    assert [job["request"]["recipients"] for job in running.jobs()] == [[{"number": "+4989123456"}]]


def test_wrong_credentials_keep_the_job_and_pause_the_account_once(gateway: Any, a_mail: Mails) -> None:
    gateway.configure(password="wrong")
    gateway.sandbox.start()
    gateway.daemon.start()
    try:
        first, second = gateway.send(a_mail()), gateway.send(a_mail())
        gateway.daemon.wait_for("account_paused")
        gateway.daemon.wait_for("probe_refused")
    finally:
        gateway.daemon.stop()
    assert gateway.daemon.count("account_paused") == 1  # what comes after it is one warning for each probe
    refused = 1 + gateway.daemon.count("probe_refused")
    assert refused <= gateway.daemon.count("submitting") <= refused + 1  # a stop may come before the answer
    gateway.configure()
    gateway.daemon.start()
    try:
        for job_id in (first, second):
            assert gateway.daemon.wait_for("reported", job_id=job_id)["state"] == "sent"
        assert len(gateway.jobs()) == 2
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()


def test_a_daemon_killed_right_after_its_250_loses_nothing_and_faxes_once(gateway: Any, a_mail: Mails) -> None:
    gateway.daemon.start()
    job_id = gateway.send(a_mail())  # the API is down
    gateway.daemon.stop(signal.SIGKILL)
    gateway.sandbox.start()
    gateway.daemon.start()
    try:
        assert gateway.daemon.wait_for("reported", job_id=job_id)["state"] == "sent"
        assert [job["request"]["reference"]["customerDefinedId"] for job in gateway.jobs()] == [job_id]
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()


def test_a_job_killed_in_submitting_is_in_doubt_and_never_sent_again(gateway: Any, a_mail: Mails) -> None:
    gateway.sandbox.start()
    gateway.put("/_sandbox/faults", {"delay": 20})
    gateway.daemon.start()
    job_id = gateway.send(a_mail())
    gateway.daemon.wait_for("submitting", job_id=job_id)
    gateway.daemon.stop(signal.SIGKILL)
    gateway.put("/_sandbox/faults", {})
    gateway.daemon.start()
    try:
        doubt = gateway.daemon.wait_for("in_doubt", job_id=job_id)
        assert doubt["reason"] == "interrupted"
        later = gateway.send(a_mail())
        gateway.daemon.wait_for("reported", job_id=later)
        assert gateway.daemon.count("submitting") == 1, "only the later mail was submitted"
        ids = [job["request"]["reference"]["customerDefinedId"] for job in gateway.jobs()]
        assert ids.count(job_id) <= 1
    finally:
        gateway.daemon.stop()
        gateway.sandbox.stop()


def test_an_answer_lost_after_acceptance_is_found_by_its_report_and_not_faxed_twice(
    running: Any, a_mail: Mails
) -> None:
    running.put("/_sandbox/faults", {"drop_after_accept": {"count": 1}})
    job_id = running.send(a_mail())
    running.daemon.wait_for("in_doubt", job_id=job_id)
    assert running.daemon.wait_for("reported", job_id=job_id)["state"] == "sent"
    assert len(running.jobs()) == 1


def test_a_relay_that_hands_the_same_mail_over_again_gets_the_first_jobs_id(running: Any, a_mail: Mails) -> None:
    mail = a_mail()
    first = running.send(mail)
    assert running.send(mail) == first
    running.daemon.wait_for("reported", job_id=first)
    assert len(running.jobs()) == 1


def test_a_second_daemon_on_the_same_spool_leaves_with_a_message(running: Any) -> None:
    second = running.type("serve")
    assert second.returncode == 1
    assert "is in use by another fax-gateway" in second.stderr
