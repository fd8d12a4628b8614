"""ReportMail: the mail that tells a sender what became of a fax, by real SMTP to ``--report-smtp``."""

import asyncio
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from io import BytesIO

import aiosmtplib
import structlog
from PIL import Image, ImageSequence

from gateway.sandbox.jobs import SandboxJob

log = structlog.get_logger()

SENDER = "faxreport@retarus.example.com"
TRIES = 5
FIRST_RETRY = 1.0  # seconds


class ReportMailer:
    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def send(self, job: SandboxJob) -> None:
        """To the success address where every recipient is OK, else to the failure address; without one, to nobody."""
        options, delivered = job.request.report_mail, all(status.status == "OK" for status in job.statuses)
        recipient = options.success_address if delivered else options.failure_address
        if recipient is None:
            return
        message = _message(job, recipient, delivered=delivered)
        for number in range(TRIES):
            try:
                await aiosmtplib.send(
                    message,
                    sender=SENDER,
                    recipients=[recipient],
                    hostname=self._host,
                    port=self._port,
                    start_tls=False,
                )
            except (aiosmtplib.SMTPException, OSError) as error:
                log.warning("report_mail_waits", job_id=job.id, error=str(error))
                await asyncio.sleep(FIRST_RETRY * 2**number)
            else:
                log.info("report_mail_sent", job_id=job.id, to=recipient)
                return


def _message(job: SandboxJob, recipient: str, *, delivered: bool) -> EmailMessage:
    result = "OK" if delivered else "FAILED"
    numbers = ", ".join(status.number for status in job.statuses)
    message = EmailMessage()
    message["From"] = f"Fax-for-Applications sandbox <{SENDER}>"
    message["To"] = recipient
    message["Subject"] = f"Fax {result}: {numbers} ({job.id})"
    message["Message-ID"] = make_msgid(job.id, "retarus.example.com")
    message["Auto-Submitted"] = "auto-generated"
    if job.reported_at is not None:
        message["Date"] = format_datetime(job.reported_at)
    message.set_content(_text(job))
    _attach_image(message, job, delivered=delivered)
    return message


def _text(job: SandboxJob) -> str:
    lines = [f"Job: {job.id}", f"Reference: {job.request.customer_id or '-'}", f"Pages: {job.pages}", ""]
    for status in job.statuses:
        lines.append(f"Number: {status.number}")
        lines.append(f"Status: {status.status}")
        lines.append(f"Reason: {status.reason}")
        lines.append(f"Sent: {status.sent_at.isoformat(timespec='seconds')}, {status.duration_seconds} s")
        lines.append("")
    return "\n".join(lines)


def _attach_image(message: EmailMessage, job: SandboxJob, *, delivered: bool) -> None:
    mode = job.request.report_mail.image_mode
    if mode not in {"ALWAYS", "SUCCESS_ONLY" if delivered else "FAILURE_ONLY"} or job.fax is None:
        return
    tiff = job.fax.read_bytes()
    if job.request.report_mail.image_format == "TIFF":
        message.add_attachment(tiff, maintype="image", subtype="tiff", filename=f"{job.id}.tif")
    else:  # PDF_WITH_OCR comes as a PDF without text: the sandbox reads no letters
        message.add_attachment(_as_pdf(tiff), maintype="application", subtype="pdf", filename=f"{job.id}.pdf")


def _as_pdf(tiff: bytes) -> bytes:
    first, *rest = [page.copy() for page in ImageSequence.Iterator(Image.open(BytesIO(tiff)))]
    out = BytesIO()
    first.save(out, "PDF", save_all=True, append_images=rest)
    return out.getvalue()
