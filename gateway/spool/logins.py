"""Logins of SMTP AUTH and of the dashboard: names in lower case, passwords as argon2id hashes (RFC 9106)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from secrets import token_hex

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update

from gateway.spool.database import Database
from gateway.spool.schema import login, web_session

LONGEST_NAME = 255
_HASHER = PasswordHasher()  # RFC 9106 §4, second recommended option: 64 MiB, 3 passes, 4 lanes


class Role(StrEnum):
    """What a login may do in the dashboard, each more than the one before; any may send mail."""

    MAIL = "mail"  # SMTP AUTH only
    VIEWER = "viewer"  # what became of which fax, without a word of its content
    OPERATOR = "operator"  # content too, and every action on jobs
    ADMIN = "admin"  # the audit log too

    def reaches(self, other: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class Login:
    name: str
    role: Role
    created_at: datetime


class BadLogin(Exception):
    """A name that can't be one, or a name that is not there; the text says so."""


def add(connection: Connection, name: str, password: str, at: datetime, role: Role | None = None) -> bool:
    """A new login, or a new password for one that is there; returns whether it is new.

    Without `role` one that is there keeps its own, and a new one is a viewer. Who is logged in at the dashboard logs in
    anew.
    """
    return put(connection, _checked(name), hashed(password), at, role)


def hashed(password: str) -> str:
    """The PHC string; costs 64 MiB for some 50 ms."""
    if not password:
        raise BadLogin("an empty password is none")
    return _HASHER.hash(password)


def put(connection: Connection, name: str, password_hash: str, at: datetime, role: Role | None = None) -> bool:
    """As ``add``, for a password that is hashed already."""
    name = _checked(name)
    row = {"password_hash": password_hash} | ({"role": role} if role is not None else {})
    changed = connection.execute(update(login).where(login.c.name == name).values(row)).rowcount
    if not changed:
        connection.execute(insert(login).values({"role": Role.VIEWER, "name": name, "created_at": at} | row))
    _end_sessions(connection, name)
    return not changed


def remove(connection: Connection, name: str) -> None:
    """With its sessions at the dashboard."""
    _end_sessions(connection, name.casefold())
    if not connection.execute(delete(login).where(login.c.name == name.casefold())).rowcount:
        raise BadLogin(f"there is no login {name}")


def listed(connection: Connection) -> list[Login]:
    rows = connection.execute(select(login.c.name, login.c.role, login.c.created_at).order_by(login.c.name))
    return [Login(row.name, Role(row.role), row.created_at) for row in rows]


def role_of(connection: Connection, name: str) -> Role | None:
    """None: there is no such login."""
    role = connection.execute(select(login.c.role).where(login.c.name == name.casefold())).scalar_one_or_none()
    return Role(role) if role is not None else None


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(delete(web_session).where(web_session.c.login == name))


class LoginStore:
    """Checks passwords; each check costs 64 MiB for some 50 ms, so few run at a time."""

    def __init__(self, database: Database, *, parallel: int = 2) -> None:
        self._database = database
        self._parallel = asyncio.Semaphore(parallel)

    async def verify(self, name: str, password: str) -> bool:
        query = select(login.c.password_hash).where(login.c.name == name.casefold())
        stored = await self._database.read(lambda connection: connection.execute(query).scalar_one_or_none())
        async with self._parallel:
            return await asyncio.to_thread(_matches, stored, password)


def _matches(stored: str | None, password: str) -> bool:
    try:
        _HASHER.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobody() -> str:
    """Checked where there is no such user, so that the time of an answer doesn't tell who exists."""
    return _HASHER.hash(token_hex())


def _checked(name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or " " in name or ":" in name:
        raise BadLogin(f"a login's name has 1 to {LONGEST_NAME} characters, no space and no colon")
    return name.casefold()
