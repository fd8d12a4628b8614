"""The logins of SMTP AUTH and of the dashboard. A daemon knows them at once; passwords are kept as hashes only."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_serializer
from sqlalchemy import Connection

from gateway.control.caller import Caller
from gateway.control.desk import Desk
from gateway.control.protocol import Item, Moment, Refused, Request, Short
from gateway.spool import audit, logins
from gateway.spool.audit import Deed
from gateway.spool.logins import BadLogin, Role


class AddUser(Request):
    """Without `role` one that is there keeps its own, and a new one is a viewer."""

    do: Literal["users add"] = "users add"
    name: Short
    password: Annotated[SecretStr, Field(max_length=1024)]
    role: Role | None = None

    @field_serializer("password", when_used="json")
    def _as_it_is(self, password: SecretStr) -> str:
        """To the daemon; nothing else writes requests as JSON."""
        return password.get_secret_value()


class RemoveUser(Request):
    do: Literal["users remove"] = "users remove"
    name: Short


class ListUsers(Request):
    do: Literal["users list"] = "users list"


class User(Item):
    name: str
    role: Role
    created_at: Moment


class Added(Item):
    """`is_new`: else it has another password."""

    is_new: bool


class Removed(Item):
    name: str


async def added(desk: Desk, request: AddUser, caller: Caller) -> AsyncGenerator[Added, None]:
    at = desk.clock()
    try:
        # Before the transaction: it takes 50 ms, for which no mail need wait.
        hashed = await asyncio.to_thread(logins.hashed, request.password.get_secret_value())

        def work(connection: Connection) -> bool:
            is_new = logins.put(connection, request.name, hashed, at, request.role)
            name = "user added" if is_new else "user changed"
            role = logins.role_of(connection, request.name)
            audit.note(connection, [_deed(caller, name, at, f"{request.name} ({role})")])
            return is_new

        is_new = await desk.spool.write(work)
    except BadLogin as error:
        raise Refused(f"no login was made or changed: {error}") from error
    yield Added(is_new=is_new)


async def removed(desk: Desk, request: RemoveUser, caller: Caller) -> AsyncGenerator[Removed, None]:
    at = desk.clock()

    def work(connection: Connection) -> None:
        logins.remove(connection, request.name)
        audit.note(connection, [_deed(caller, "user removed", at, request.name)])

    try:
        await desk.spool.write(work)
    except BadLogin as error:
        raise Refused(f"{error}: `fax-gateway users list` shows those that there are") from error
    yield Removed(name=request.name)


async def listed(desk: Desk) -> AsyncGenerator[User, None]:
    for login in await desk.spool.read(logins.listed):
        yield User(name=login.name, role=login.role, created_at=login.created_at)


def _deed(caller: Caller, action: str, at: datetime, detail: str) -> Deed:
    return Deed(at=at, login=caller.name, address=caller.address, action=action, detail=detail)
