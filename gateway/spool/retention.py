"""What is kept for how long: bytes of mails and documents some days, the rows that tell the story some months.

Nothing of a job goes before it has ended and everything that was due to be said of it has been said, and nothing at all
of what a legal hold names.

What is over is searched for beside the writer, which mails wait for; when it is taken it is judged once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, or_, select, true, update

from gateway.spool import schema
from gateway.spool.legal_holds import Held, held
from gateway.spool.locks import Lock, exclusively
from gateway.spool.states import FINAL
from gateway.spool.tracked import REPORTS_STAY

AT_ONCE = 200  # rows of one transaction: the writer is needed for mails too
SEARCHED_AT_ONCE = 5_000  # rows of one search: a daemon that is told to stop waits for it


@dataclass(frozen=True, slots=True)
class Found:
    """`ids` of what is over, among the rows up to `last`; `last` is None behind the last row that there is."""

    ids: Sequence[str]
    last: str | None


def contents_over(connection: Connection, before: datetime, after: str) -> Found:
    """Bytes that are needed by nothing but what ended before that moment; `after`: where the last search ended."""
    return _search(connection, schema.content, schema.content.c.purged_at.is_(None), ~_kept(connection, before), after)


def purge_contents(connection: Connection, ids: Sequence[str], before: datetime, at: datetime) -> list[str]:
    """Takes those bytes; returns the ids whose files can go once this is committed."""
    exclusively(connection, Lock.HOUSEKEEPING)
    content = schema.content.c
    mine = select(content.id).where(content.id.in_(ids)).with_for_update(skip_locked=True)  # a retry may hold some
    free = list(connection.execute(mine).scalars())
    # Judged again, now that nobody else can begin to need them: a retry may have been committed since the search.
    over = and_(content.id.in_(free), content.purged_at.is_(None), ~_kept(connection, before))
    gone = update(schema.content).where(over).values(inline=None, purged_at=at)
    return list(connection.execute(gone.returning(content.id)).scalars())


def mails_over(connection: Connection, before: datetime, after: str) -> Found:
    """Mails all of whose jobs ended before that moment.

    A job whose report couldn't be deleted yet stays as long as the service keeps reports: without its row that report
    would be taken for a foreign one.
    """
    return _search(connection, schema.mail, true(), _is_over(before, held(connection)), after)


def purge_mails(connection: Connection, ids: Sequence[str], before: datetime) -> int:
    """Removes those mails with everything that belongs to them; returns how many."""
    exclusively(connection, Lock.HOUSEKEEPING)
    over = and_(schema.mail.c.id.in_(ids), _is_over(before, held(connection)))  # judged again, as contents are
    mails = list(connection.execute(select(schema.mail.c.id).where(over)).scalars())
    jobs = list(connection.execute(select(schema.job.c.id).where(schema.job.c.mail_id.in_(mails))).scalars())
    if not jobs:
        return 0
    connection.execute(update(schema.job).where(schema.job.c.parent_id.in_(jobs)).values(parent_id=None))
    for table in (schema.event, schema.recipient, schema.document, schema.attempt, schema.handover, schema.outbox):
        connection.execute(delete(table).where(table.c.job_id.in_(jobs)))
    reported = select(schema.job.c.wire_id).where(schema.job.c.id.in_(jobs))
    connection.execute(delete(schema.deletion).where(schema.deletion.c.wire_id.in_(reported)))
    connection.execute(delete(schema.job).where(schema.job.c.id.in_(jobs)))
    connection.execute(delete(schema.mail).where(schema.mail.c.id.in_(mails)))
    return len(mails)


def letters_over(connection: Connection, before: datetime, after: str) -> Found:
    """Copies to the postmaster, which belong to no job, that were settled before that moment."""
    of_no_job = schema.outbox.c.job_id.is_(None)
    return _search(connection, schema.outbox, of_no_job, _is_settled(before, held(connection)), after)


def purge_letters(connection: Connection, ids: Sequence[str], before: datetime) -> int:
    exclusively(connection, Lock.HOUSEKEEPING)
    over = and_(schema.outbox.c.id.in_(ids), _is_settled(before, held(connection)))
    return connection.execute(delete(schema.outbox).where(over)).rowcount


def contents_left(connection: Connection, after: str) -> Found:
    """Content rows without bytes that nothing refers to any more."""
    return _search(connection, schema.content, schema.content.c.purged_at.is_not(None), ~_referred_to(), after)


def remove_contents(connection: Connection, ids: Sequence[str]) -> int:
    exclusively(connection, Lock.HOUSEKEEPING)
    return connection.execute(delete(schema.content).where(schema.content.c.id.in_(ids), _is_left())).rowcount


def purge_audit(connection: Connection, before: datetime) -> int:
    """Takes rows of the audit log that are older; returns how many."""
    exclusively(connection, Lock.HOUSEKEEPING)
    audit = schema.audit.c
    old = select(audit.id).where(audit.at < before).order_by(audit.id).limit(AT_ONCE)
    return connection.execute(delete(schema.audit).where(audit.id.in_(old))).rowcount


def without_bytes(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of the ids have no content row, or one whose bytes were purged: their files are nobody's."""
    content = schema.content.c
    standing = select(content.id).where(content.id.in_(ids), content.purged_at.is_(None), content.inline.is_(None))
    return set(ids) - set(connection.execute(standing).scalars())


def _needed(before: datetime) -> ColumnElement[bool]:
    """Whether a job that has not ended, or ended since, or a word that is still to be said, needs a content."""
    content_id = schema.content.c.id
    by_document = exists().where(
        schema.document.c.content_id == content_id, schema.job.c.id == schema.document.c.job_id, _young(before)
    )
    by_mail = exists().where(
        schema.mail.c.content_id == content_id, schema.job.c.mail_id == schema.mail.c.id, _young(before)
    )
    by_letter = exists().where(schema.outbox.c.content_id == content_id, _unsaid(before))
    return or_(by_document, by_mail, by_letter)


def _search(
    connection: Connection, table: Table, among: ColumnElement[bool], over: ColumnElement[bool], after: str
) -> Found:
    """What is `over`, in the order of ids: whatever stands there, a search goes through no more than so many rows."""
    row = table.c.id
    some = list(
        connection.execute(select(row).where(row > after, among).order_by(row).limit(SEARCHED_AT_ONCE)).scalars()
    )
    if not some:
        return Found((), None)
    found = select(row).where(row.between(some[0], some[-1]), among, over)
    last = some[-1] if len(some) == SEARCHED_AT_ONCE else None
    return Found(list(connection.execute(found).scalars()), last)


def _kept(connection: Connection, before: datetime) -> ColumnElement[bool]:
    return or_(_needed(before), _held(held(connection)))


def _is_over(before: datetime, holds: Held) -> ColumnElement[bool]:
    """Of a mail."""
    return and_(~_has_young_job(before), ~_has_deletion(before), _has_job(), ~holds.mail)


def _is_settled(before: datetime, holds: Held) -> ColumnElement[bool]:
    """Of a letter that belongs to no job."""
    return and_(schema.outbox.c.job_id.is_(None), ~_unsaid(before), ~holds.letter)


def _is_left() -> ColumnElement[bool]:
    return and_(schema.content.c.purged_at.is_not(None), ~_referred_to())


def _has_job() -> ColumnElement[bool]:
    return exists().where(schema.job.c.mail_id == schema.mail.c.id)


def _has_young_job(before: datetime) -> ColumnElement[bool]:
    return exists().where(schema.job.c.mail_id == schema.mail.c.id, _young(before))


def _has_deletion(before: datetime) -> ColumnElement[bool]:
    """Whether the report of a job still stands at a data centre, and may do so."""
    return exists().where(
        schema.job.c.mail_id == schema.mail.c.id,
        schema.job.c.finished_at > before - REPORTS_STAY,
        schema.deletion.c.wire_id == schema.job.c.wire_id,
    )


def _young(before: datetime) -> ColumnElement[bool]:
    job = schema.job.c
    unsaid = exists().where(schema.outbox.c.job_id == job.id, _unsaid(before))
    return or_(job.state.not_in(list(FINAL)), job.finished_at.is_(None), job.finished_at > before, unsaid)


def _unsaid(before: datetime) -> ColumnElement[bool]:
    """A word that still waits, or that was settled since."""
    outbox = schema.outbox.c
    waits = and_(outbox.sent_at.is_(None), outbox.refused_at.is_(None))
    return or_(waits, func.coalesce(outbox.sent_at, outbox.refused_at) > before)  # never NULL: it is negated too


def _held(holds: Held) -> ColumnElement[bool]:
    """Whether a legal hold is on a content."""
    content_id = schema.content.c.id
    of_document = exists().where(
        schema.document.c.content_id == content_id,
        schema.job.c.id == schema.document.c.job_id,
        schema.mail.c.id == schema.job.c.mail_id,
        holds.mail,
    )
    of_mail = exists().where(schema.mail.c.content_id == content_id, holds.mail)
    of_letter = exists().where(schema.outbox.c.content_id == content_id, holds.letter)
    return or_(of_document, of_mail, of_letter)


def _referred_to() -> ColumnElement[bool]:
    content_id = schema.content.c.id
    return or_(
        exists().where(schema.document.c.content_id == content_id),
        exists().where(schema.mail.c.content_id == content_id),
        exists().where(schema.outbox.c.content_id == content_id),
    )
