"""What a sender is told about a job, as plain values: the matter of a delivery status notification (RFC 3464)."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

_BREAKS_AND_CONTROLS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")


class WordKind(StrEnum):
    """What has happened to the fax as a whole; each has a text in each language, `dsn/KIND.LANGUAGE.txt.j2`."""

    FAILED = "failed"
    DELAYED = "delayed"  # not yet sent, still tried
    EXPIRED = "expired"  # not sent in time
    DOUBT = "doubt"  # may have gone out
    SENT = "sent"
    PARTLY = "partly"
    CANCELLED = "cancelled"
    UNDELIVERED = "undelivered"  # a mail to postmaster; no fax


class Action(StrEnum):
    """RFC 3464 §2.3.3, as far as a fax knows it."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"


class SaidBy(StrEnum):
    """Whose words a diagnostic is: a sender must not ask the fax service about what it never saw."""

    SERVICE = "service"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientWord:
    """What has happened to one recipient; `sentence` says it in the word's language."""

    number: str  # E.164
    action: Action
    enhanced_status: str  # RFC 3463: "5.1.1"
    sentence: str
    address: str | None = None  # the forward-path that named the number
    alias: str | None = None  # the name of the address book that its sender wrote
    orcpt: str | None = None  # as in RCPT, xtext not decoded (RFC 3461 §4.2)
    diagnostic: str | None = None  # as it was said
    said_by: SaidBy = SaidBy.SERVICE
    status_code: str | None = (
        None  # the service's status, as on the wire: "BUSY"; an HTTP status where there is no report
    )
    pages: int | None = None
    sent_at: datetime | None = None
    duration: timedelta | None = None
    remote_csid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One message to one sender about one job. Datetimes are aware, in the zone that the sender is to read."""

    kind: WordKind
    language: Literal["en", "de"]
    to: str  # the address alone
    sender: str  # the address alone: notify.sender
    reporting_mta: str  # our host name
    message_id: str  # with its angle brackets; the same however often the word is sent
    date: datetime
    arrival: datetime  # of the mail, our 250
    subject: str  # the mail's, decoded
    job_id: str
    recipients: tuple[RecipientWord, ...]
    original: bytes  # the mail as it came
    original_message_id: str | None = None  # with its angle brackets
    envid: str | None = None  # as in MAIL, xtext not decoded (RFC 3461 §4.4)
    ret: Literal["FULL", "HDRS"] | None = None
    retry_until: datetime | None = None  # of a delayed fax: when we shall give up
    explanation: str | None = None  # a further sentence or two, in the word's language


def tidy(word: Word) -> Word:
    """The same word with everything that came from outside on one line and without control characters."""
    recipients = tuple(
        replace(
            recipient,
            number=one_line(recipient.number),
            sentence=one_line(recipient.sentence),
            address=_maybe(recipient.address),
            alias=_maybe(recipient.alias),
            orcpt=_maybe(recipient.orcpt),
            diagnostic=_maybe(recipient.diagnostic),
            status_code=_maybe(recipient.status_code),
            remote_csid=_maybe(recipient.remote_csid),
        )
        for recipient in word.recipients
    )
    return replace(
        word,
        subject=one_line(word.subject),
        explanation=_maybe(word.explanation),
        envid=_maybe(word.envid),
        recipients=recipients,
    )


def one_line(text: str) -> str:
    # A header that was decoded with surrogateescape may bring lone surrogates, which no encoding takes.
    sound = text.encode("utf-8", "replace").decode()
    return _BREAKS_AND_CONTROLS.sub(" ", sound).strip()


def _maybe(text: str | None) -> str | None:
    return (one_line(text) or None) if text is not None else None
