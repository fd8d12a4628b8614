"""From the end of DATA to the reply: judge the mail, write it to the spool, answer.

A 250 means committed and synced: from then on the mail is ours, whatever happens (docs/architecture.md, "The laws").
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.documents.converter import Converters, Unavailable, look_at_once
from gateway.documents.cover import Covers
from gateway.documents.finding import Unsettled
from gateway.documents.planning import Opened
from gateway.intake.brevity import is_seen_at_once
from gateway.intake.envelope import Client, Envelope, Recipient
from gateway.intake.examination import Examination, Examined, document_limits, examine
from gateway.intake.options import Treatment, Treatments
from gateway.intake.permission import reply_of
from gateway.intake.recipients import RecipientRules, is_relay, judge_recipient, may_send
from gateway.intake.reply import Reply
from gateway.intake.taking import taking_of
from gateway.intake.verdict import Verdict
from gateway.spool import mails
from gateway.spool.bell import Bell
from gateway.spool.content import Content, ContentStore, ContentWriter
from gateway.spool.database import Database
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Mail as SpooledMail
from gateway.spool.jobs import new_id
from gateway.spool.mails import Taken

log = structlog.get_logger()

SPOOL_BROKEN = Reply(451, "4.3.0", "the spool can't be written now, nothing was accepted; try again later")
NOTHING = Taken({})
# What needs neither process nor time.
AT_ONCE = Opened(look_at_once, lambda _kind, _content: Unsettled())
# So long after a mail the next one of the same client may be on its way. Seconds.
CALM = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRules:
    recipients: RecipientRules
    postmaster: str  # where mail to postmaster goes
    parallel_parses: int  # large mails that stand in memory whole, at a time
    verdict_seconds: int  # for the documents of one mail; what is undecided then is judged after the 250


class Intake:
    def __init__(
        self,
        *,
        rules: IntakeRules,
        treatments: Treatments,
        covers: Covers,
        converters: Converters,
        database: Database,
        contents: ContentStore,
        received: Bell,
        said: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        self._rules = rules
        self._treatments = treatments
        self._covers = covers
        self._converters = converters
        self._database = database
        self._contents = contents
        self._received = received
        self._said = said
        self._clock = clock
        self._large = asyncio.Semaphore(rules.parallel_parses)
        self._in_hand = 0
        self._judged_last = 0.0

    def now(self) -> datetime:
        return self._clock()

    def recipient(self, client: Client, reverse_path: str, path: ForwardPath) -> Recipient | Reply:
        """The verdict on one RCPT command."""
        treatment = self._treatments.of(reverse_path, client.auth_user, client.address)
        return judge_recipient(self._rules.recipients, treatment, client, path, reverse_path=reverse_path)

    def may_send(self, client: Client) -> bool:
        return may_send(self._rules.recipients, client)

    def most_recipients(self, client: Client, reverse_path: str) -> int:
        return self._treatments.of(reverse_path, client.auth_user, client.address).most_recipients

    def writer(self) -> ContentWriter:
        """Where the bytes of a mail go while they arrive."""
        return self._contents.writer(new_id())

    async def accept(self, envelope: Envelope, written: ContentWriter, *, per_recipient: bool = False) -> Verdict:
        """The verdict on a mail that has arrived whole; `written` is kept or discarded, as it falls.

        `per_recipient` (LMTP): a mail that is no fax is still taken for the postmaster.
        """
        with self._busy():
            return await self._accept(envelope, written, per_recipient=per_recipient)

    async def until_quiet(self, longest: timedelta) -> None:
        """Waits until no mail is being judged, `longest` at most: senders wait for us, what is made later can wait."""
        deadline = time.monotonic() + longest.total_seconds()
        while (now := time.monotonic()) < deadline and (self._in_hand or now - self._judged_last < CALM):  # noqa: ASYNC110 - calm is time that passes, no event
            await asyncio.sleep(CALM / 4)

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1
            self._judged_last = time.monotonic()

    async def _accept(self, envelope: Envelope, written: ContentWriter, *, per_recipient: bool) -> Verdict:
        try:
            kept = await written.complete()
            examined = await self._examine_and_sync(envelope, kept, written)
        except OSError as error:
            await written.discard()
            return _broken(error)
        with structlog.contextvars.bound_contextvars(message_id=examined.mail.message_id):
            try:
                refusal, taken = await self._refused_or_taken(envelope, examined, kept)
                if refusal is not None:
                    log.info("mail_refused", client=str(envelope.client), reply=str(refusal), bytes=kept.size)
                    if not (per_recipient and envelope.for_postmaster):
                        await written.discard()
                        return Verdict(refusal)
                    taken = await self._take(envelope.without_faxes(), examined, kept)
            except SQLAlchemyError as error:
                return _broken(error)  # a file stays: whether its row was committed is not certain
            if taken.letter is None and set(taken.job_ids) <= set(taken.repeated):
                await written.discard()  # an earlier handover stands for it
            else:
                await written.committed()
            return Verdict(
                Reply.of(250, "2.0.0", f"queued as {', '.join(taken.job_ids) or taken.letter}"),
                taken.job_of,
                taken.letter,
                refusal,
            )

    async def _refused_or_taken(
        self, envelope: Envelope, examined: Examined, kept: Content
    ) -> tuple[Reply | None, Taken]:
        """The refusal of its content, or of a quota that only the transaction can see; with one nothing was written."""
        if examined.refusal is not None:
            return examined.refusal, NOTHING
        taken = await self._take(envelope, examined, kept)
        return (reply_of(taken.refused) if taken.refused is not None else None), taken

    async def _examine_and_sync(self, envelope: Envelope, kept: Content, written: ContentWriter) -> Examined:
        if kept.inline is not None:  # the commit brings it to the disk
            return await self._examine(envelope, kept)
        # The disk is slow and the look takes a processor: a large mail needs both at the same time.
        _, examined = await asyncio.gather(written.sync(), self._examine(envelope, kept))
        return examined

    async def _examine(self, envelope: Envelope, kept: Content) -> Examined:
        if kept.at_hand is not None and is_seen_at_once(kept.at_hand):
            examined = self._look(envelope, kept, AT_ONCE)
            if examined.settled:
                return examined
        async with self._large:
            limits = document_limits(self._treatment(envelope).options)
            seconds = self._rules.verdict_seconds
            opened = Opened(
                self._converters.look_within(limits, seconds), self._converters.unpack_within(limits, seconds)
            )
            try:
                return await asyncio.to_thread(self._look, envelope, kept, opened)
            except Unavailable as unavailable:
                log.warning("converter_unavailable", error=str(unavailable), hint="documents are judged after the 250")
                return await asyncio.to_thread(self._look, envelope, kept, AT_ONCE)

    def _look(self, envelope: Envelope, kept: Content, opened: Opened) -> Examined:
        raw = kept.at_hand if kept.at_hand is not None else kept.path.read_bytes()
        against = Examination(
            treatment=self._treatment(envelope),
            covers=self._covers.names(),
            now=self._clock(),
            opened=opened,
            by_relay=envelope.client.trusted or is_relay(envelope.client, self._rules.recipients.relay_networks),
        )
        return examine(raw, envelope, against)

    def _treatment(self, envelope: Envelope) -> Treatment:
        client = envelope.client
        return self._treatments.of(envelope.reverse_path, client.auth_user, client.address)

    async def _take(self, envelope: Envelope, examined: Examined, kept: Content) -> Taken:
        """Commits the mail, unless a quota is used up."""
        taking = taking_of(
            envelope,
            examined,
            kept,
            covers=self._covers,
            postmaster=self._rules.postmaster,
            now=self._clock(),
        )
        taken = await self._database.write_together(mails.take, taking)
        if taken.refused is None:
            self._announce(envelope, taking.mail, taken, kept.size)
        return taken

    def _announce(self, envelope: Envelope, mail: SpooledMail, taken: Taken, size: int) -> None:
        for nth, job_id in enumerate(taken.job_ids, start=1):
            log.info(
                "accepted",
                job_id=job_id,
                job_of_mail=nth,
                repeated=job_id in taken.repeated,
                client=mail.client,
                sender=mail.reverse_path,
                recipients=[number for number, of in taken.job_of.items() if of == job_id],
                bytes=size,
                queue_id=mail.queue_id,
                envid=mail.envid,
                auth_user=envelope.client.auth_user,
                release_at=str(envelope.release_at) if envelope.release_at is not None else None,
            )
        if taken.letter is not None:
            log.info("accepted_for_postmaster", letter_id=taken.letter, client=mail.client, bytes=size)
            self._said.ring()
        self._received.ring()


def _broken(error: Exception) -> Verdict:
    log.error("spool_not_writable", error=str(error.__cause__ or error))
    return Verdict(SPOOL_BROKEN)
