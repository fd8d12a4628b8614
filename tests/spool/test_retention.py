"""A deletion that is still to be done keeps its job's rows, but not beyond the life of the report."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from gateway.fax4a import FaxReport
from gateway.spool import reports, schema
from gateway.spool.housekeeping import Housekeeping, RetentionRules
from gateway.spool.jobs import Note

DAY = timedelta(days=1)
REPORT = FaxReport.model_validate(
    {"jobId": "FJJ1", "recipientStatus": [{"number": "+4989123456", "status": "OK"}]},
)


async def rows(spool: Any, table: Any) -> int:
    return len(await spool.database.read(lambda c: c.execute(select(table)).all()))


async def purge(spool: Any, before: Any) -> None:
    rules = RetentionRules(content=timedelta(), rows=timedelta(), audit=timedelta())
    await Housekeeping(database=spool.database, contents=spool.contents, rules=rules, clock=lambda: before).look()


def test_rows_wait_for_the_deletion_of_their_report(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            note = Note("tracking", samples.now)
            both = ("dc1", "dc2")
            await spool.database.write(
                lambda c: reports.store(c, job, REPORT, note, datacenter="dc1", all_datacenters=both)
            )
            await spool.database.write(lambda c: reports.deletions_done(c, job.account_id, "dc1", ["FJJ1"]))
            await purge(spool, samples.now + DAY)
            assert await rows(spool, schema.job) == 1, "its report still stands at dc2"
            await purge(spool, samples.now + 31 * DAY)
            assert await rows(spool, schema.job) == 0
            assert await rows(spool, schema.deletion) == 0, "the service has deleted it itself by now"

    asyncio.run(scenario())


def test_rows_go_as_usual_once_the_report_is_deleted(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            note = Note("tracking", samples.now)
            await spool.database.write(
                lambda c: reports.store(c, job, REPORT, note, datacenter="dc1", all_datacenters=("dc1",))
            )
            await spool.database.write(lambda c: reports.deletions_done(c, job.account_id, "dc1", ["FJJ1"]))
            await purge(spool, samples.now + DAY)
            assert await rows(spool, schema.job) == 0

    asyncio.run(scenario())
