"""The look at a mail before its 250: what it holds, and why it can't be taken. Pure."""

import hashlib
from dataclasses import dataclass
from typing import assert_never

from gateway.documents.assembly import CoverRules, Plan, Unfaxable, plan
from gateway.documents.finding import DocumentLimits, Look
from gateway.intake.envelope import Envelope
from gateway.intake.loops import refused_as_loop
from gateway.intake.relay import body_of
from gateway.intake.reply import Reply
from gateway.mail import Mail, MailLimits, parse_mail
from gateway.spool.job import JobOptions


@dataclass(frozen=True, slots=True)
class ContentRules:
    mail_limits: MailLimits
    documents: DocumentLimits


@dataclass(frozen=True, slots=True)
class Examined:
    """What a look at the mail has shown; with a refusal, nothing else counts."""

    mail: Mail
    body_sha256: str
    refusal: Reply | None
    settled: bool  # else a longer look may still refuse it


def examine(raw: bytes, envelope: Envelope, rules: ContentRules, options: JobOptions, look: Look) -> Examined:
    mail = parse_mail(raw, rules.mail_limits)
    body_sha256 = hashlib.sha256(body_of(raw)).hexdigest() if mail.message_id is not None else ""
    judged = _judged(mail, envelope, rules, options, look)
    match judged:
        case Plan():
            return Examined(mail, body_sha256, None, judged.is_settled)
        case Reply() | None:
            return Examined(mail, body_sha256, judged, settled=True)
        case _:
            assert_never(judged)


def cover_rules(options: JobOptions) -> CoverRules:
    return CoverRules(template=options.cover, when=options.cover_when, drop_body=options.drop_body)


def _judged(
    mail: Mail, envelope: Envelope, rules: ContentRules, options: JobOptions, look: Look
) -> Plan | Reply | None:
    """Its plan, or why the mail as a whole can't be taken. None: one to the postmaster alone is not judged."""
    if not envelope.faxes:
        return None
    loop = refused_as_loop(mail)
    if loop is not None:
        return loop
    fatal = next((problem for problem in mail.problems if problem.fatal), None)
    if fatal is not None:
        return Reply.of(554, "5.6.0", fatal.sentence)
    planned = plan(mail, cover_rules(options), rules.documents, look)
    match planned:
        case Unfaxable():
            return Reply.of(554, planned.enhanced_code, planned.sentence)
        case Plan():
            return planned
        case _:
            assert_never(planned)
