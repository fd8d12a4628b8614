"""A mail that is to be answered 250 as what the spool takes: mail, jobs, the postmaster's copy. Pure but for ids."""

from datetime import datetime

from gateway.documents.cover import Covers
from gateway.intake.directives import Heeded
from gateway.intake.envelope import Client, Envelope
from gateway.intake.examination import Examined
from gateway.intake.options import report_address, with_report_mail
from gateway.intake.relay import relay_queue_id
from gateway.spool.content import Content
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Mail, Timing
from gateway.spool.jobs import new_id
from gateway.spool.mails import NewJob, NewRecipient, Taking, handover_key
from gateway.spool.quota_use import Claim


def taking_of(
    envelope: Envelope,
    examined: Examined,
    kept: Content,
    *,
    covers: Covers,
    postmaster: str,
    now: datetime,
) -> Taking:
    mail, client, treatment = examined.mail, envelope.client, examined.heeded.treatment
    spooled = Mail(
        id=new_id(),
        received_at=now,
        reverse_path=envelope.reverse_path,
        report_to=report_address(treatment.report_to, envelope.reverse_path, mail),
        client=str(client),
        helo=client.helo[:255],
        queue_id=relay_queue_id(mail),
        message_id=mail.message_id,
        subject=examined.heeded.subject,
        language=treatment.options.language,
        numbers=len(envelope.faxes),
        content_id=kept.id,
        envid=envelope.envid,
        ret=envelope.ret,
    )
    return Taking(
        mail=spooled,
        raw=kept,
        jobs=tuple(_jobs(envelope, spooled, examined, covers)),
        postmaster=postmaster if envelope.for_postmaster else None,
        trace=_trace(client),
        claim=_claim(envelope, examined),
    )


def _claim(envelope: Envelope, examined: Examined) -> Claim | None:
    treatment = examined.heeded.treatment
    if not treatment.quotas or not envelope.faxes:
        return None
    return Claim(envelope.sender, treatment.quotas, examined.pages, treatment.times.timezone)


def _jobs(envelope: Envelope, mail: Mail, examined: Examined, covers: Covers) -> list[NewJob]:
    """One job for all numbers with the same documents and NOTIFY; one each where the cover names its recipient."""
    treatment = examined.heeded.treatment
    apart = covers.names_recipient(treatment.options.cover)
    timing = _timing(envelope, examined.heeded, mail.received_at)
    groups: dict[object, list[NewRecipient]] = {}
    for number, paths in envelope.faxes.items():
        key = number if apart else frozenset(path.notify for path in paths)
        groups.setdefault(key, []).append(
            _recipient(mail, number, paths, examined.body_sha256, deduped=treatment.dedupe)
        )
    return [
        NewJob(new_id(), with_report_mail(treatment, mail.report_to, group[0].forward_paths), tuple(group), timing)
        for group in groups.values()
    ]


def _timing(envelope: Envelope, heeded: Heeded, received_at: datetime) -> Timing:
    """What the envelope asks for beats what the mail does; the hours of [times] beat both."""
    ends_by = envelope.ends_by
    if ends_by is None and envelope.late_by is None:
        ends_by = heeded.expires_at
    start_at = heeded.deferred_to or envelope.release_at or heeded.send_at or received_at
    return Timing(start_at, ends_by, envelope.late_by)


def _recipient(
    mail: Mail, number: str, paths: tuple[ForwardPath, ...], body_sha256: str, *, deduped: bool
) -> NewRecipient:
    if mail.message_id is None or not deduped:
        return NewRecipient(number, paths, None)
    return NewRecipient(number, paths, handover_key(mail.reverse_path, mail.message_id, number, body_sha256))


def _trace(client: Client) -> str:
    """RFC 5321 §4.4: from whom, and by which protocol (RFC 3848)."""
    return f"from {client.helo or 'unknown'} ([{client}]) with {client.protocol}"
