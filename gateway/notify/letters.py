"""A row of the outbox becomes the message that goes out: a notification made from the job, or a mail as it came.

The same row makes the same message each time: its Message-ID and its date come from the row.
"""

from datetime import timedelta
from email.utils import format_datetime
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gateway.fax4a.status import delivered, enhanced_status, perhaps_delivered, sentence
from gateway.intake.loops import LOOP_HEADER
from gateway.notify.bounce import bounce
from gateway.notify.dsn import build_dsn
from gateway.notify.word import Action, RecipientWord, SaidBy, Word, WordKind
from gateway.spool import jobs, outbox
from gateway.spool.content import Content, ContentPurged, ContentStore
from gateway.spool.database import Database
from gateway.spool.job import Job
from gateway.spool.outbox import Letter
from gateway.spool.told import Told, told

# The outbox's words, and the texts that say them.
KINDS = {
    "failed": WordKind.FAILED,
    "delayed": WordKind.DELAYED,
    "expired": WordKind.EXPIRED,
    "doubt": WordKind.DOUBT,
    "cancelled": WordKind.CANCELLED,
    "perhaps": WordKind.PARTLY,
}
OUTCOMES = ("outcome", "resolved", "result")
EXPLANATIONS: dict[str, dict["Language", str]] = {
    "resolved": {
        "en": "We told you before that it may have gone out; this is what the fax service reports now.",
        "de": "Wir hatten geschrieben, dass es vielleicht gesendet wurde; dies meldet der Faxdienst nun.",
    }
}
# Of a word that comes to the postmaster, since nobody took it where it was for.
READDRESSED: dict["Language", str] = {
    "en": "This word is for {to}, who could not be reached. Please see that they hear of it.",
    "de": "Diese Nachricht ist für {to} und konnte dort nicht zugestellt werden. Bitte geben Sie sie weiter.",
}
Language = Literal["en", "de"]


class Letters:
    def __init__(
        self,
        *,
        database: Database,
        contents: ContentStore,
        sender: str,
        reporting_mta: str,
        expire_after: timedelta,
        language: Language,
    ) -> None:
        self._database = database
        self._contents = contents
        self._sender = sender
        self._reporting_mta = reporting_mta
        self._expire_after = expire_after
        self._language = language  # of words that belong to no job

    async def write(self, letter: Letter) -> bytes:
        """The whole message with its header; raises LookupError where the row has lost what it tells of."""
        job, content = await self._database.read(lambda connection: self._told_of(connection, letter))
        if letter.word == outbox.UNDELIVERED and content is not None:
            return build_dsn(
                bounce(
                    letter,
                    await content.read(),
                    sender=self._sender,
                    reporting_mta=self._reporting_mta,
                    language=self._language,
                )
            )
        if job is None and content is not None:
            return self._trace(letter) + await content.read()
        if job is None:
            raise LookupError(f"the mail of letter {letter.id} is gone")
        return build_dsn(self._word(letter, job, await content.read() if content is not None else b""))

    def _told_of(self, connection: Connection, letter: Letter) -> tuple[Job | None, Content | None]:
        """The job and the mail that it came in, unless that was purged; for a mail to the postmaster that alone."""
        if letter.content_id is not None:
            return None, self._contents.load(connection, letter.content_id)
        job = jobs.load(connection, letter.job_id) if letter.job_id is not None else None
        if job is None:
            raise LookupError(f"the job of letter {letter.id} is gone")
        try:
            return job, self._contents.load(connection, job.mail.content_id)
        except ContentPurged:  # a report that came weeks later
            return job, None

    def _trace(self, letter: Letter) -> bytes:
        """RFC 5321 §4.4: whoever hands a mail on adds where it came through; and the mark that ends a loop."""
        lines = [f"Received: {letter.detail}", f"by {self._reporting_mta} (fax-gateway) id {letter.id};"]
        received = "\r\n\t".join([*lines, format_datetime(letter.created_at)])
        return f"{received}\r\n{LOOP_HEADER}: {self._reporting_mta}\r\n".encode("ascii", "replace")

    def _word(self, letter: Letter, job: Job, original: bytes) -> Word:
        kind = _kind(letter.word, job)
        language: Language = job.options.language
        zone = ZoneInfo(job.options.timezone)
        return Word(
            kind=kind,
            language=language,
            to=letter.forward_path,
            sender=self._sender,
            reporting_mta=self._reporting_mta,
            message_id=f"<{letter.id}@{self._reporting_mta}>",
            date=letter.created_at.astimezone(zone),
            arrival=job.mail.received_at.astimezone(zone),
            subject=job.mail.subject,
            job_id=job.id,
            recipients=tuple(
                _recipient(kind, each, job, letter.detail, language, zone)
                for each in told(job.recipients, letter.word, job.options.report_on)
            ),
            original=original,
            original_message_id=job.mail.message_id,
            envid=job.mail.envid,
            ret=job.mail.ret,
            explanation=_explanation(letter, job),
            retry_until=(job.start_at + self._expire_after).astimezone(zone) if kind is WordKind.DELAYED else None,
        )


def _explanation(letter: Letter, job: Job) -> str | None:
    language: Language = job.options.language
    meant_for = job.mail.report_to
    sentences = [
        EXPLANATIONS.get(letter.word, {}).get(language),
        READDRESSED[language].format(to=meant_for) if letter.forward_path != meant_for else None,
    ]
    return " ".join(filter(None, sentences)) or None


def _kind(word: str, job: Job) -> WordKind:
    """What an `outcome` or a `resolved` doubt says depends on the report: all delivered, none, or some."""
    if word not in OUTCOMES:
        return KINDS[word]
    statuses = {each.recipient.status or "" for each in told(job.recipients, word, job.options.report_on)}
    if all(map(delivered, statuses)):
        return WordKind.SENT
    surely_not = not any(delivered(status) or perhaps_delivered(status) for status in statuses)
    return WordKind.FAILED if surely_not else WordKind.PARTLY


def _recipient(
    kind: WordKind, told_of: Told, job: Job, detail: str, language: Language, zone: ZoneInfo
) -> RecipientWord:
    recipient, path = told_of.recipient, told_of.path
    if recipient.status is not None:
        return RecipientWord(
            number=recipient.number,
            address=path.address,
            alias=path.alias,
            orcpt=path.orcpt,
            action=Action.DELIVERED if delivered(recipient.status) else Action.FAILED,
            enhanced_status=enhanced_status(recipient.status),
            sentence=sentence(recipient.status, language),
            diagnostic=recipient.reason,
            status_code=recipient.status,
            pages=job.pages,
            sent_at=recipient.sent_at.astimezone(zone) if recipient.sent_at is not None else None,
            duration=timedelta(seconds=recipient.duration_seconds) if recipient.duration_seconds is not None else None,
            remote_csid=recipient.remote_csid,
        )
    unprepared = kind is WordKind.FAILED and job.sent_at is None  # the fax service has never seen it
    action, enhanced = (Action.FAILED, "5.6.0") if unprepared else _action(kind)  # RFC 3463 §3.7
    return RecipientWord(
        number=recipient.number,
        address=path.address,
        alias=path.alias,
        orcpt=path.orcpt,
        action=action,
        enhanced_status=enhanced,
        sentence=UNPREPARED[language] if unprepared else SENTENCES[kind][language],
        diagnostic=detail or None,
        said_by=SaidBy.SERVICE if kind is WordKind.FAILED and not unprepared else SaidBy.GATEWAY,
    )


def _action(kind: WordKind) -> tuple[Action, str]:
    """RFC 3464 §2.3.3 and RFC 3463 for a fax without a report."""
    match kind:
        case WordKind.DELAYED:
            return Action.DELAYED, "4.4.0"  # other network or routing status
        case WordKind.EXPIRED:
            return Action.FAILED, "5.4.7"  # delivery time expired
        case WordKind.DOUBT:
            return Action.FAILED, "5.4.0"
        case WordKind.FAILED | WordKind.CANCELLED | WordKind.PARTLY | WordKind.UNDELIVERED:
            return Action.FAILED, "5.0.0"
        case WordKind.SENT:
            return Action.DELIVERED, "2.0.0"
        case _:
            assert_never(kind)


UNPREPARED: dict[Language, str] = {
    "en": "not sent: no fax could be made of the mail",
    "de": "nicht gesendet: aus der Mail ließ sich kein Fax machen",
}
SENTENCES: dict[WordKind, dict[Language, str]] = {
    WordKind.FAILED: {"en": "not sent: the fax was refused", "de": "nicht gesendet: das Fax wurde abgelehnt"},
    WordKind.DELAYED: {"en": "not sent yet, still tried", "de": "noch nicht gesendet, wird weiter versucht"},
    WordKind.EXPIRED: {"en": "not sent: the time was over", "de": "nicht gesendet: die Zeit ist abgelaufen"},
    WordKind.DOUBT: {
        "en": "may have been sent: ask the recipient before you send it again",
        "de": "vielleicht gesendet: fragen Sie den Empfänger, bevor Sie es noch einmal senden",
    },
    WordKind.CANCELLED: {"en": "not sent: cancelled", "de": "nicht gesendet: abgebrochen"},
    WordKind.PARTLY: {"en": "no result known", "de": "kein Ergebnis bekannt"},
    WordKind.SENT: {"en": "sent", "de": "gesendet"},
}
