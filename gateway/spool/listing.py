"""The list of jobs page by page: keyset paging, so that the last page of 100,000 jobs costs what the first one does."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, tuple_

from gateway.spool import schema
from gateway.spool.job import Job
from gateway.spool.jobs import load_many
from gateway.spool.search import fits, has_number, is_address
from gateway.spool.states import State

MANY = 2000  # more than so many are not looked up one by one
_ID_BEGIN = re.compile(r"[0-9a-f]{6,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """All of it must fit; what is empty doesn't count. `sender` and `to` are globs, `find` is what somebody typed."""

    find: str = ""  # our id or its begin, the API's, Message-ID, ENVID, the relay's queue id, the sender, or a number
    sender: str = ""
    to: str = ""
    state: State | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ends: the job's place in the order of the list."""

    created_at: datetime
    id: str

    def __str__(self) -> str:
        return f"{self.created_at.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        moment, _, job_id = text.partition("~")
        try:
            created_at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        return cls(created_at, job_id) if created_at.tzinfo is not None and job_id else None


@dataclass(frozen=True, slots=True)
class Page:
    """The newest first; `newer` and `older` are where the pages beside it begin, None where there is none."""

    jobs: tuple[Job, ...]
    newer: Position | None
    older: Position | None


def page(
    connection: Connection,
    wanted: Filter,
    *,
    after: Position | None = None,
    before: Position | None = None,
    limit: int = 50,
) -> Page:
    """The jobs older than `after`, or newer than `before`, or the newest."""
    job = schema.job.c
    ids = _narrowed(connection, select(job.id, job.created_at), wanted)
    place = tuple_(job.created_at, job.id)
    if before is not None:
        ids = ids.where(place > (before.created_at, before.id)).order_by(job.created_at, job.id)
    else:
        if after is not None:
            ids = ids.where(place < (after.created_at, after.id))
        ids = ids.order_by(job.created_at.desc(), job.id.desc())
    rows = [Position(row.created_at, row.id) for row in connection.execute(ids.limit(limit + 1))]
    is_more, rows = len(rows) > limit, rows[:limit]
    if before is not None:
        rows.reverse()
    found = {each.id: each for each in load_many(connection, [row.id for row in rows])}
    has_newer = is_more if before is not None else after is not None
    has_older = is_more if before is None else True
    return Page(
        tuple(found[row.id] for row in rows),
        rows[0] if rows and has_newer else None,
        rows[-1] if rows and has_older else None,
    )


def _narrowed(connection: Connection, ids: Select[Any], wanted: Filter) -> Select[Any]:
    job, mail, recipient = schema.job.c, schema.mail.c, schema.recipient.c
    if wanted.state is not None:
        ids = ids.where(_in_state(connection, wanted.state))
    if wanted.since is not None:
        ids = ids.where(job.created_at >= wanted.since)
    if wanted.until is not None:
        ids = ids.where(job.created_at < wanted.until)
    if wanted.sender:
        fitting = fits(mail.reverse_path, wanted.sender)
        few = _few(connection, select(mail.id).where(fitting))
        either = exists().where(mail.id == job.mail_id, fitting) if few is None else job.mail_id.in_(few)
        ids = ids.where(either)
    if wanted.to:
        fitting = fits(recipient.number, wanted.to)
        few = _few(connection, select(recipient.job_id).where(fitting))
        ids = ids.where(exists().where(recipient.job_id == job.id, fitting) if few is None else job.id.in_(few))
    if wanted.find:
        ids = ids.where(_known_as(wanted.find))
    return ids


def _in_state(connection: Connection, state: State) -> ColumnElement[bool]:
    """Few are found by their index and sorted; among many the list is walked in its order, which needs no sorting."""
    column = schema.job.c.state
    if _few(connection, select(schema.job.c.id).where(column == state)) is None:
        return func.coalesce(column, "") == state  # what keeps a database from the index
    return column == state


def _few(connection: Connection, wanted: Select[Any]) -> list[str] | None:
    """None: they are many."""
    found = list(connection.execute(wanted.limit(MANY)).scalars())
    return found if len(found) < MANY else None


def _known_as(name: str) -> ColumnElement[bool]:
    """Each way alone is one look into an index or one pass over a narrow table; a join of all would pass over each."""
    job, mail = schema.job.c, schema.mail.c
    bracketed = name if name.startswith("<") else f"<{name}>"
    by_mail = or_(
        mail.message_id.in_([name, bracketed]),
        mail.envid == name,
        mail.queue_id == name,
        is_address(mail.reverse_path, name),
    )
    begun = name.lower()
    by_id = (
        and_(job.id >= begun, job.id < begun + "g") if _ID_BEGIN.fullmatch(begun) else job.id == name
    )  # hexadecimal ends at f
    return or_(by_id, job.wire_id == name, _of_mail(by_mail), has_number(schema.recipient.c.number == name))


def _of_mail(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return schema.job.c.mail_id.in_(select(schema.mail.c.id).where(condition))
