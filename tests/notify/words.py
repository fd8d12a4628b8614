"""A word to a sender of every kind, made up, and its mail as who gets it reads it."""

import email
import email.policy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage, Message
from typing import Literal

from gateway.notify.dsn import Action, RecipientWord, Word, WordKind

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=1), "CET"))
ORIGINAL = (
    b"Received: from relay.example.com by fax.example.com; Mon, 23 Nov 2026 12:00:00 +0100\r\n"
    b"From: Anna Beispiel <anna@example.com>\r\n"
    b"Subject: =?utf-8?q?Angebot_f=C3=BCr_M=C3=BCller?=\r\n"
    b"Message-ID: <mail-1@example.com>\r\n"
    b"\r\n"
    b"Guten Tag,\r\nanbei das Angebot.\r\n"
)
SENTENCES = {
    "en": {
        "busy": "The line was busy at every attempt.",
        "sent": "Delivered.",
        "doubt": "It may have arrived: the recipient's machine didn't confirm the last page.",
        "waits": "The fax service has not taken it yet.",
        "nothing": "Nothing was sent.",
    },
    "de": {
        "busy": "Die Leitung war bei jedem Versuch besetzt.",
        "sent": "Zugestellt.",
        "doubt": "Es ist vielleicht angekommen: Die Gegenstelle hat die letzte Seite nicht bestätigt.",
        "waits": "Der Faxdienst hat es noch nicht angenommen.",
        "nothing": "Es wurde nichts gesendet.",
    },
}


def recipient(sentence: str, action: Action = Action.FAILED, status: str = "4.4.1") -> RecipientWord:
    return RecipientWord(
        number="+4989123456",
        action=action,
        enhanced_status=status,
        sentence=sentence,
        address="+4989123456@fax.local",
        orcpt="rfc822;+2B4989123456@fax.local",
    )


def recipients(kind: WordKind, language: Literal["en", "de"]) -> tuple[RecipientWord, ...]:
    say = SENTENCES[language]
    busy = replace(recipient(say["busy"]), status_code="BUSY", diagnostic="simulated", sent_at=NOON)
    doubt = replace(recipient(say["doubt"], status="4.4.2"), number="+4989123458", status_code="EOD_FAILED")
    sent = replace(
        recipient(say["sent"], Action.DELIVERED, "2.0.0"),
        number="+4989123457",
        address="089123457@fax.local",
        orcpt=None,
        status_code="OK",
        sent_at=NOON + timedelta(minutes=2),
        pages=3,
        duration=timedelta(seconds=65),
        remote_csid="+49 89 123457",
    )
    match kind:
        case WordKind.FAILED:
            return (busy,)
        case WordKind.DELAYED:
            return (recipient(say["waits"], Action.DELAYED, "4.4.1"),)
        case WordKind.EXPIRED | WordKind.CANCELLED | WordKind.UNDELIVERED:
            return (recipient(say["nothing"], Action.FAILED, "4.4.7"),)
        case WordKind.DOUBT:
            return (doubt,)
        case WordKind.SENT:
            return (sent,)
        case WordKind.PARTLY:
            return (sent, busy, doubt)


def word(kind: WordKind = WordKind.FAILED, language: Literal["en", "de"] = "en") -> Word:
    return Word(
        kind=kind,
        language=language,
        to="anna@example.com",
        sender="postmaster@fax.example.com",
        reporting_mta="fax.example.com",
        message_id="<word-1@fax.example.com>",
        date=NOON + timedelta(minutes=5),
        arrival=NOON - timedelta(minutes=1),
        subject="Angebot für Müller & Söhne",
        job_id="0123456789abcdef",
        recipients=recipients(kind, language),
        original=ORIGINAL,
        original_message_id="<mail-1@example.com>",
        envid="QQ+2B314159",
        retry_until=NOON + timedelta(days=1) if kind is WordKind.DELAYED else None,
    )


def parsed(message: bytes) -> EmailMessage:
    result = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(result, EmailMessage)
    return result


def human(message: bytes) -> str:
    part = parsed(message).get_payload(0)
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def groups(message: bytes) -> list[dict[str, str]]:
    """The field groups of the message/delivery-status part, read as RFC 3464 §2.1 has them."""
    part = parsed(message).get_payload(1)
    assert isinstance(part, EmailMessage)
    assert part.get_content_type() == "message/delivery-status"
    blocks = part.get_payload()
    assert isinstance(blocks, list)
    return [{name: str(value) for name, value in block.items()} for block in blocks if isinstance(block, Message)]
