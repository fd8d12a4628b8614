"""A mail that is to be answered 250: its row, its jobs and its recipients, in one transaction.

The same mail may come twice, because a relay never saw our 250 or because an MFP was told to try again. The key is per
recipient: reverse-path, Message-ID, E.164 number, SHA-256 of the body. Within the window the second one makes no fax.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select

from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.policy import Denied
from gateway.spool import schema
from gateway.spool.content import Content, insert_contents
from gateway.spool.forward_path import ForwardPath
from gateway.spool.insertion import Insertion
from gateway.spool.job import JobOptions, Mail, Timing
from gateway.spool.jobs import INSERT_EVENT, Note, event_row, new_id
from gateway.spool.locks import handovers_exclusively
from gateway.spool.quota_use import Claim, Ledger
from gateway.spool.states import FINAL, State
from gateway.spool.upsert import Upsert

HANDOVER_WINDOW = timedelta(hours=24)

# Built once: to build a statement costs more than to run it.
_insert_mails = Insertion(insert(schema.mail))
_insert_jobs = Insertion(insert(schema.job))
_insert_recipients = Insertion(insert(schema.recipient))
_insert_handovers = Insertion(Upsert.or_replace(schema.handover, ["key"], ["job_id", "at"]))
_insert_events = Insertion(INSERT_EVENT)
_insert_letters = Insertion(insert(schema.outbox))
FIND_HANDOVERS = (
    select(schema.handover.c.key, schema.handover.c.job_id, schema.job.c.state, schema.recipient.c.status)
    .join(schema.job, schema.job.c.id == schema.handover.c.job_id)
    .join(
        schema.recipient,
        and_(schema.recipient.c.job_id == schema.job.c.id, schema.recipient.c.dedupe_key == schema.handover.c.key),
    )
    .where(schema.handover.c.key.in_(bindparam("keys", expanding=True)), schema.handover.c.at > bindparam("oldest"))
)


@dataclass(frozen=True, slots=True)
class NewRecipient:
    number: str  # E.164
    forward_paths: tuple[ForwardPath, ...]  # those that named it
    handover_key: str | None  # None: this mail is exempt


@dataclass(frozen=True, slots=True)
class NewJob:
    id: str
    options: JobOptions
    recipients: tuple[NewRecipient, ...]
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A mail that is to be answered 250."""

    mail: Mail
    raw: Content
    jobs: tuple[NewJob, ...]
    postmaster: str | None = None  # the forward-path of the postmaster's copy, where one is wanted
    trace: str = ""  # where the mail came from, for the copy's Received line
    claim: Claim | None = None  # None: no quota is configured


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail: by number the job that stands for it, made now or found."""

    job_of: Mapping[str, str]  # in the order of the recipients
    repeated: tuple[str, ...] = ()  # those of the jobs that an earlier handover had made
    letter: str | None = None  # the outbox row of the postmaster's copy
    refused: Denied | None = None  # a quota is used up; nothing was written

    @property
    def job_ids(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(self.job_of.values()))


def handover_key(reverse_path: str, message_id: str, number: str, body_sha256: str) -> str:
    """SHA-256 over the four, each closed by a NUL, which none of them can hold."""
    joined = f"{reverse_path}\0{message_id}\0{number}\0{body_sha256}\0"
    return hashlib.sha256(joined.encode("utf-8", "surrogateescape")).hexdigest()


def suppresses(state: State, status: str | None) -> bool:
    """Whether an earlier handover in this `state`, with this recipient `status`, makes a further fax a double.

    Only where it surely failed, was cancelled or expired, a second one is welcome.
    """
    if status is not None:
        return delivered(status) or perhaps_delivered(status)
    return state not in FINAL - {State.UNKNOWN, State.SENT, State.PARTLY_SENT}


def take(connection: Connection, takings: Sequence[Taking]) -> list[Taken]:
    """Writes mails with those of their jobs and recipients that no earlier handover stands for."""
    standing = _standing(connection, takings)
    rows, ledger = _Rows(), Ledger(connection)
    taken = [_refused(taking, standing, ledger) or _take(taking, standing, rows) for taking in takings]
    ledger.write()
    rows.write(connection)
    return taken


def _standing(connection: Connection, takings: Sequence[Taking]) -> dict[str | None, str]:
    """Handover keys that stand in the spool and suppress, each with its job's id."""
    keys = {key for taking in takings for job in taking.jobs for r in job.recipients if (key := r.handover_key)}
    if not keys:
        return {}
    handovers_exclusively(connection, keys)
    oldest = min(taking.mail.received_at for taking in takings) - HANDOVER_WINDOW
    rows = connection.execute(FIND_HANDOVERS, {"keys": list(keys), "oldest": oldest})
    return {row.key: row.job_id for row in rows if suppresses(State(row.state), row.status)}


def _take(taking: Taking, standing: dict[str | None, str], rows: "_Rows") -> Taken:
    """One mail's rows; `standing` learns its handover keys, for the mails behind it."""
    mail, note = taking.mail, Note("smtp", taking.mail.received_at, f"from {taking.mail.client}")
    job_of: dict[str, str] = {}
    repeated: dict[str, None] = {}  # a set that keeps its order
    for job in taking.jobs:
        fresh = [recipient for recipient in job.recipients if recipient.handover_key not in standing]
        for recipient in job.recipients:
            job_of[recipient.number] = standing.get(recipient.handover_key, job.id)
            if recipient.handover_key in standing:
                repeated[standing[recipient.handover_key]] = None
        if fresh:
            rows.add_job(mail, job, fresh, note)
            standing.update({r.handover_key: job.id for r in fresh if r.handover_key is not None})
    is_new = any(job_id not in repeated for job_id in job_of.values())
    if is_new:
        rows.mails.append(_mail_row(mail))
    rows.events += [event_row(job_id, "handed_over_again", note) for job_id in repeated]
    letter = rows.add_letter(taking) if taking.postmaster is not None else None
    if is_new or letter is not None:
        rows.contents.append(taking.raw)
    return Taken(job_of, tuple(repeated), letter)


def _refused(taking: Taking, standing: Mapping[str | None, str], ledger: Ledger) -> Taken | None:
    """Counts a mail against its quotas. One that an earlier handover stands for was counted then."""
    if taking.claim is None:
        return None
    fresh = sum(r.handover_key not in standing for job in taking.jobs for r in job.recipients)
    if not fresh:
        return None
    denied = ledger.enter(taking.mail.id, taking.claim, fresh, taking.mail.received_at)
    return Taken({}, refused=denied) if denied is not None else None


@dataclass(slots=True)
class _Rows:
    """What a group of mails writes, table by table: one statement each, however many mails."""

    contents: list[Content] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    recipients: list[dict[str, Any]] = field(default_factory=list)
    handovers: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)

    def add_job(self, mail: Mail, job: NewJob, recipients: Sequence[NewRecipient], note: Note) -> None:
        self.jobs.append(
            {
                "id": job.id,
                "mail_id": mail.id,
                "options": job.options.to_row(),
                "state": State.RECEIVED,
                "perhaps_arrived": False,
                "created_at": mail.received_at,
                "start_at": job.timing.start_at,
                "ends_by": job.timing.ends_by,
                "late_by": job.timing.late_by,
                "due_at": mail.received_at,
                "attempts": 0,
            }
        )
        for position, recipient in enumerate(recipients):
            key = recipient.handover_key
            paths = [path.to_row() for path in recipient.forward_paths]
            row = {"job_id": job.id, "position": position, "number": recipient.number}
            self.recipients.append(row | {"forward_paths": paths, "dedupe_key": key})
            if key is not None:
                self.handovers.append({"key": key, "job_id": job.id, "at": mail.received_at})
        self.events.append(event_row(job.id, "received", note))

    def add_letter(self, taking: Taking) -> str:
        """A mail to `postmaster` is no job: it waits in the outbox, as it came. Returns the outbox row's id."""
        letter = new_id()
        self.letters.append(
            {
                "id": letter,
                "word": "postmaster",
                "reverse_path": taking.mail.reverse_path,
                "forward_path": taking.postmaster,
                "detail": taking.trace,
                "content_id": taking.raw.id,
                "created_at": taking.mail.received_at,
                "due_at": taking.mail.received_at,
                "tries": 0,
            }
        )
        return letter

    def write(self, connection: Connection) -> None:
        insert_contents(connection, self.contents)
        _insert_mails(connection, self.mails)
        _insert_jobs(connection, self.jobs)
        _insert_recipients(connection, self.recipients)
        _insert_handovers(connection, self.handovers)
        _insert_events(connection, self.events)
        _insert_letters(connection, self.letters)


def _mail_row(mail: Mail) -> dict[str, Any]:
    return {column.name: getattr(mail, column.name) for column in schema.mail.c}
