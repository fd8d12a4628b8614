"""What would be sent of a mail, by the functions that send it; no network and no spool."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.delivery.request import fax_job_request
from gateway.documents.assembly import Assembled
from gateway.documents.converter import Converters
from gateway.documents.planning import Opened
from gateway.documents.unfaxable import Unfaxable
from gateway.intake.envelope import Client, Envelope, numbers_of
from gateway.intake.examination import Examination, document_limits, examine, mail_limits
from gateway.intake.hearing import hears
from gateway.intake.preparation import documents_of
from gateway.intake.recipients import judge_recipient
from gateway.intake.reply import Reply
from gateway.intake.taking import taking_of
from gateway.mail import parse_mail
from gateway.spool.attempts import StoredDocument
from gateway.spool.content import Content
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Job, Recipient
from gateway.spool.mails import NewJob, Taking
from gateway.spool.states import Standing, State

NOBODY = "+4930123456"  # a number that makes a fax where nobody was named


class Refused(Exception):
    """The mail would be refused; the text is the reply."""


@dataclass(frozen=True, slots=True)
class Previewed:
    job: Job
    assembled: Assembled


def previewed(settings: Settings, raw: bytes, to: list[str], sender: str | None, now: datetime) -> list[Previewed]:
    """The jobs of a mail with their documents; raises Refused."""
    with Converters() as converters:
        return previewed_by(settings, raw, to, sender, now, converters)


def previewed_by(
    settings: Settings, raw: bytes, to: list[str], sender: str | None, now: datetime, converters: Converters
) -> list[Previewed]:
    """The same, with converters that somebody else starts and ends."""
    covers = wiring.covers(settings)
    envelope = _envelope(settings, to, sender or _from(raw, settings))
    treatment = wiring.treatments(settings).of(envelope.reverse_path)
    limits, seconds = document_limits(treatment.options), settings.smtp.verdict_seconds
    opened = Opened(converters.look_within(limits, seconds), converters.unpack_within(limits, seconds))
    against = Examination(treatment=treatment, covers=covers.names(), now=now, opened=opened)
    examined = examine(raw, envelope, against)
    if examined.refusal is not None:
        raise Refused(str(examined.refusal))
    kept = Content("0" * 32, len(raw), None, Path(os.devnull), raw)
    taking = taking_of(envelope, examined, kept, covers=covers, postmaster="", now=now)
    found = []
    for new in taking.jobs:
        job = _job(taking, new)
        made = documents_of(job, raw, covers, converters)
        if isinstance(made, Unfaxable):
            raise Refused(f"accepted, and then told by DSN: {made.sentence}")
        found.append(Previewed(job, made))
    return found


def _envelope(settings: Settings, to: list[str], sender: str) -> Envelope:
    client = Client(address=None, helo="preview", trusted=True)
    rules, treatment = wiring.recipient_rules(settings), wiring.treatments(settings).of(sender)
    recipients = []
    for address in to or [NOBODY]:
        whole = address if "@" in address else f"{address}@{settings.smtp.domains[0]}"
        answer = judge_recipient(rules, treatment, client, ForwardPath(address=whole), reverse_path=sender)
        if isinstance(answer, Reply):
            raise Refused(str(answer))
        if numbers_of(answer):
            recipients.append(answer)
    return Envelope(client=client, reverse_path=sender, recipients=tuple(recipients))


def _from(raw: bytes, settings: Settings) -> str:
    mail = parse_mail(raw, mail_limits(wiring.treatments(settings).of("").options))
    return mail.from_.address if mail.from_ is not None and hears(mail.from_.address) else "sender@example.com"


def _job(taking: Taking, new: NewJob) -> Job:
    """As the spool would give it back."""
    now = taking.mail.received_at
    return Job(
        id=new.id,
        mail=taking.mail,
        parent_id=None,
        options=new.options,
        standing=Standing(State.RECEIVED),
        created_at=now,
        timing=new.timing,
        due_at=now,
        warned_at=None,
        late_told_at=None,
        attempts=0,
        account_id=None,
        sent_at=None,
        valid_until=None,
        accepted_at=None,
        wire_id=None,
        datacenter=None,
        pages=None,
        last_error=None,
        recipients=tuple(
            Recipient(position=position, number=each.number, forward_paths=each.forward_paths)
            for position, each in enumerate(new.recipients)
        ),
    )


def request_of(each: Previewed, settings: Settings) -> str:
    """The FaxJobRequest as JSON, each document with its size where its data would stand."""
    stored = [
        StoredDocument(made.name, made.charset, Content("0" * 32, len(made.data), None, Path(os.devnull), made.data))
        for made in each.assembled.documents
    ]
    return shown_request(each.job, stored, each.job.created_at + settings.retarus.valid_for)


def shown_request(job: Job, stored: Sequence[StoredDocument], valid_until: datetime) -> str:
    """For people's eyes: without the documents' data, and without what authorises a push."""
    fields = fax_job_request(job, stored, valid_until).model_dump(mode="json", by_alias=True, exclude_none=True)
    for document, kept in zip(fields["documents"], stored, strict=True):
        document["bytes"] = kept.content.size
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
