"""Who is logged in at the dashboard. A session's id is 256 random bits; the table has only its hash."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import Connection, delete, insert, or_, select, update

from gateway.spool.logins import Role
from gateway.spool.schema import login, web_session

LONGEST = timedelta(hours=12)  # a working day, then the password is asked for again
IDLE = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=1)  # not every click is worth a write


@dataclass(frozen=True, slots=True)
class Session:
    login: str
    role: Role
    is_stale: bool  # `touch` should be called


def begin(connection: Connection, name: str, at: datetime) -> str:
    """Returns the id for the cookie; sessions that are over go."""
    over = or_(web_session.c.created_at < at - LONGEST, web_session.c.seen_at < at - IDLE)
    connection.execute(delete(web_session).where(over))
    session_id = token_urlsafe(32)
    row = {"key": _key(session_id), "login": name.casefold(), "created_at": at, "seen_at": at}
    connection.execute(insert(web_session).values(row))
    return session_id


def find(connection: Connection, session_id: str, at: datetime) -> Session | None:
    """None where it is over; the role is the login's of this moment."""
    query = (
        select(web_session, login.c.role)
        .join(login, login.c.name == web_session.c.login)
        .where(web_session.c.key == _key(session_id))
    )
    row = connection.execute(query).one_or_none()
    if row is None or at - row.created_at > LONGEST or at - row.seen_at > IDLE:
        return None
    return Session(row.login, Role(row.role), at - row.seen_at > SEEN_EVERY)


def touch(connection: Connection, session_id: str, at: datetime) -> None:
    connection.execute(update(web_session).where(web_session.c.key == _key(session_id)).values(seen_at=at))


def end(connection: Connection, session_id: str) -> None:
    connection.execute(delete(web_session).where(web_session.c.key == _key(session_id)))


def _key(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
