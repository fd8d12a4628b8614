"""The look at a mail before its 250: what it holds, and why it can't be taken. Pure."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from gateway.documents.finding import DocumentLimits
from gateway.documents.planning import FaxRules, Opened, Plan, plan
from gateway.documents.unfaxable import Unfaxable
from gateway.intake.directives import Heeded, heed
from gateway.intake.envelope import Envelope
from gateway.intake.loops import refused_as_loop
from gateway.intake.options import Treatment
from gateway.intake.permission import within_policy
from gateway.intake.relay import body_of
from gateway.intake.reply import Reply
from gateway.mail import Mail, MailLimits, parse_mail
from gateway.spool.job import JobOptions


@dataclass(frozen=True, slots=True)
class Examined:
    """What a look at the mail has shown; with a refusal, nothing else counts."""

    mail: Mail
    body_sha256: str  # empty where no other handover is looked for
    heeded: Heeded
    refusal: Reply | None
    settled: bool  # else a longer look may still refuse it
    pages: int = 0  # at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a mail is held against; `covers` are the names of the templates that there are."""

    treatment: Treatment
    covers: frozenset[str]
    now: datetime
    opened: Opened
    by_relay: bool = False  # it comes from one of our relays, whose Authentication-Results may be believed


def examine(raw: bytes, envelope: Envelope, against: Examination) -> Examined:
    mail = parse_mail(raw, mail_limits(against.treatment.options))
    is_compared = mail.message_id is not None and against.treatment.dedupe
    body_sha256 = hashlib.sha256(body_of(raw)).hexdigest() if is_compared else ""
    usual = Heeded(against.treatment, mail.subject)
    if not envelope.faxes:  # one to the postmaster alone is not judged
        return Examined(mail, body_sha256, usual, refusal=None, settled=True)
    heeded = heed(mail, against.treatment, against.covers, against.now, envelope.release_at)
    if isinstance(heeded, Reply):
        return Examined(mail, body_sha256, usual, heeded, settled=True)
    heeded = within_policy(mail, envelope, heeded, against.now, by_relay=against.by_relay)
    if isinstance(heeded, Reply):
        return Examined(mail, body_sha256, usual, heeded, settled=True)
    judged = _judged(mail, heeded, against.opened)
    match judged:
        case Plan():
            return Examined(mail, body_sha256, heeded, None, judged.is_settled, judged.least_pages)
        case Reply():
            return Examined(mail, body_sha256, heeded, judged, settled=True)
        case _:
            assert_never(judged)


def fax_rules(options: JobOptions) -> FaxRules:
    return FaxRules(
        template=options.cover,
        when=options.cover_when,
        cover_as=options.cover_as,
        drop_body=options.drop_body,
        archives=options.archives,
        drop_blank_pages=options.drop_blank_pages,
        language=options.language,
        timezone=options.timezone,
    )


def mail_limits(options: JobOptions) -> MailLimits:
    return MailLimits(depth=options.deepest)


def document_limits(options: JobOptions) -> DocumentLimits:
    return DocumentLimits(documents=options.most_documents, pages=options.most_pages)


def _judged(mail: Mail, heeded: Heeded, opened: Opened) -> Plan | Reply:
    """Its plan, or why the mail as a whole can't be taken."""
    loop = refused_as_loop(mail)
    if loop is not None:
        return loop
    fatal = next((problem for problem in mail.problems if problem.fatal), None)
    if fatal is not None:
        return Reply.of(554, fatal.enhanced_code, fatal.sentence)
    options = heeded.treatment.options
    said = replace(mail, subject=heeded.subject)  # without directives, which are no word to the recipient
    planned = plan(said, fax_rules(options), document_limits(options), mail_limits(options), opened)
    match planned:
        case Unfaxable():
            return Reply.of(554, planned.enhanced_code, planned.sentence)
        case Plan():
            return planned
        case _:
            assert_never(planned)
