"""What a crash left behind: a job in `submitting` whose owner is gone may be at the fax service, or not."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Connection

from gateway.spool import attempts, claims, daemons, jobs
from gateway.spool.daemons import RENEWED_EVERY
from gateway.spool.database import Database
from gateway.spool.jobs import Note
from gateway.spool.rounds import rounds
from gateway.spool.states import Event

log = structlog.get_logger()

AT_ONCE = 100  # jobs of one transaction: mails wait for the same writer


class Recovery:
    """``look`` before the first submission, then ``run`` until cancelled: others that share the spool may die later."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Only where the spool is shared: a spool that is held alone has nobody else's jobs."""
        await rounds("recovery", self._round)

    async def _round(self) -> None:
        await self.look()
        await asyncio.sleep(RENEWED_EVERY.total_seconds())

    async def look(self) -> int:
        """Puts every interrupted submission in doubt; returns how many. What the dead only had in hand is let go."""
        if self._database.is_shared:
            stuck = await self._database.write_apart(daemons.end_stuck)
            if stuck:
                log.warning(
                    "sessions_ended", count=stuck, hint="a daemon stands still with the database's locks in hand"
                )
        for daemon in await self._database.write(lambda connection: list(daemons.bury(connection))):
            log.warning("daemon_gone", daemon=daemon, hint="it did not renew its lease; its jobs go on here")
        count = 0
        while found := await self._database.write(self._doubt_some):
            for job_id in found:
                log.warning(
                    "in_doubt", job_id=job_id, reason="interrupted", hint="not sent again; its report is looked for"
                )
            count += len(found)
        await self._database.write(claims.let_go)
        return count

    def _doubt_some(self, connection: Connection) -> list[str]:
        now = self._clock()
        interrupted = jobs.load_many(connection, claims.orphaned(connection, AT_ONCE))
        for job in interrupted:
            note = Note("delivery", now, "the daemon stopped while it was being submitted")
            attempts.finish(connection, job, Event.PERHAPS_ARRIVED, note, due_at=now)
        return [job.id for job in interrupted]
