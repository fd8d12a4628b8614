"""The daemon's parts on a spool that outlives them, each driven by one round at a time."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from gateway.delivery.deadlines import DeadlineRules, Deadlines
from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.delivery.recovery import Recovery
from gateway.delivery.submitter import SubmitRules, Submitter
from gateway.intake.preparation import Preparer
from gateway.notify.letters import Letters
from gateway.notify.sender import OutboxSender
from gateway.spool.attempts import RecordedAccount, recorded
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.housekeeping import Housekeeping, RetentionRules
from gateway.spool.in_hand import InHand
from gateway.spool.lease import Lease
from gateway.spool.migrations import newest
from gateway.tracking.tracker import Tracker
from tests.laws.clock import Clock
from tests.laws.mailbox import POSTMASTER, Mailbox
from tests.laws.mortal import Disk, Fuse, MortalDatabase
from tests.laws.service import FaxService

SCHEMA = newest()

HOUR = timedelta(hours=1)
VALID_FOR = 3 * HOUR
IN_DOUBT_AFTER = HOUR
EXPIRE_AFTER = 8 * HOUR
WARN_AFTER = HOUR / 2
RETENTION = RetentionRules(content=timedelta(days=2), rows=timedelta(days=90), audit=timedelta(days=365))


class InstantBell(Bell):
    """Nobody waits: the story says when something is looked at."""

    async def wait(self, at_most: timedelta) -> None:
        pass


@dataclass
class Surroundings:
    """What a daemon's death doesn't touch."""

    directory: Path
    disk: Disk
    clock: Clock
    service: FaxService
    mailbox: Mailbox


class Daemon:
    """One life."""

    def __init__(self, around: Surroundings, on_doubt: OnDoubt) -> None:
        self.fuse = around.service.fuse = around.mailbox.fuse = Fuse()
        self.database = MortalDatabase(around.disk, self.fuse)
        clock = around.clock
        contents = ContentStore(around.directory)
        account = recorded(around.service.account)
        doubt = DoubtRules(on_doubt=on_doubt, in_doubt_after=IN_DOUBT_AFTER, expire_after=EXPIRE_AFTER)
        bell, client = InstantBell(), around.service
        database: Any = self.database  # it has what the parts use
        smarthost: Any = around.mailbox

        async def connect(to: RecordedAccount) -> Any:
            return client if to.id == account.id else None

        lease = Lease(database, host="fax.example.com", schema=SCHEMA, steady=clock.steady)
        in_hand = InHand(database, lease)
        self.recovery = Recovery(database=database, clock=clock)
        self.preparer = Preparer(
            database=database,
            in_hand=in_hand,
            contents=contents,
            covers=None,  # type: ignore[arg-type] # the documents are made up
            converters=None,  # type: ignore[arg-type] # as above
            received=bell,
            prepared=bell,
            said=bell,
            clock=clock,
            until_quiet=_quiet,
        )
        self._submitter = Submitter(
            database=database,
            contents=contents,
            client=client,  # type: ignore[arg-type] # it has what the submitter uses
            account=account,
            rules=SubmitRules(concurrency=3, valid_for=VALID_FOR, paused=False, doubt=doubt),
            lease=lease,
            in_hand=in_hand,
            prepared=bell,
            submitted=bell,
            said=bell,
            clock=clock,
            steady=clock.steady,
            chance=Random(1),
        )
        self.tracker = Tracker(
            database=database, connect=connect, submitted=bell, said=bell, clock=clock, monotonic=clock.steady
        )
        self.deadlines = Deadlines(
            database=database,
            rules=DeadlineRules(warn_after=WARN_AFTER, expire_after=EXPIRE_AFTER, doubt=doubt),
            said=bell,
            clock=clock,
            steady=clock.steady,
        )
        self.housekeeping = Housekeeping(database=database, contents=contents, rules=RETENTION, clock=clock)
        self.outbox = OutboxSender(
            database=database,
            in_hand=in_hand,
            letters=Letters(
                database=database,
                contents=contents,
                sender="postmaster@fax.example.com",
                reporting_mta="fax.example.com",
                expire_after=EXPIRE_AFTER,
                language="en",
            ),
            smarthost=smarthost,
            postmaster=POSTMASTER,
            said=bell,
            clock=clock,
            chance=Random(1),
        )

    async def begin(self) -> None:
        await self.recovery.look()

    async def submit(self) -> None:
        """A round, until each of its requests has its answer."""
        await self._submitter._round()
        sending = [task for task in asyncio.all_tasks() if task.get_name().startswith("submit-")]
        await asyncio.gather(*sending)

    async def everything(self) -> None:
        """A round of each, side by side."""
        await asyncio.gather(
            self.preparer.look(), self.submit(), self.tracker.look(), self.deadlines.look(), self.outbox.look()
        )


async def _quiet(_: timedelta) -> None:
    pass
