"""A mail that is to be answered 250: its row, its jobs and its recipients, in one transaction.

The same mail may come twice, because a relay never saw our 250 or because an MFP was told to try again. The key is per
recipient: reverse-path, Message-ID, E.164 number, SHA-256 of the body. Within the window the second one makes no fax.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.spool import schema
from gateway.spool.content import Content, insert_content
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import JobOptions, Mail, Timing
from gateway.spool.jobs import Note, new_id, record
from gateway.spool.states import FINAL, State

HANDOVER_WINDOW = timedelta(hours=24)

# Built once: to build a statement costs more than to run it.
INSERT_MAIL = insert(schema.mail)
INSERT_JOB = insert(schema.job)
INSERT_RECIPIENT = insert(schema.recipient)
_upsert = upsert(schema.handover)
INSERT_HANDOVER = _upsert.on_conflict_do_update(
    index_elements=["key"], set_={"job_id": _upsert.excluded.job_id, "at": _upsert.excluded.at}
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


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail: by number the job that stands for it, made now or found."""

    job_of: Mapping[str, str]  # in the order of the recipients
    repeated: tuple[str, ...] = field(default=())  # those of the jobs that an earlier handover had made

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


def take(connection: Connection, mail: Mail, raw: Content, jobs: Sequence[NewJob]) -> Taken:
    """Writes `mail` with those of its `jobs` and recipients that no earlier handover stands for."""
    earlier = _earlier(connection, mail.received_at, jobs)
    fresh = [replace(job, recipients=tuple(r for r in job.recipients if r.handover_key not in earlier)) for job in jobs]
    if any(job.recipients for job in fresh):
        insert_content(connection, raw)
        connection.execute(INSERT_MAIL, _mail_row(mail))
    job_of: dict[str, str] = {}
    for job, rest in zip(jobs, fresh, strict=True):
        job_of |= {r.number: earlier.get(r.handover_key, job.id) for r in job.recipients}
        if rest.recipients:
            _insert_job(connection, mail, rest)
    repeated = tuple(dict.fromkeys(earlier.values()))
    for job_id in repeated:
        record(connection, job_id, "handed_over_again", Note("smtp", mail.received_at, f"from {mail.client}"))
    return Taken(job_of, repeated)


def _earlier(connection: Connection, at: datetime, jobs: Sequence[NewJob]) -> Mapping[str | None, str]:
    """Handover keys of `jobs` that stand in the spool and suppress, each with its job's id."""
    keys = [r.handover_key for job in jobs for r in job.recipients if r.handover_key is not None]
    if not keys:
        return {}
    query = (
        select(schema.handover.c.key, schema.handover.c.job_id, schema.job.c.state, schema.recipient.c.status)
        .join(schema.job, schema.job.c.id == schema.handover.c.job_id)
        .join(
            schema.recipient,
            and_(schema.recipient.c.job_id == schema.job.c.id, schema.recipient.c.dedupe_key == schema.handover.c.key),
        )
        .where(schema.handover.c.key.in_(keys), schema.handover.c.at > at - HANDOVER_WINDOW)
    )
    rows = connection.execute(query).all()
    return {row.key: row.job_id for row in rows if suppresses(State(row.state), row.status)}


def _insert_job(connection: Connection, mail: Mail, job: NewJob) -> None:
    at = mail.received_at
    connection.execute(
        INSERT_JOB,
        {
            "id": job.id,
            "mail_id": mail.id,
            "options": job.options.to_row(),
            "state": State.RECEIVED,
            "perhaps_arrived": False,
            "created_at": at,
            "start_at": job.timing.start_at,
            "ends_by": job.timing.ends_by,
            "late_by": job.timing.late_by,
            "due_at": at,
            "attempts": 0,
        },
    )
    connection.execute(
        INSERT_RECIPIENT,
        [
            {
                "job_id": job.id,
                "position": position,
                "number": recipient.number,
                "forward_paths": [path.to_row() for path in recipient.forward_paths],
                "dedupe_key": recipient.handover_key,
            }
            for position, recipient in enumerate(job.recipients)
        ],
    )
    for recipient in job.recipients:
        if recipient.handover_key is not None:
            row = {"key": recipient.handover_key, "job_id": job.id, "at": at}
            connection.execute(INSERT_HANDOVER, row)
    record(connection, job.id, "received", Note("smtp", at, f"from {mail.client}"))


def take_for_postmaster(
    connection: Connection, raw: Content, *, reverse_path: str, forward_path: str, trace: str, at: datetime
) -> str:
    """A mail to `postmaster` is no job: it waits in the outbox, as it came. Returns the outbox row's id.

    `trace` is where it came from, for its Received line.
    """
    outbox_id = new_id()
    insert_content(connection, raw)
    connection.execute(
        insert(schema.outbox).values(
            id=outbox_id,
            word="postmaster",
            reverse_path=reverse_path,
            forward_path=forward_path,
            detail=trace,
            content_id=raw.id,
            created_at=at,
            due_at=at,
            tries=0,
        )
    )
    return outbox_id


def _mail_row(mail: Mail) -> dict[str, object]:
    return {column.name: getattr(mail, column.name) for column in schema.mail.c}
