"""Watches one data centre of one account, in rounds of its own: another one that is slow or down delays nothing here.

A round asks for the reports of the jobs that are due (in batches of 1000 ids), reads the list where a job has no jobId
and every ten minutes besides, and sends the deletions that are due. One request is under way at a time.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice

import structlog
from sqlalchemy import Connection

from gateway.fax4a import Fax4AClient, Refused, ReportError, Unreachable
from gateway.fax4a.report import LARGEST_BULK
from gateway.spool import doubts, reports
from gateway.spool.attempts import RecordedAccount
from gateway.spool.bell import Bell
from gateway.spool.database import Database
from gateway.spool.rounds import rounds
from gateway.spool.tracked import Tracked
from gateway.tracking.filing import Filing
from gateway.tracking.foreign import Foreigners

log = structlog.get_logger()

LONGEST_SLEEP = timedelta(seconds=1)
# Foreign reports and second faxes are seen only in the lists (docs/architecture.md, "Doubt" and "Reports").
LIST_INTERVAL = timedelta(minutes=10)
DELETION_RETRY = timedelta(minutes=1)
MOST_BATCHES = 20  # of deletions in one round
LONGEST_REST = 60.0  # seconds
THIS_QUESTION = frozenset({400, 413})  # answers that say nothing of the data centre itself


class Down(Exception):
    """The data centre answers nothing at present."""


class Watch:
    """``run`` until cancelled; `add` gives it jobs to look for.

    What is left of a round that failed stays for the next one, so that it is asked for as soon as the data centre is
    back. Each job is there once: it never holds more than the open jobs.
    """

    def __init__(
        self,
        *,
        account: RecordedAccount,
        client: Fax4AClient,
        datacenter: str,
        database: Database,
        filing: Filing,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._account = account
        self._client = client
        self._datacenter = datacenter
        self._database = database
        self._filing = filing
        self._clock = clock
        self._monotonic = monotonic
        self._foreigners = Foreigners(datacenter)
        self._bell = Bell()
        self._wanted: dict[str, Tracked] = {}
        self._failures = 0
        self._rests_until: float | None = None
        self._listed_at: float | None = None
        self._complained = False  # since the last answer

    def add(self, jobs: Iterable[Tracked]) -> None:
        self._wanted |= {job.id: job for job in jobs}
        self._bell.ring()

    def forget(self, job_id: str) -> None:
        """It has ended; there is a deletion to do."""
        self._wanted.pop(job_id, None)
        self._bell.ring()

    async def run(self) -> None:
        await rounds(f"tracking at {self._datacenter}", self._round)

    async def _round(self) -> None:
        await self.look()
        await self._bell.wait(LONGEST_SLEEP)

    async def look(self) -> None:
        """One round over everything that is due here."""
        if self._rests_until is not None and self._monotonic() < self._rests_until:
            return
        try:
            await self._ask_by_id()
            await self._read_list()
            await self._delete()
        except Down:
            self._rest()
        else:
            self._failures, self._rests_until = 0, None

    def _rest(self) -> None:
        self._failures += 1
        self._rests_until = self._monotonic() + min(2.0 ** min(self._failures - 1, 10), LONGEST_REST)

    async def _ask_by_id(self) -> None:
        """Every job that has a jobId, the longest waiting first; what is answered isn't wanted any more."""
        named = {job.wire_id: job.id for job in self._wanted.values() if job.wire_id is not None}
        rest = iter(named)
        while batch := list(islice(rest, LARGEST_BULK)):
            try:
                found = await self._client.get_reports(self._datacenter, batch)
            except ReportError as error:
                self._complain(error)
            else:
                self._answered()
                await self._filing.file(self._account, self._datacenter, found)
            for wire_id in batch:
                self._wanted.pop(named[wire_id], None)

    async def _read_list(self) -> None:
        nameless = [job.id for job in self._wanted.values() if job.wire_id is None]
        now, asked_at = self._monotonic(), self._clock()
        long_ago = self._listed_at is None or now >= self._listed_at + LIST_INTERVAL.total_seconds()
        if not nameless and not long_ago:
            return
        try:
            listed = await self._client.list_reports(self._datacenter)
        except ReportError as error:
            self._complain(error)
        else:
            self._answered()
            found = await self._filing.file(self._account, self._datacenter, listed.reports)
            self._foreigners.look(listed.reports, found.foreign)
            if listed.is_whole and listed.at is not None and not found.unfiled:
                # The service's clock: ours may have been set, and a list proves nothing before jobValid.end is over.
                read_at = min(asked_at, listed.at)
                await self._database.write(
                    lambda c: doubts.note_list_read(c, self._account.id, self._datacenter, read_at)
                )
        self._listed_at = now
        for job_id in nameless:
            self._wanted.pop(job_id, None)

    async def _delete(self) -> None:
        """What is stored, and only that; a batch at a time, each settled before the next."""
        for _ in range(MOST_BATCHES):
            now = self._clock()
            due = await self._database.read(
                lambda connection, now=now: reports.deletions_due(  # type: ignore[misc] # mypy can't infer a lambda with a default
                    connection, self._account.id, now, LARGEST_BULK, datacenter=self._datacenter
                )
            )
            if not due:
                return
            await self._delete_batch([deletion.wire_id for deletion in due])

    async def _delete_batch(self, wire_ids: list[str]) -> None:
        try:
            answers = await self._client.delete_reports(self._datacenter, wire_ids)
        except ReportError as error:
            self._complain(error)
            answers = []
        else:
            self._answered()
        gone = {answer.job_id for answer in answers if answer.gone}
        left = [wire_id for wire_id in wire_ids if wire_id not in gone]
        due_at = self._clock() + DELETION_RETRY

        def settle(connection: Connection) -> None:
            reports.deletions_done(connection, self._account.id, self._datacenter, gone)
            reports.deletions_postponed(connection, self._account.id, self._datacenter, left, due_at)

        await self._database.write(settle)

    def _answered(self) -> None:
        if self._complained:
            self._complained = False
            log.info("datacenter_available", datacenter=self._datacenter, account=self._account.username)

    def _complain(self, error: ReportError) -> None:
        """Raises Down where nothing else needs to be asked now; else only this question has no answer."""
        self._complained = True
        log.warning(
            "datacenter_unavailable",
            datacenter=self._datacenter,
            account=self._account.username,
            error=str(error),
            in_a_row=self._failures + 1,
        )
        if isinstance(error, Unreachable) or (isinstance(error, Refused) and error.code not in THIS_QUESTION):
            raise Down from error
