"""A mail to postmaster that our own smarthost refuses: its sender hears of it (RFC 5321 §6.1). Pure.

We have answered 250 for it, so it is ours to tell. A mail from the null reverse-path is told to nobody (§6.1).
"""

import re
from typing import Literal

from gateway.mail import MailLimits, parse_mail
from gateway.notify.word import Action, RecipientWord, SaidBy, Word, WordKind
from gateway.spool.outbox import Letter

POSTMASTER = "postmaster"
_ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")  # RFC 3463 §2

_SENTENCES: dict[Literal["en", "de"], str] = {
    "en": "The mail server of the gateway's postmaster has refused it.",
    "de": "Der Mailserver des Postmasters hat sie abgelehnt.",
}


def bounce(letter: Letter, original: bytes, *, sender: str, reporting_mta: str, language: Literal["en", "de"]) -> Word:
    """`letter` is the bounce's own row; its detail is what the smarthost said, `original` the mail as it came."""
    mail = parse_mail(original, MailLimits())
    enhanced = _ENHANCED.search(letter.detail)
    return Word(
        kind=WordKind.UNDELIVERED,
        language=language,
        to=letter.forward_path,
        sender=sender,
        reporting_mta=reporting_mta,
        message_id=f"<{letter.id}@{reporting_mta}>",
        date=letter.created_at,
        arrival=letter.created_at,
        subject=mail.subject,
        job_id=letter.id,
        recipients=(
            RecipientWord(
                number=POSTMASTER,
                address=f"{POSTMASTER}@{reporting_mta}",
                action=Action.FAILED,
                enhanced_status=enhanced[0] if enhanced is not None else "5.0.0",
                sentence=_SENTENCES[language],
                diagnostic=letter.detail,
                said_by=SaidBy.GATEWAY,
            ),
        ),
        original=original,
        original_message_id=mail.message_id,
    )
