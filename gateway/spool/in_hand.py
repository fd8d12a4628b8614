"""What this daemon takes in hand: of a spool of its own whatever is due, of a shared one what nobody else has."""

from collections.abc import Collection
from datetime import datetime

from gateway.spool import claims, jobs, outbox
from gateway.spool.database import Database
from gateway.spool.job import Job
from gateway.spool.lease import Lease
from gateway.spool.outbox import Letter
from gateway.spool.states import State


class InHand:
    """Asks the spool; nothing is kept here."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease

    async def received(self, at: datetime, limit: int) -> list[Job]:
        """Jobs whose documents are to be made."""
        owner, states = self._lease.owner, [State.RECEIVED]
        if self._lease.is_shared:
            return await self._database.write(lambda c: claims.claim_jobs(c, owner, states, at, limit))
        return await self._database.read(lambda c: jobs.due(c, states, at, limit))

    async def prepared(self, at: datetime, limit: int, *, concurrency: int, without: Collection[str]) -> list[Job]:
        """Jobs to be submitted, `without` those that are being so; `concurrency` of all daemons together."""
        owner, mine = self._lease.owner, list(without)
        if self._lease.is_shared:
            return await self._database.write(
                lambda c: claims.claim_for_submission(c, owner, at, limit, concurrency=concurrency, without=mine)
            )
        return await self._database.read(lambda c: jobs.due(c, [State.PREPARED], at, limit, without=mine))

    async def next_prepared(self) -> datetime | None:
        """When there is one again, as far as is known now."""
        owner = self._lease.owner
        if self._lease.is_shared:
            return await self._database.read(lambda c: claims.next_due(c, owner, [State.PREPARED]))
        return await self._database.read(lambda c: jobs.next_due(c, [State.PREPARED]))

    async def submitting(self) -> list[str]:
        """Ids of jobs whose request this daemon has under way, as far as the spool knows."""
        owner = self._lease.owner
        if self._lease.is_shared:
            return await self._database.read(lambda c: claims.submitting(c, owner))
        return await self._database.read(lambda c: jobs.ids_in_state(c, State.SUBMITTING))

    async def letters(self, at: datetime, limit: int) -> list[Letter]:
        owner = self._lease.owner
        if self._lease.is_shared:
            return await self._database.write(lambda c: claims.claim_letters(c, owner, at, limit))
        return await self._database.read(lambda c: outbox.due(c, at, limit))
