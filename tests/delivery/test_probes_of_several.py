"""Several daemons at one spool, and an account that is refused: their probes go out one a step, not one each."""

import asyncio
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gateway.delivery.consequences import Consequences
from gateway.fax4a import Account, Misconfigured
from gateway.spool import attempts, jobs
from gateway.spool.attempts import recorded
from gateway.spool.bell import Bell
from gateway.spool.job import Job

REFUSED = Misconfigured(401, "Authentication failed")
LONGEST_FIRST_STEP = timedelta(seconds=1)  # delivery/backoff.py: jitter takes up to a third off


class Daemon:
    """Its part that concludes attempts, by clocks that stand still until they are set."""

    def __init__(self, spool: Any, account: Account, now: datetime) -> None:
        self._spool, self._account = spool, recorded(account)
        self.now, self.uptime = now, timedelta(hours=1)
        self.consequences = Consequences(
            database=spool.database,
            account=self._account,
            submitted=Bell(),
            said=Bell(),
            clock=lambda: self.now,
            steady=self._steady,
            chance=Random(1),
        )

    def _steady(self) -> float:
        return self.uptime.total_seconds()

    def wait(self, time: timedelta) -> None:
        self.now += time
        self.uptime += time

    async def is_refused(self, job: Job) -> None:
        def start(connection: Any) -> None:
            attempts.keep_account(connection, self._account)
            valid_until = self.now + timedelta(hours=1)
            attempts.start(connection, job, self._account.id, owner="x", at=self.now, valid_until=valid_until)

        await self._spool.database.write(start)
        begun = await self._spool.database.read(lambda connection: jobs.reload(connection, job))
        await self.consequences.conclude(begun, REFUSED, began_at=self.uptime)

    @property
    def has_a_slot(self) -> bool:
        return self.consequences.slots(in_flight=0, concurrency=8) == 1


def test_a_probe_in_vain_counts_for_the_other_daemon_for_one_step(
    open_spool: Any, samples: Any, account: Account
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            mine = await samples.prepared(spool, "+4989123456")
            theirs = await samples.prepared(spool, "+4989123457", message_id="<2@example.com>")
            here, there = Daemon(spool, account, samples.now), Daemon(spool, account, samples.now)
            await here.is_refused(mine)
            assert not await there.consequences.gives_way()  # it has no pause of its own
            await there.is_refused(theirs)
            for daemon in (here, there):
                daemon.wait(LONGEST_FIRST_STEP)
                assert daemon.has_a_slot
                assert not await daemon.consequences.gives_way()
            await here.is_refused(await samples.load(spool, mine.id))
            assert there.has_a_slot
            assert await there.consequences.gives_way()
            there.wait(LONGEST_FIRST_STEP)  # the other one may be at fault itself
            assert not await there.consequences.gives_way()

    asyncio.run(scenario())
