"""Looks for the reports of open jobs at every data centre, and brings each job to its end.

The tracker finds the jobs whose next look has come and hands them to the watches, one for each data centre of each
account that the spool knows (``watch.py``). The next look is set at once, by the job's age (``schedule.py``).
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from gateway.fax4a import Fax4AClient
from gateway.fax4a.errors import TransportFault
from gateway.spool import attempts, jobs, tracked
from gateway.spool.attempts import RecordedAccount
from gateway.spool.bell import Bell
from gateway.spool.database import Database
from gateway.spool.rounds import rounds
from gateway.spool.tracked import OPEN, Tracked
from gateway.tracking.filing import Filing
from gateway.tracking.schedule import pause_until_next_look
from gateway.tracking.watch import Watch

log = structlog.get_logger()

LARGEST_CYCLE = 10_000  # jobs
AT_ONCE = 250  # next looks of one transaction: mails wait for the same writer
LONGEST_SLEEP = timedelta(milliseconds=500)


class Tracker:
    """Follows the jobs of every account that the spool knows; ``run`` until cancelled.

    `connect` gives the client for a recorded account, or None where its login isn't configured any more.
    """

    def __init__(
        self,
        *,
        database: Database,
        connect: Callable[[RecordedAccount], Awaitable[Fax4AClient | None]],
        submitted: Bell,
        said: Bell,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._connect = connect
        self._submitted = submitted
        self._clock = clock
        self._monotonic = monotonic
        self._filing = Filing(database=database, said=said, clock=clock, ended=self._forget)
        self._watches: dict[str, list[Watch]] = {}  # by account
        self._orphaned: set[str] = set()

    @property
    def filing(self) -> Filing:
        """For reports that come by themselves: what they end isn't looked for any more."""
        return self._filing

    async def run(self) -> None:
        running: set[Watch] = set()

        async def hand_out() -> None:
            await self._hand_out()
            for watch in self._all_watches():
                if watch not in running:
                    running.add(watch)
                    group.create_task(watch.run())
            await self._submitted.wait(LONGEST_SLEEP)

        async with asyncio.TaskGroup() as group:
            await rounds("tracking", hand_out)

    async def look(self) -> None:
        """One round of everything: what is due at each data centre, then the deletions that came of it."""
        await self._hand_out()
        for _ in range(2):
            await asyncio.gather(*(watch.look() for watch in self._all_watches()))

    async def _hand_out(self) -> None:
        now = self._clock()

        def find(connection: Connection) -> tuple[list[Tracked], list[RecordedAccount]]:
            return tracked.due_looks(connection, now, LARGEST_CYCLE), attempts.accounts(connection)

        due, accounts = await self._database.read(find)
        by_account: dict[str | None, list[Tracked]] = defaultdict(list)
        for job in due:
            by_account[job.account_id].append(job)
        for account in accounts:
            for watch in await self._watches_of(account):
                # A backup's job may have been sent after it: then nobody here knows by which account.
                if due_here := by_account[account.id] + by_account[None]:
                    watch.add(due_here)
        await self._set_next_looks(due, now)

    async def _watches_of(self, account: RecordedAccount) -> list[Watch]:
        """None where its login is gone; a login that comes back is taken up."""
        if account.id not in self._watches:
            client = await self._client(account)
            if client is None:
                return []
            self._watches[account.id] = [self._watch(account, client, name) for name in account.datacenters]
        return self._watches[account.id]

    def _watch(self, account: RecordedAccount, client: Fax4AClient, datacenter: str) -> Watch:
        return Watch(
            account=account,
            client=client,
            datacenter=datacenter,
            database=self._database,
            filing=self._filing,
            clock=self._clock,
            monotonic=self._monotonic,
        )

    async def _client(self, account: RecordedAccount) -> Fax4AClient | None:
        try:
            client = await self._connect(account)
        except TransportFault as fault:
            client, reason = None, str(fault)
        else:
            reason = "its login isn't configured any more"
        if client is None and account.id not in self._orphaned:
            self._orphaned.add(account.id)
            log.error(
                "account_without_login",
                account=account.username,
                reason=reason,
                hint="jobs were sent there; their reports can't be read until its login is configured again",
            )
        return client

    async def _set_next_looks(self, due: Sequence[Tracked], now: datetime) -> None:
        for start in range(0, len(due), AT_ONCE):
            await self._postpone(due[start : start + AT_ONCE], now)

    async def _postpone(self, looked_for: Sequence[Tracked], now: datetime) -> None:
        """Those that have ended meanwhile stay as they are."""
        next_looks: dict[datetime, list[str]] = defaultdict(list)
        for job in looked_for:
            next_looks[now + pause_until_next_look(now - job.since)].append(job.id)

        def postpone(connection: Connection) -> None:
            for due_at, ids in next_looks.items():
                jobs.postpone(connection, ids, OPEN, due_at)

        await self._database.write(postpone)

    def _all_watches(self) -> list[Watch]:
        return [watch for watches in self._watches.values() for watch in watches]

    def _forget(self, job_id: str) -> None:
        for watch in self._all_watches():
            watch.forget(job_id)
