"""A fax service that answers by script, and a submitter that sends to it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.delivery.submitter import SubmitRules, Submitter
from gateway.fax4a import (
    Accepted,
    Account,
    FaxJobRequest,
    Outcome,
)
from gateway.spool.attempts import recorded
from gateway.spool.bell import Bell


class ScriptedApi:
    """Stands where Fax4AClient stands; each answer says whether the connection stood before it came."""

    def __init__(self, account: Account, *script: Outcome | Exception, connects: bool = True) -> None:
        self.account = account
        self.script = list(script)
        self.connects = connects
        self.requests: list[FaxJobRequest] = []
        self.concurrent = self.most_concurrent = 0

    async def submit(self, request: FaxJobRequest, *, before_first_byte: Callable[[], Awaitable[None]]) -> Outcome:
        self.concurrent += 1
        self.most_concurrent = max(self.most_concurrent, self.concurrent)
        try:
            if self.connects:
                await before_first_byte()
            self.requests.append(request)
            await asyncio.sleep(0.01)
            answer = self.script.pop(0) if self.script else Accepted(f"FJJ{len(self.requests)}")
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.concurrent -= 1


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def submitter(
    spool: Any,
    api: ScriptedApi,
    now: datetime,
    *,
    paused: bool = False,
    concurrency: int = 8,
    on_doubt: OnDoubt = OnDoubt.FAIL,
) -> Any:
    prepared, clock = Bell(), Clock(now)
    part = Submitter(
        database=spool.database,
        contents=spool.contents,
        client=api,  # type: ignore[arg-type] # it has what the submitter uses
        account=recorded(api.account),
        rules=SubmitRules(
            concurrency=concurrency,
            valid_for=timedelta(hours=24),
            paused=paused,
            doubt=DoubtRules(on_doubt=on_doubt, in_doubt_after=timedelta(hours=2), expire_after=timedelta(hours=72)),
        ),
        lease=spool.lease,
        in_hand=spool.in_hand,
        prepared=prepared,
        submitted=Bell(),
        said=Bell(),
        clock=clock,
        chance=Random(1),
    )
    task = asyncio.create_task(part.run())
    try:
        yield clock, prepared
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.01)
