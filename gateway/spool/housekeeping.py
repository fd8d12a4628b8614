"""Keeps the spool small: purges what has been kept long enough, and sweeps files that belong to nobody.

A file without a row is what a crash between the two leaves behind. It is swept only when it is a day old by the file
system's own clock: no intake takes so long, and the machine's clock may be wrong.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Connection

from gateway.spool import quota_use, retention
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.retention import Found
from gateway.spool.rounds import rounds

log = structlog.get_logger()

INTERVAL = timedelta(hours=1)
SWEPT_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RetentionRules:
    content: timedelta  # bytes of mails and documents, after their jobs have ended
    rows: timedelta
    audit: timedelta


class Housekeeping:
    """``run`` until cancelled."""

    def __init__(
        self, *, database: Database, contents: ContentStore, rules: RetentionRules, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._contents = contents
        self._rules = rules
        self._clock = clock

    async def run(self) -> None:
        await rounds("housekeeping", self._round)

    async def _round(self) -> None:
        await self.look()
        await asyncio.sleep(INTERVAL.total_seconds())

    async def look(self) -> None:
        """One round over everything."""
        purged = await self._purge_contents()
        forgotten = await self._purge_rows()
        deeds = await self._purge_audit()
        await self._database.write(lambda c: quota_use.forget(c, self._clock()))
        swept = await self._sweep()
        if purged or forgotten or deeds or swept:
            log.info("purged", contents=purged, mails=forgotten, audit=deeds, stray_files=swept)
            await self._database.shrink()

    async def _purge_contents(self) -> int:
        now = self._clock()
        before = now - self._rules.content

        async def purge(some: Sequence[str]) -> int:
            ids = await self._database.write(lambda c: retention.purge_contents(c, some, before, now))
            for content_id in ids:
                await asyncio.to_thread(self._contents.remove, content_id)
            return len(ids)

        return await self._purge(lambda c, after: retention.contents_over(c, before, after), purge)

    async def _purge_rows(self) -> int:
        """Mails with their jobs, and mails to the postmaster, which have none."""
        before, write = self._clock() - self._rules.rows, self._database.write
        mails = await self._purge(
            lambda c, after: retention.mails_over(c, before, after),
            lambda some: write(lambda c: retention.purge_mails(c, some, before)),
        )
        letters = await self._purge(
            lambda c, after: retention.letters_over(c, before, after),
            lambda some: write(lambda c: retention.purge_letters(c, some, before)),
        )
        await self._purge(retention.contents_left, lambda some: write(lambda c: retention.remove_contents(c, some)))
        return mails + letters

    async def _purge(
        self, find: Callable[[Connection, str], Found], purge: Callable[[Sequence[str]], Awaitable[int]]
    ) -> int:
        """Finds ids beside the writer and has some of them purged at a time; returns how many were."""
        count, after = 0, ""
        while True:
            found = await self._database.read(lambda connection, after=after: find(connection, after))  # type: ignore[misc] # as below
            for start in range(0, len(found.ids), retention.AT_ONCE):
                count += await purge(found.ids[start : start + retention.AT_ONCE])
            if found.last is None:
                return count
            after = found.last

    async def _purge_audit(self) -> int:
        before, count = self._clock() - self._rules.audit, 0
        while found := await self._database.write(lambda c: retention.purge_audit(c, before)):
            count += found
        return count

    async def _sweep(self) -> int:
        old = await asyncio.to_thread(lambda: list(_old_files(self._contents.directory)))
        names = [path.name for path in old]
        stray: set[str] = set()
        for start in range(0, len(names), retention.AT_ONCE):
            some = names[start : start + retention.AT_ONCE]
            stray |= await self._database.read(lambda c, some=some: retention.without_bytes(c, some))  # type: ignore[misc] # mypy can't infer a lambda with a default
        for name in stray:
            await asyncio.to_thread(self._contents.remove, name)
        return len(stray)


def _old_files(directory: Path) -> Iterator[Path]:
    if not directory.is_dir():
        return
    horizon = _file_system_time(directory) - SWEPT_AFTER.total_seconds()
    for path in directory.glob("??/*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < horizon:
                yield path


def _file_system_time(directory: Path) -> float:
    """What the file system itself stamps a file with now."""
    probe = directory / f".clock-{os.getpid()}"
    try:
        probe.touch()
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)
