"""Fax4A, statusReportOptions.reportMail: a real mail by SMTP, to whom, saying what, with which image."""

import asyncio
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pypdfium2
import pytest

from gateway.sandbox import reportmail

Document = Callable[..., dict[str, str]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reportmail, "FIRST_RETRY", 0.01)


def report_mail(**fields: Any) -> dict[str, Any]:
    return {"statusReportOptions": {"reportMail": fields}}


BOTH = report_mail(successAddress="good@example.com", failureAddress="bad@example.com")


@pytest.mark.parametrize(
    ("numbers", "options", "told"),
    [
        (["+4989123456"], BOTH, "good@example.com"),
        (["+4989123456", "+4989123457"], BOTH, "good@example.com"),
        (["+4989990001"], BOTH, "bad@example.com"),
        (["+4989123456", "+4989990001"], BOTH, "bad@example.com"),
        (["+4989990005"], BOTH, "bad@example.com"),  # perhaps delivered is not delivered
        (["+4989123456"], report_mail(failureAddress="bad@example.com"), None),
        (["+4989990001"], report_mail(successAddress="good@example.com"), None),
        (["+4989123456"], {}, None),
    ],
)
def test_whom_the_outcome_is_told(
    numbers: list[str], options: dict[str, Any], told: str | None, open_sandbox: Any, job: Any, mailbox: Any
) -> None:
    async def scenario() -> None:
        async with mailbox.listening(), open_sandbox(report_smtp=("127.0.0.1", mailbox.port)) as client:
            await client.send(job(*numbers, **options))
            await client.finished()
            if told is not None:
                await mails(mailbox, told)
            # Two mails may overtake each other: what is not to come is given as long as another one takes.
            last = report_mail(successAddress="last@example.com")
            await client.send(job(**last))
            await mails(mailbox, "last@example.com")
            assert [recipient for recipient, _ in mailbox.mails] == [*([told] if told else []), "last@example.com"]

    asyncio.run(scenario())


async def mails(mailbox: Any, address: str, count: int = 1) -> list[EmailMessage]:
    async with asyncio.timeout(10):
        while len(mailbox.to(address)) < count:
            await asyncio.sleep(0.01)
    found: list[EmailMessage] = mailbox.to(address)
    return found


def test_what_the_mail_says(open_sandbox: Any, job: Any, mailbox: Any) -> None:
    async def scenario() -> None:
        async with mailbox.listening(), open_sandbox(report_smtp=("127.0.0.1", mailbox.port)) as client:
            options = BOTH | {"reference": {"customerDefinedId": "our Größe 4711"}}
            document = job()["documents"][0]
            request = job("+4989123456", "+4989990004", documents=[document] * 3, **options)
            job_id = (await client.send(request)).body["jobId"]
            [message] = await mails(mailbox, "bad@example.com")
            report = await client.report(job_id)
        assert message["To"] == "bad@example.com"
        assert message["Subject"] == f"Fax FAILED: +4989123456, +4989990004 ({job_id})"
        assert message["Auto-Submitted"] == "auto-generated"
        assert job_id in message["Message-ID"]
        assert message["Date"].datetime.isoformat()[:19] == report["recipientStatus"][0]["sentTs"][:19]
        body = message.get_body(("plain",))
        assert body is not None
        head, first, second, *_ = body.get_content().replace("\r\n", "\n").split("\n\n")
        assert head.splitlines() == [f"Job: {job_id}", "Reference: our Größe 4711", "Pages: 3"]
        assert first.splitlines()[:3] == ["Number: +4989123456", "Status: OK", "Reason: simulated"]
        assert second.splitlines()[:3] == ["Number: +4989990004", "Status: WRONG_NO", "Reason: simulated"]
        assert "110 s" in first  # 20 to dial, 30 a page

    asyncio.run(scenario())


def told_with_image(darkroom: Any, job: Any, **changes: Any) -> tuple[str, list[tuple[str, str | None, bytes]]]:
    """Sends a job; its id, and type, file name and content of what is attached to its mail."""
    job_id = darkroom.report(job(**changes))["jobId"]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for _, message in list(darkroom.mailbox.mails):
            if job_id in message["Subject"]:
                attached = [each for each in message.walk() if each.get_content_disposition() == "attachment"]
                return job_id, [
                    (each.get_content_type(), each.get_filename(), each.get_payload(decode=True)) for each in attached
                ]
        time.sleep(0.01)
    raise AssertionError("the mail did not come")


@pytest.mark.parametrize(
    ("mode", "with_success", "with_failure"),
    [
        (None, False, False),
        ("NEVER", False, False),
        ("SUCCESS_ONLY", True, False),
        ("FAILURE_ONLY", False, True),
        ("ALWAYS", True, True),
    ],
)
def test_when_the_image_is_attached(
    mode: str | None, with_success: bool, with_failure: bool, darkroom: Any, job: Any
) -> None:
    options = report_mail(successAddress="a@example.com", failureAddress="b@example.com", attachedFaxImageMode=mode)
    for number, wanted in (("+4989123456", with_success), ("+4989990001", with_failure)):
        _, attached = told_with_image(darkroom, job, recipients=[{"number": number}], **options)
        assert bool(attached) == wanted


@pytest.mark.parametrize("form", [None, "TIFF"])
def test_the_image_as_tiff_is_the_fax(form: str | None, darkroom: Any, job: Any) -> None:
    options = report_mail(successAddress="a@example.com", attachedFaxImageMode="ALWAYS", attachedFaxImageFormat=form)
    job_id, [(kind, name, content)] = told_with_image(darkroom, job, **options)
    assert (kind, name) == ("image/tiff", f"{job_id}.tif")
    assert content == darkroom.ask("GET", f"/_sandbox/jobs/{job_id}/fax.tiff")


@pytest.mark.parametrize("form", ["PDF", "PDF_WITH_OCR"])
@pytest.mark.parametrize("resolution", ["LOW", "HIGH"])
def test_the_image_as_pdf_has_its_true_size(
    form: str, resolution: str, darkroom: Any, job: Any, document: Document
) -> None:
    options = report_mail(successAddress="a@example.com", attachedFaxImageMode="ALWAYS", attachedFaxImageFormat=form)
    documents = [document("a.txt", b"one\ftwo")]
    options |= {"documents": documents, "renderingOptions": {"resolution": resolution}}
    job_id, [(kind, name, content)] = told_with_image(darkroom, job, **options)
    assert (kind, name) == ("application/pdf", f"{job_id}.pdf")
    drawn = pypdfium2.PdfDocument(content)
    assert len(drawn) == 2
    inches = [edge / 72 for edge in drawn[0].get_size()]
    assert inches == pytest.approx([1728 / 204, 297 / 25.4], abs=0.02)
    assert drawn[1].render().to_pil().convert("L").getextrema()[0] < 128  # the letters are there


def test_no_image_of_a_fax_that_could_not_be_rendered(darkroom: Any, job: Any, document: Document) -> None:
    options = report_mail(failureAddress="b@example.com", attachedFaxImageMode="ALWAYS")
    _, attached = told_with_image(darkroom, job, documents=[document("a.pdf", b"no PDF")], **options)
    assert attached == []


def test_a_mail_is_tried_again_until_the_server_takes_it(open_sandbox: Any, job: Any, mailbox: Any) -> None:
    async def scenario() -> None:
        async with mailbox.listening(), open_sandbox(report_smtp=("127.0.0.1", mailbox.port)) as client:
            mailbox.answers = ["451 4.3.0 later", "421 4.3.2 later", "452 4.2.2 later"]
            await client.send(job(**BOTH))
            assert len(await mails(mailbox, "good@example.com")) == 1
            assert mailbox.answers == []

    asyncio.run(scenario())


def test_a_mail_that_is_refused_for_good_is_not_tried_again(open_sandbox: Any, job: Any, mailbox: Any) -> None:
    async def scenario() -> None:
        async with mailbox.listening(), open_sandbox(report_smtp=("127.0.0.1", mailbox.port)) as client:
            mailbox.answers = ["554 5.7.1 never"]
            await client.send(job(**BOTH))
            await client.finished()
            await asyncio.sleep(0.2)
            assert mailbox.answers == mailbox.mails == []

    asyncio.run(scenario())
