"""Finding jobs: by what an operator knows of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from gateway.spool import schema
from gateway.spool.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """All of it must fit; what is empty doesn't count. `sender` and `to` are globs (`*`, `?`), in any case."""

    ids: Sequence[str] = ()  # or their first digits
    sender: str | None = None  # the reverse-path
    to: str | None = None  # the number in E.164
    state: State | None = None
    find: str | None = None  # our id, the API's, Message-ID, ENVID, the relay's queue id, the sender, or a number
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a job's story."""

    at: datetime
    actor: str
    name: str
    from_state: str | None
    to_state: str | None
    detail: str


def find(connection: Connection, wanted: Search) -> list[str]:
    """The ids of jobs, the newest first."""
    job, mail = schema.job.c, schema.mail.c
    found = select(job.id).join(schema.mail, mail.id == job.mail_id)
    if wanted.ids:
        found = found.where(or_(*(job.id.startswith(each, autoescape=True) for each in wanted.ids)))
    if wanted.state is not None:
        found = found.where(job.state == wanted.state)
    if wanted.sender is not None:
        found = found.where(fits(mail.reverse_path, wanted.sender))
    if wanted.to is not None:
        found = found.where(has_number(fits(schema.recipient.c.number, wanted.to)))
    if wanted.find is not None:
        found = found.where(known_as(wanted.find))
    found = found.order_by(job.created_at.desc(), job.id).limit(wanted.limit)
    return list(connection.execute(found).scalars())


def story(connection: Connection, job_id: str) -> list[Line]:
    """What has happened to a job, in its order."""
    table = schema.event.c
    rows = connection.execute(select(schema.event).where(table.job_id == job_id).order_by(table.id))
    return [Line(row.at, row.actor, row.name, row.from_state, row.to_state, row.detail) for row in rows]


def known_as(name: str) -> ColumnElement[bool]:
    """A condition on jobs joined with their mails, as the next two."""
    job, mail = schema.job.c, schema.mail.c
    bracketed = name if name.startswith("<") else f"<{name}>"
    return or_(
        job.id == name,
        job.wire_id == name,
        mail.message_id.in_([name, bracketed]),
        mail.envid == name,
        mail.queue_id == name,
        is_address(mail.reverse_path, name),
        has_number(schema.recipient.c.number == name),
    )


def is_address(column: ColumnElement[str], address: str) -> ColumnElement[bool]:
    """In any case, as `fits`. The reverse-path has no index that this could miss."""
    return func.lower(column) == func.lower(address)


def has_number(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return schema.job.c.id.in_(select(schema.recipient.c.job_id).where(condition))


def fits(column: ColumnElement[str], glob: str) -> ColumnElement[bool]:
    escaped = glob.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(escaped.replace("*", "%").replace("?", "_"), escape="\\")
