"""What the cover page may show of a mail. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from gateway.documents.cover import Company, CoverContext, Sender
from gateway.documents.html import clean_html
from gateway.documents.planning import Plan
from gateway.mail import Mail
from gateway.reasons.matching import change_in_german
from gateway.spool.job import Job, JobOptions


def cover_context(job: Job, planned: Plan) -> CoverContext:
    """`recipient` and `sole_recipient` come from the envelope; the mail's To and Cc never reach a cover."""
    mail = planned.mail
    zone = ZoneInfo(job.options.timezone)
    sole = job.recipients[0].number if job.mail.numbers == 1 else None
    return CoverContext(
        sender=_sender(mail, job.mail.reverse_path),
        subject=job.mail.subject,
        date=_date(mail, job.mail.received_at).astimezone(zone),
        document_count=planned.document_count,
        body_text=mail.body.text or "",
        body_html=_safe_html(mail),
        recipient=job.recipients[0].number if len(job.recipients) == 1 else None,
        sole_recipient=sole,
        company=_company(job.options),
        left_out=_left_out(planned, job.options) if job.options.show_left_out else (),
        language=job.options.language,
    )


def _left_out(planned: Plan, options: JobOptions) -> tuple[str, ...]:
    if options.language == "en":
        return planned.left_out
    return tuple(change_in_german(each) for each in planned.left_out)


def _company(options: JobOptions) -> Company:
    return Company(
        name=options.company_name,
        phone=options.company_phone,
        fax=options.company_fax,
        address=options.company_address,
    )


def _safe_html(mail: Mail) -> Markup | None:
    if mail.body.html is None:
        return None
    return Markup(clean_html(mail.body.html, mail.inline).fragment)  # noqa: S704 - nh3 has just made it safe


def _sender(mail: Mail, reverse_path: str) -> Sender:
    if mail.from_ is None:
        return Sender(reverse_path)
    return Sender(mail.from_.address, mail.from_.display_name)


def _date(mail: Mail, received_at: datetime) -> datetime:
    """The mail's own date where it has one that names a moment; an MFP often sends none."""
    return mail.date if mail.date is not None and mail.date.tzinfo is not None else received_at
