"""The outbox: every word that is due, committed with what caused it, until the smarthost has taken it.

The row's id makes the Message-ID, so that a word that is sent again after a crash is the same word to the receiver.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, and_, bindparam, delete, insert, select, update

from gateway.spool import schema

POSTMASTER = "postmaster"  # a mail to him, as it came
UNDELIVERED = "undelivered"  # such a mail was refused; to its sender
DELAYED = "delayed"  # the end of its job makes it untrue
DOUBT = "doubt"  # a report does


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One word to one address; ``content_id`` where the whole message is stored, else it is made from the job."""

    id: str
    job_id: str | None
    word: str
    reverse_path: str
    forward_path: str
    detail: str
    content_id: str | None
    created_at: datetime
    tries: int


def letter_of(row: Row[Any]) -> Letter:
    """Of a whole row of the outbox."""
    return Letter(
        id=row.id,
        job_id=row.job_id,
        word=row.word,
        reverse_path=row.reverse_path,
        forward_path=row.forward_path,
        detail=row.detail,
        content_id=row.content_id,
        created_at=row.created_at,
        tries=row.tries,
    )


def due(connection: Connection, at: datetime, limit: int) -> list[Letter]:
    return [letter_of(row) for row in connection.execute(_DUE, {"at": at, "most": limit})]


def is_due(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    table = schema.outbox.c
    return and_(table.sent_at.is_(None), table.refused_at.is_(None), table.due_at <= at)


_DUE = select(schema.outbox).where(is_due(bindparam("at"))).order_by(schema.outbox.c.due_at).limit(bindparam("most"))


def waits(connection: Connection, letter: Letter) -> bool:
    """Whether it is still to be sent: it may have been withdrawn while others were."""
    table = schema.outbox.c
    still = select(table.id).where(table.id == letter.id, table.sent_at.is_(None), table.refused_at.is_(None))
    return connection.execute(still).first() is not None


_WITHDRAW = delete(schema.outbox).where(
    and_(
        schema.outbox.c.job_id == bindparam("of_job"),
        schema.outbox.c.word == bindparam("of_word"),
        schema.outbox.c.sent_at.is_(None),
        schema.outbox.c.refused_at.is_(None),
    )
)


def withdraw(connection: Connection, job_id: str, word: str) -> bool:
    """Takes back what nobody has been told yet, and what isn't true any more; returns whether there was such a word."""
    return bool(connection.execute(_WITHDRAW, {"of_job": job_id, "of_word": word}).rowcount)


def sent(connection: Connection, letter: Letter, at: datetime) -> None:
    _change(connection, letter, sent_at=at, tries=letter.tries + 1, last_error=None)


def refused(connection: Connection, letter: Letter, at: datetime, error: str) -> None:
    _change(connection, letter, refused_at=at, tries=letter.tries + 1, last_error=error)


def bounced(connection: Connection, letter: Letter, bounce_id: str, at: datetime, error: str) -> None:
    """A mail to the postmaster that nobody takes, and the word of it to its sender, who has our 250."""
    if not _change(connection, letter, refused_at=at, tries=letter.tries + 1, last_error=error):
        return  # another daemon has sent it meanwhile
    connection.execute(
        insert(schema.outbox).values(
            id=bounce_id,
            word=UNDELIVERED,
            reverse_path="",
            forward_path=letter.reverse_path,
            detail=error,
            content_id=letter.content_id,
            created_at=at,
            due_at=at,
            tries=0,
        )
    )


def postponed(connection: Connection, letter: Letter, due_at: datetime, error: str) -> None:
    _change(connection, letter, due_at=due_at, tries=letter.tries + 1, last_error=error)


def readdressed(connection: Connection, letter: Letter, forward_path: str, at: datetime) -> None:
    """What the sender's server refuses for good goes to the postmaster, so that somebody reads it."""
    _change(connection, letter, forward_path=forward_path, due_at=at, tries=0)


def _change(connection: Connection, letter: Letter, **values: object) -> bool:
    """False: it is settled already, by another daemon that took this one for dead."""
    table = schema.outbox.c
    waiting = and_(table.id == letter.id, table.sent_at.is_(None), table.refused_at.is_(None))
    return connection.execute(update(schema.outbox).where(waiting).values(owner=None, **values)).rowcount == 1
