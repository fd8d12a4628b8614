"""Issue: 10,000 open jobs over two data centres are reconciled through the limits of 1000 in one cycle.

The sandbox's API (`--no-render`) serves both data centres; the jobs stand in a real spool.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from gateway.fax4a import Account, Fax4AClient
from gateway.spool import schema
from gateway.spool.attempts import RecordedAccount, keep_account, recorded
from gateway.spool.bell import Bell
from gateway.spool.jobs import new_id
from gateway.spool.states import State
from gateway.tracking.tracker import Tracker

pytestmark = pytest.mark.once

JOBS = 10_000
PATIENCE = 60  # seconds, on a machine that has other things to do; it takes some ten


async def open_jobs(spool: Any, samples: Any, account: Account, wire_ids: dict[str, str]) -> None:
    """Copies of one submitted job."""
    job = await samples.submitted(spool, wire_id="none")
    now = datetime.now(UTC)

    def copy(connection: Any) -> None:
        keep_account(connection, recorded(account))
        row = dict(connection.execute(select(schema.job)).mappings().one())
        recipient = dict(connection.execute(select(schema.recipient)).mappings().one())
        changes = {"account_id": recorded(account).id, "sent_at": now, "due_at": now}
        changes["valid_until"] = now + timedelta(hours=24)
        rows = [row | changes | {"id": each, "wire_id": wire_id} for each, wire_id in wire_ids.items()]
        connection.execute(insert(schema.job), rows)
        connection.execute(insert(schema.recipient), [recipient | {"job_id": each} for each in wire_ids])
        connection.execute(schema.job.update().where(schema.job.c.id == job.id).values(state=State.SENT))

    await spool.database.write(copy)


async def in_state(spool: Any, state: State) -> int:
    query = select(func.count()).select_from(schema.job).where(schema.job.c.state == state)
    return int(await spool.database.read(lambda c: c.execute(query).scalar_one()))


def test_ten_thousand_open_jobs_are_reconciled_in_one_cycle(open_spool: Any, samples: Any, service: Any) -> None:
    async def scenario() -> float:
        async with open_spool() as spool, service.listening() as account, Fax4AClient(account) as client:
            ids = [new_id() for _ in range(JOBS)]
            wire_ids = {each: service.faxed(each, ("dc1", "dc2")[number % 2]) for number, each in enumerate(ids)}
            await open_jobs(spool, samples, account, wire_ids)

            async def connect(wanted: RecordedAccount) -> Fax4AClient | None:
                return client if wanted.id == recorded(account).id else None

            part = Tracker(
                database=spool.database,
                connect=connect,
                submitted=Bell(),
                said=Bell(),
                clock=lambda: datetime.now(UTC),
            )
            begun = time.monotonic()
            await part.look()
            took = time.monotonic() - begun
            assert await in_state(spool, State.SENT) == JOBS + 1
            assert service.left() == 0
            return took

    took = asyncio.run(scenario())
    queries = [access for access in service.accesses if access.method == "POST"]

    # 10 to ask and 10 to delete at each data centre, since every report is deleted wherever it may stand
    assert 40 <= len(queries) <= 60
    assert {access.status for access in queries} == {200}
    assert took < PATIENCE
