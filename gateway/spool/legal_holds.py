"""Legal holds: what one names is neither purged nor erased, whatever retention says, until it is removed.

A hold on a job is one on its whole mail: the two share what is kept.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, false, insert, or_, select
from sqlalchemy import delete as delete_from

from gateway.spool import schema
from gateway.spool.jobs import Note, record
from gateway.spool.search import fits


@dataclass(frozen=True, slots=True)
class Hold:
    number: int
    job_id: str | None
    sender: str | None  # a glob on the reverse-path
    at: datetime
    actor: str
    reason: str


def add_for_job(connection: Connection, job_id: str, note: Note) -> int:
    """Returns the hold's number. `note.detail`: the reason."""
    record(connection, job_id, "legal_hold", note)
    return _add(connection, note, job_id=job_id)


def add_for_sender(connection: Connection, sender: str, note: Note) -> int:
    return _add(connection, note, sender=sender)


def remove(connection: Connection, number: int, note: Note) -> bool:
    """False: there is none of that number."""
    found = next((each for each in listed(connection) if each.number == number), None)
    if found is None:
        return False
    if found.job_id is not None:
        record(connection, found.job_id, "legal_hold_removed", note)
    connection.execute(delete_from(schema.legal_hold).where(schema.legal_hold.c.id == number))
    return True


def listed(connection: Connection) -> list[Hold]:
    rows = connection.execute(select(schema.legal_hold).order_by(schema.legal_hold.c.id))
    return [Hold(row.id, row.job_id, row.sender, row.at, row.actor, row.reason) for row in rows]


# Not the job of the query around it: one job under a hold keeps all of its mail.
_HELD_JOB = schema.job.alias("held_job")


@dataclass(frozen=True, slots=True)
class Held:
    """The holds of this moment, as conditions."""

    senders: tuple[str, ...]

    @property
    def mail(self) -> ColumnElement[bool]:
        """On the table `mail`."""
        hold, job = schema.legal_hold.c, _HELD_JOB.c
        by_job = exists().where(hold.job_id == job.id, job.mail_id == schema.mail.c.id)
        return or_(by_job, self._of(schema.mail.c.reverse_path))

    @property
    def letter(self) -> ColumnElement[bool]:
        """On the table `outbox`: a mail to the postmaster, or the word to its sender."""
        return or_(self._of(schema.outbox.c.reverse_path), self._of(schema.outbox.c.forward_path))

    def _of(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        return or_(false(), *(fits(column, sender) for sender in self.senders))


def held(connection: Connection) -> Held:
    wanted = select(schema.legal_hold.c.sender).where(schema.legal_hold.c.sender.is_not(None))
    return Held(tuple(sender for sender in connection.execute(wanted).scalars() if sender is not None))


def _add(connection: Connection, note: Note, **named: str) -> int:
    row = {"at": note.at, "actor": note.actor, "reason": note.detail, **named}
    return int((connection.execute(insert(schema.legal_hold).values(row)).inserted_primary_key or (0,))[0])
