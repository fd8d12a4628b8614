"""The daemon among those that share its spool: while it renews its row, what it has in hand is its own.

A daemon that can't renew (its machine was frozen, the database is gone) is dead to the others after LEASE. It must
know that as soon as they do: it closes the requests that it has under way, and comes back under another id.
"""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from gateway.spool import daemons
from gateway.spool.daemons import LEASE, RENEWED_EVERY
from gateway.spool.database import Database
from gateway.spool.jobs import new_id
from gateway.spool.rounds import rounds

log = structlog.get_logger()

# By our clock, which starts before the database has stamped the row: we know it before anybody else may act on it.
GIVEN_UP_AFTER = (LEASE - 2 * RENEWED_EVERY).total_seconds()


class LeaseLost(Exception):
    """The others hold this daemon for dead: it begins nothing under its old id."""


class Lease:
    """Enter it before anything is taken in hand; ``run`` until cancelled. A spool of one's own needs none.

    `schema`: the newest that this release knows, for releases that take something of it away.
    """

    def __init__(
        self, database: Database, *, host: str, schema: int, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._host = host
        self._schema = schema
        self._steady = steady
        self._renewed_at = steady()
        self._given_up = False
        self._lost: list[Callable[[], None]] = []
        self.owner = new_id()

    @property
    def is_shared(self) -> bool:
        return self._database.is_shared

    def on_lost(self, call: Callable[[], None]) -> None:
        """`call` when what was in hand isn't any more."""
        self._lost.append(call)

    async def __aenter__(self) -> Self:
        if self.is_shared:
            await self._register()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.is_shared:
            await self._database.write(lambda connection: daemons.leave(connection, self.owner))

    def confirm(self, connection: Connection) -> None:
        """In the transaction that begins something; raises LeaseLost."""
        if self.is_shared and not daemons.is_registered(connection, self.owner):
            raise LeaseLost(self.owner)

    async def run(self) -> None:
        """Only where the spool is shared."""
        await rounds("lease", self._round)

    async def _round(self) -> None:
        await self.look()
        await asyncio.sleep(RENEWED_EVERY.total_seconds())

    async def look(self) -> None:
        """Renews it; lost, it is taken anew."""
        began = self._steady()
        if began - self._renewed_at > GIVEN_UP_AFTER:
            self._give_up("it could not be renewed in time")
        try:
            async with asyncio.timeout(max(GIVEN_UP_AFTER - (began - self._renewed_at), 1.0)):
                renewed = await self._database.write_apart(lambda connection: daemons.renew(connection, self.owner))
        except (SQLAlchemyError, TimeoutError) as error:
            log.error("lease_not_renewed", error=str(error.__cause__ or error), hint="is the database there?")  # noqa: TRY400 - its text says all
            if self._steady() - self._renewed_at > GIVEN_UP_AFTER:
                self._give_up("it could not be renewed in time")
            return
        if renewed and not self._given_up:
            self._renewed_at = began
            return
        self._give_up("another daemon held this one for dead")
        await self._register()

    def _give_up(self, reason: str) -> None:
        """Once: what is under way is closed, and nothing begins until it is registered anew."""
        if self._given_up:
            return
        self._given_up = True
        log.error("lease_lost", reason=reason, hint="requests under way are closed; their jobs are in doubt")
        for call in self._lost:
            call()

    async def _register(self) -> None:
        self.owner, began = new_id(), self._steady()
        await self._database.write_apart(
            lambda connection: daemons.register(connection, self.owner, self._host, self._schema)
        )
        self._renewed_at, self._given_up = began, False
