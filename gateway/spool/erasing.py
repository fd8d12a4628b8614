"""Erasing: what the spool holds of persons in jobs that have ended goes, before retention would take it.

A mail and all of its jobs go together: they share the content, and each number stands in the mail. What stays is the
bare row for statistics (states, times, pages, the service's status), and the handover key, a hash, so that a relay
which hands the mail over once more makes no second fax.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, delete, exists, inspect, or_, select, update

from gateway.spool import schema
from gateway.spool.erasures import ErasureLog, key
from gateway.spool.job import Job
from gateway.spool.jobs import Note, advance, load_all, query, record, reload
from gateway.spool.legal_holds import held
from gateway.spool.operations import Done
from gateway.spool.search import fits
from gateway.spool.states import FINAL, Event

ERASED = "erased"  # where a column must hold something
PARAMETERS = 500  # of one statement: databases limit them


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of it; the files of `contents` can go once this is committed."""

    done: tuple[Done, ...]
    contents: tuple[str, ...]
    letters: int = 0  # mails to the postmaster


def erase(
    connection: Connection, jobs: Iterable[Job], note: Note, log: ErasureLog, *, sender: str | None = None
) -> Erased:
    """Of each mail that one of the jobs came in; with `sender`, a glob, also mails of theirs to the postmaster."""
    done: list[Done] = []
    gone: list[Job] = []
    for mail_id in dict.fromkeys(job.mail.id for job in jobs):
        family = load_all(connection, query().where(schema.mail.c.id == mail_id))
        why_not = _why_not(connection, family)
        if why_not is None:
            gone += family
        done += [Done(job.id, why_not or "erased", refused=why_not is not None) for job in family]
    copies = _copies_of(connection, gone)
    letters = _letters_of(connection, sender) if sender is not None else []
    log.add([*(job.id for job in gone), *copies, *letters], note.at)
    contents = _remove(connection, [job for job in gone if job.erased_at is None], note)
    contents += _remove_letters(connection, [*copies, *letters])
    return Erased(tuple(done), tuple(_take_bytes(connection, contents, note.at)), len(letters))


def replay(connection: Connection, keys: Collection[str], note: Note) -> Erased:
    """Erases once more what a restored backup has brought back.

    What had not ended in the backup has since, or it would not have been erased. How, nobody knows any more, and its
    sender was told then: it becomes `unknown`, without a word.
    """
    ids = [row_id for row_id in connection.execute(select(schema.job.c.id)).scalars() if key(row_id) in keys]
    back: list[Job] = []
    contents: list[str] = []
    copies: list[str] = []
    for some in _portions(ids):
        mails = select(schema.job.c.mail_id).where(schema.job.c.id.in_(some))
        family = load_all(connection, query().where(schema.mail.c.id.in_(mails)))
        found = [job for job in family if job.erased_at is None]
        contents += _remove(connection, found, note)
        copies += _copies_of(connection, found)  # the postmaster had them, or the jobs would not have been erased
        for job in found:
            if job.state not in FINAL:
                advance(connection, reload(connection, job), Event.EXPIRED, Note(note.actor, note.at))
        back += found
    all_letters = connection.execute(select(schema.outbox.c.id).where(schema.outbox.c.job_id.is_(None))).scalars()
    letters = [row_id for row_id in all_letters if key(row_id) in keys]
    contents += _remove_letters(connection, [*copies, *letters])
    gone = _take_bytes(connection, contents, note.at)
    return Erased(tuple(Done(job.id, "erased again") for job in back), tuple(gone), len(letters))


def erased_jobs(connection: Connection) -> dict[str, str]:
    """As lines of the erasure log: those whose rows are still there."""
    if schema.job.c.erased_at.name not in {column["name"] for column in inspect(connection).get_columns("job")}:
        return {}  # the spool of a release that could erase nothing
    query = select(schema.job.c.id, schema.job.c.erased_at).where(schema.job.c.erased_at.is_not(None))
    return {key(row.id): row.erased_at.isoformat() for row in connection.execute(query)}


def _why_not(connection: Connection, family: Sequence[Job]) -> str | None:
    open_one = next((job for job in family if job.state not in FINAL), None)
    if open_one is not None:
        which = "it" if len(family) == 1 else f"job {open_one.id[:8]} of its mail"
        return f"{which} is {open_one.state.value}: only what has ended can be erased"
    outbox, mail, holds = schema.outbox.c, family[0].mail, held(connection)
    waiting = select(outbox.id).where(outbox.job_id.in_([job.id for job in family]), _waits(schema.outbox))
    if connection.execute(waiting).first() is not None:
        return "a word to its sender still waits: see that notify.smarthost takes it"
    copies = select(outbox.id).where(outbox.content_id == mail.content_id)
    if connection.execute(copies.where(_waits(schema.outbox))).first() is not None:
        return "the postmaster's copy of its mail still waits: see that notify.smarthost takes it"
    wanted = select(schema.mail.c.id).where(schema.mail.c.id == mail.id, holds.mail)
    if any(connection.execute(query).first() is not None for query in (wanted, copies.where(holds.letter))):
        return "it is under a legal hold: see jobs legal-hold list"
    return None


def _waits(outbox: FromClause) -> ColumnElement[bool]:
    return and_(outbox.c.sent_at.is_(None), outbox.c.refused_at.is_(None))


def _remove(connection: Connection, gone: Sequence[Job], note: Note) -> list[str]:
    """Returns the ids of their contents."""
    contents: list[str] = []
    for job in gone:
        of_job = schema.document.c.job_id == job.id
        contents += [
            job.mail.content_id,
            *connection.execute(select(schema.document.c.content_id).where(of_job)).scalars(),
        ]
        connection.execute(update(schema.document).where(of_job).values(name=ERASED))
        connection.execute(delete(schema.outbox).where(schema.outbox.c.job_id == job.id))
        connection.execute(update(schema.event).where(schema.event.c.job_id == job.id).values(detail=""))
        connection.execute(update(schema.audit).where(schema.audit.c.job_id == job.id).values(detail=""))
        bare: dict[str, Any] = {
            "number": ERASED,
            "forward_paths": [],
            "reason": None,
            "sent_to_number": None,
            "remote_csid": None,
        }
        connection.execute(update(schema.recipient).where(schema.recipient.c.job_id == job.id).values(bare))
        row: dict[str, Any] = {"options": {}, "last_error": None, "erased_at": note.at}
        connection.execute(update(schema.job).where(schema.job.c.id == job.id).values(row))
        connection.execute(update(schema.mail).where(schema.mail.c.id == job.mail.id).values(_BARE_MAIL))
        of_mail = schema.quota_use.c.mail_id == job.mail.id
        connection.execute(update(schema.quota_use).where(of_mail).values(sender=ERASED))
        record(connection, job.id, "erased", Note(note.actor, note.at))
    return contents


_BARE_MAIL = {
    "reverse_path": "",
    "report_to": "",
    "client": "",
    "helo": "",
    "queue_id": None,
    "message_id": None,
    "subject": "",
    "envid": None,
}


def _copies_of(connection: Connection, gone: Sequence[Job]) -> list[str]:
    """What the postmaster got of mails that went to numbers too; none waits, or the jobs would stay."""
    outbox, mails = schema.outbox.c, [job.mail.content_id for job in gone]
    wanted = select(outbox.id).where(outbox.job_id.is_(None), outbox.content_id.in_(mails))
    return list(connection.execute(wanted).scalars())


def _letters_of(connection: Connection, sender: str) -> list[str]:
    """Mails to the postmaster that he has, and what their senders were told; not those under a hold.

    Nor those whose mail something else still needs: jobs of it, with which they go, or a word about it that waits.
    """
    outbox, waiting = schema.outbox.c, schema.outbox.alias("waiting")
    theirs = or_(fits(outbox.reverse_path, sender), and_(outbox.reverse_path == "", fits(outbox.forward_path, sender)))
    awaited = exists().where(waiting.c.content_id == outbox.content_id, _waits(waiting))
    wanted = select(outbox.id).where(
        outbox.job_id.is_(None),
        ~_waits(schema.outbox),
        theirs,
        ~awaited,
        ~_has_jobs(outbox.content_id),
        ~held(connection).letter,
    )
    return list(connection.execute(wanted).scalars())


def _remove_letters(connection: Connection, letters: Sequence[str]) -> list[str]:
    """Returns the ids of their contents."""
    outbox = schema.outbox.c
    contents: list[str] = []
    for some in _portions(letters):
        wanted = select(outbox.content_id).where(outbox.id.in_(some), outbox.content_id.is_not(None))
        contents += connection.execute(wanted).scalars()
        connection.execute(delete(schema.outbox).where(outbox.id.in_(some)))
    return contents


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PARAMETERS):
        yield ids[start : start + PARAMETERS]


def _take_bytes(connection: Connection, contents: Iterable[str], at: datetime) -> list[str]:
    """Of those that nothing refers to any more but what is erased; returns their ids."""
    table = schema.content.c
    in_outbox = exists().where(schema.outbox.c.content_id == table.id)
    gone = []
    for content_id in dict.fromkeys(contents):
        free = and_(table.id == content_id, ~in_outbox, ~_has_jobs(table.id))
        if connection.execute(select(table.id).where(free)).first() is not None:
            taken = update(schema.content).where(table.id == content_id, table.purged_at.is_(None))
            connection.execute(taken.values(inline=None, sha256=None, purged_at=at))
            gone.append(content_id)
    return gone


def _has_jobs(content_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether it is the mail or a document of a job that isn't erased."""
    job = schema.job.c
    of_mail = exists().where(
        schema.mail.c.content_id == content_id, job.mail_id == schema.mail.c.id, job.erased_at.is_(None)
    )
    of_document = exists().where(
        schema.document.c.content_id == content_id, job.id == schema.document.c.job_id, job.erased_at.is_(None)
    )
    return or_(of_mail, of_document)
