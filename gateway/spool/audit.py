"""Who looked at what and did what, in the dashboard and on the command line: rows that only grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from gateway.spool import schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    at: datetime
    login: str
    address: str
    action: str
    job_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    deed: Deed


def note(connection: Connection, deeds: Sequence[Deed]) -> tuple[int, int]:
    """Returns the numbers of the first and the last row; (0, -1) for no deed."""
    numbers: list[int] = []
    for deed in deeds:
        row = {
            "at": deed.at,
            "login": deed.login[:255],
            "address": deed.address[:64],
            "action": deed.action,
            "job_id": deed.job_id,
            "detail": deed.detail,
        }
        numbers += connection.execute(insert(schema.audit).values(row)).inserted_primary_key or ()
    return (numbers[0], numbers[-1]) if numbers else (0, -1)


def following(
    connection: Connection, *, after: int, since: datetime | None, until: datetime | None, limit: int
) -> list[Entry]:
    """The oldest first; `after` is the number of the last one seen."""
    table = schema.audit.c
    query = select(schema.audit).where(table.id > after).order_by(table.id).limit(limit)
    if since is not None:
        query = query.where(table.at >= since)
    if until is not None:
        query = query.where(table.at < until)
    return [_entry(row) for row in connection.execute(query)]


def newest(connection: Connection, *, before: int | None = None, login: str | None = None, limit: int) -> list[Entry]:
    """The newest first; `before` is the number of the last one seen."""
    table = schema.audit.c
    query = select(schema.audit).order_by(table.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.id < before)
    if login:
        query = query.where(table.login == login.casefold())
    return [_entry(row) for row in connection.execute(query)]


def _entry(row: Row[Any]) -> Entry:
    deed = Deed(
        at=row.at,
        login=row.login,
        address=row.address,
        action=row.action,
        job_id=row.job_id,
        detail=row.detail,
    )
    return Entry(row.id, deed)
