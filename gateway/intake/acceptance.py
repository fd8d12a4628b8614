"""From the end of DATA to the reply: judge the mail, write it to the spool, answer.

A 250 means committed and synced: from then on the mail is ours, whatever happens (docs/architecture.md, "The laws").
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from gateway.documents.assembly import CoverRules, Plan, Unfaxable, plan
from gateway.documents.cover import Covers
from gateway.intake.envelope import Client, Envelope, Recipient
from gateway.intake.options import Treatment, Treatments, report_address, with_report_mail
from gateway.intake.recipients import RecipientRules, judge_recipient
from gateway.intake.relay import body_of, relay_queue_id
from gateway.intake.reply import Reply
from gateway.mail import Mail, MailLimits, parse_mail
from gateway.spool import mails
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.job import JobOptions
from gateway.spool.job import Mail as SpooledMail
from gateway.spool.jobs import new_id
from gateway.spool.mails import NewJob, NewRecipient, Taken

log = structlog.get_logger()

SPOOL_BROKEN = Reply(451, "4.3.0", "the spool can't be written now, nothing was accepted; try again later")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRules:
    recipients: RecipientRules
    mail_limits: MailLimits
    most_documents: int
    postmaster: str  # where mail to postmaster goes


class Intake:
    def __init__(
        self,
        *,
        rules: IntakeRules,
        treatments: Treatments,
        covers: Covers,
        database: Database,
        contents: ContentStore,
        received: Bell,
        said: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        self._rules = rules
        self._treatments = treatments
        self._covers = covers
        self._database = database
        self._contents = contents
        self._received = received
        self._said = said
        self._clock = clock

    def recipient(self, client: Client, reverse_path: str, address: str) -> Recipient | Reply:
        """The verdict on one RCPT command."""
        return judge_recipient(self._rules.recipients, client, reverse_path, address)

    async def accept(self, envelope: Envelope, raw: bytes) -> Reply:
        """The reply to the end of DATA. Positive only when every recipient's copy is on disk."""
        mail = parse_mail(raw, self._rules.mail_limits)
        with structlog.contextvars.bound_contextvars(message_id=mail.message_id):
            refusal = self._judge(envelope, mail)
            if refusal is not None:
                log.info("mail_refused", client=str(envelope.client.address), reply=str(refusal), bytes=len(raw))
                return refusal
            try:
                return await self._take(envelope, mail, raw)
            except (SQLAlchemyError, OSError) as error:
                log.error("spool_not_writable", error=str(error.__cause__ or error))  # noqa: TRY400 - the disk's, not ours
                return SPOOL_BROKEN

    def _judge(self, envelope: Envelope, mail: Mail) -> Reply | None:
        """Why the mail as a whole can't be taken; None where it can. One to the postmaster alone is not judged."""
        if not envelope.faxes:
            return None
        fatal = next((problem for problem in mail.problems if problem.fatal), None)
        if fatal is not None:
            return Reply.of(554, "5.6.0", fatal.sentence)
        options = self._treatments.of(envelope.reverse_path).options
        planned = plan(mail, cover_rules(options), most_documents=self._rules.most_documents)
        match planned:
            case Unfaxable():
                return Reply.of(554, planned.enhanced_code, planned.sentence)
            case Plan():
                return None

    async def _take(self, envelope: Envelope, mail: Mail, raw: bytes) -> Reply:
        now = self._clock()
        treatment = self._treatments.of(envelope.reverse_path)
        kept = await self._contents.keep(new_id(), raw)
        spooled = SpooledMail(
            id=new_id(),
            received_at=now,
            reverse_path=envelope.reverse_path,
            report_to=report_address(treatment.report_to, envelope.reverse_path, mail),
            client=str(envelope.client.address),
            helo=envelope.client.helo[:255],
            queue_id=relay_queue_id(mail),
            message_id=mail.message_id,
            subject=mail.subject,
            language=treatment.options.language,
            numbers=len(envelope.faxes),
            content_id=kept.id,
        )
        wanted = self._jobs(envelope, spooled, raw, treatment)

        def take(connection: Connection) -> tuple[Taken, str | None]:
            taken = mails.take(connection, spooled, kept, wanted) if wanted else Taken(())
            if not envelope.for_postmaster:
                return taken, None
            letter = mails.take_for_postmaster(
                connection, kept, reverse_path=envelope.reverse_path, forward_path=self._rules.postmaster, at=now
            )
            return taken, letter

        taken, letter = await self._database.write(take)
        self._announce(envelope, spooled, taken, letter, len(raw))
        return Reply.of(250, "2.0.0", f"queued as {', '.join(taken.job_ids) or letter}")

    def _jobs(self, envelope: Envelope, mail: SpooledMail, raw: bytes, treatment: Treatment) -> list[NewJob]:
        """One job for all recipients with the same documents; one each where the cover names its recipient."""
        recipients = _new_recipients(envelope, mail, raw, deduped=treatment.dedupe)
        if not recipients:
            return []
        options = with_report_mail(treatment, mail.report_to)
        if self._covers.names_recipient(options.cover):
            return [NewJob(new_id(), options, (recipient,)) for recipient in recipients]
        return [NewJob(new_id(), options, tuple(recipients))]

    def _announce(self, envelope: Envelope, mail: SpooledMail, taken: Taken, letter: str | None, size: int) -> None:
        numbers = [fax.number for fax in envelope.faxes]
        for job_id in taken.job_ids:
            log.info(
                "accepted",
                job_id=job_id,
                repeated=job_id in taken.repeated,
                client=mail.client,
                sender=mail.reverse_path,
                recipients=numbers,
                bytes=size,
                queue_id=mail.queue_id,
            )
        if letter is not None:
            log.info("accepted_for_postmaster", letter_id=letter, client=mail.client, bytes=size)
            self._said.ring()
        self._received.ring()


def cover_rules(options: JobOptions) -> CoverRules:
    return CoverRules(template=options.cover, when=options.cover_when, drop_body=options.drop_body)


def _new_recipients(envelope: Envelope, mail: SpooledMail, raw: bytes, *, deduped: bool) -> Sequence[NewRecipient]:
    message_id = mail.message_id if deduped else None
    body_sha256 = hashlib.sha256(body_of(raw)).hexdigest() if message_id is not None else ""
    return [
        NewRecipient(
            fax.number,
            fax.address,
            mails.handover_key(mail.reverse_path, message_id, fax.number, body_sha256)
            if message_id is not None
            else None,
        )
        for fax in envelope.faxes
    ]
