"""ReportMail: the mail that tells a sender what became of a fax, by real SMTP to ``--report-smtp``."""

import asyncio
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from io import BytesIO

import aiosmtplib
import structlog
from PIL import Image, ImageSequence

from gateway.sandbox.jobs import SandboxJob

log = structlog.get_logger()

SENDER = "faxreport@retarus.example.com"
SENDER_NAME = "Fax-for-Applications sandbox"
TRIES = 10
FIRST_RETRY = 0.5  # seconds, doubling: ten tries take four minutes
PERMANENT = 500  # RFC 5321 §4.2.1: 5yz is not to be tried again
NAMED_IN_SUBJECT = 3  # numbers; a broadcast has a thousand


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
        message = await asyncio.to_thread(_message, job, recipient, delivered=delivered)
        for number in range(TRIES):
            if number:
                await asyncio.sleep(FIRST_RETRY * 2 ** (number - 1))
            try:
                await self._hand_over(message, recipient)
            except (aiosmtplib.SMTPException, OSError) as error:
                if _is_permanent(error):
                    log.warning("report_mail_refused", job_id=job.id, error=str(error))
                    return
                log.warning("report_mail_waits", job_id=job.id, error=str(error))
            else:
                log.info("report_mail_sent", job_id=job.id, to=recipient)
                return
        log.warning("report_mail_given_up", job_id=job.id, tries=TRIES)

    async def _hand_over(self, message: EmailMessage, recipient: str) -> None:
        await aiosmtplib.send(
            message, sender=SENDER, recipients=[recipient], hostname=self._host, port=self._port, start_tls=False
        )


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):  # holds an error for the one recipient
        return all(_is_permanent(each) for each in error.recipients)
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= PERMANENT


def _message(job: SandboxJob, recipient: str, *, delivered: bool) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address(SENDER_NAME, addr_spec=SENDER)
    message["To"] = recipient
    message["Subject"] = _subject(job, delivered=delivered)
    message["Message-ID"] = make_msgid(job.id, "retarus.example.com")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
    if job.reported_at is not None:
        message["Date"] = format_datetime(job.reported_at)
    text = _text(job)
    message.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")  # readable in the raw mail too
    _attach_image(message, job, delivered=delivered)
    return message


def _subject(job: SandboxJob, *, delivered: bool) -> str:
    numbers = [status.number for status in job.statuses]
    named = ", ".join(numbers[:NAMED_IN_SUBJECT])
    more = f" and {len(numbers) - NAMED_IN_SUBJECT} more" if len(numbers) > NAMED_IN_SUBJECT else ""
    return f"Fax {'OK' if delivered else 'FAILED'}: {named}{more} ({job.id})"


def _text(job: SandboxJob) -> str:
    lines = [f"Job: {job.id}", f"Reference: {job.request.customer_id or '-'}", f"Pages: {job.pages}", ""]
    for status in job.statuses:
        lines.append(f"Number: {status.number}")
        lines.append(f"Status: {status.status}")
        lines.append(f"Reason: {status.reason}")
        lines.append(f"Sent: {status.sent_at.isoformat(timespec='seconds')}, {status.duration_seconds} s")
        if status.remote_csid:
            lines.append(f"Remote CSID: {status.remote_csid}")
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
    """The pages in their true size: a fax's dots are not square."""
    out = BytesIO()
    with Image.open(BytesIO(tiff), formats=("TIFF",)) as image:
        dpi = image.info["dpi"]
        first, *rest = [page.copy() for page in ImageSequence.Iterator(image)]
    first.save(out, "PDF", save_all=True, append_images=rest, dpi=dpi)
    return out.getvalue()
