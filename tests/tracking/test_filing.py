"""What could not be stored is named: a list that held it must not pass for one that did not."""

import asyncio
from typing import Any

import pytest

from gateway.spool.attempts import recorded
from gateway.spool.bell import Bell
from gateway.spool.jobs import Overtaken
from gateway.spool.states import State
from gateway.tracking.filing import Filing


@pytest.mark.parametrize("fault", [ValueError("odd"), Overtaken("j")], ids=["a fault of ours", "it moved"])
def test_what_could_not_be_stored_is_named(
    open_spool: Any, samples: Any, tracking: Any, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise fault

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            ended: list[str] = []
            part = Filing(database=spool.database, said=Bell(), clock=tracking.clock, ended=ended.append)
            shown = [tracking.report("FJJ1", job.id), tracking.report("X")]
            account = recorded(tracking.account)
            with monkeypatch.context() as patch:
                patch.setattr("gateway.spool.reports.store", broken)
                found = await part.file(account, "dc1", shown)
            assert (found.unfiled, ended) == ({job.id}, [])
            found = await part.file(account, "dc1", shown)
            assert (found.unfiled, ended) == (set(), [job.id])
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())
