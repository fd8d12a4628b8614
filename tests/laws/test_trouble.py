"""When the world fails for as long as it likes: nothing is lost, and it goes on by itself."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.delivery.submitter import SubmitRules, Submitter
from gateway.fax4a import Accepted, Account, Fax4AClient, FaxJobRequest, FaxRecipient, NotArrived
from gateway.fax4a.model import Document
from gateway.spool.attempts import recorded
from gateway.spool.bell import Bell
from gateway.spool.states import State
from tests.crash.words import Claim
from tests.laws.daemon import Daemon
from tests.laws.service import Fault
from tests.laws.world import World

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def told(world: World) -> list[Claim]:
    return [word.claim for word in world.mailbox.words]


def states(world: World) -> set[State]:
    return {job.state for job in world.facts().jobs.values()}


def test_wrong_credentials_for_an_hour_delay_every_fax_and_lose_none(story: Callable[..., type[World]]) -> None:
    world = story(OnDoubt.FAIL)()
    for _ in range(3):
        world.a_mail_comes(recipients=1, notify=None, report_by="retarus", subject="Angebot", when="at once")
    for _ in range(60):
        world.does_everything_at_once(faults=[Fault.FORBIDDEN] * 9, life=None)
        world.clock.wait(MINUTE)
    assert states(world) == {State.PREPARED}
    attempts = [job.attempts for job in world.facts().jobs.values()]
    assert sum(attempts) <= 65, "one probe per step, with the jobs in turn"
    assert max(attempts) - min(attempts) <= 1 + 2  # each was tried once before the pause was known
    world.teardown()
    assert told(world) == [Claim.DELAYED] * 3 + [Claim.DELIVERED] * 3


@pytest.mark.parametrize("on_doubt", OnDoubt)
def test_both_data_centres_down_for_the_whole_window_end_no_job_wrongly(
    story: Callable[..., type[World]], on_doubt: OnDoubt
) -> None:
    """A job in doubt, and one that was accepted: neither is sent again, nor said to be surely not sent."""
    world = story(on_doubt)()
    for _ in range(2):
        world.a_mail_comes(recipients=1, notify=None, report_by="gateway", subject="Angebot", when="at once")
    world.prepares(life=None)
    world.submits(faults=[Fault.LOST], life=None)
    world.a_data_centre_goes_down("dc1")
    world.a_data_centre_goes_down("dc2")
    for fax in world.service.unfinished:
        world.service.finish(fax, "OK")
    for _ in range(20):
        world.clock.wait(HOUR)
        world.does(Daemon.everything)
    assert states(world) == {State.UNKNOWN}
    assert told(world) == [Claim.PERHAPS] * 2
    world.teardown()  # they are back
    assert len(world.service.faxes) == 2
    assert told(world) == [Claim.PERHAPS] * 2 + [Claim.DELIVERED] * 2


@pytest.mark.once
def test_a_name_that_does_not_resolve_is_no_connection() -> None:
    """RFC 6761 §6.4: `invalid` never resolves."""
    account = Account(
        send_url="http://fax.invalid/rest/v1", datacenters={}, customer_number="99999", username="x", password="x"
    )
    request = FaxJobRequest(
        recipients=(FaxRecipient(number="+4989123456"),), documents=(Document(name="a.txt", reference="x"),)
    )
    passed = []

    async def gate() -> None:
        passed.append(True)

    async def send() -> object:
        async with Fax4AClient(account) as client:
            return await client.submit(request, before_first_byte=gate)

    outcome = asyncio.run(send())
    assert isinstance(outcome, NotArrived)
    assert not passed


@pytest.mark.once
@pytest.mark.sqlite
def test_an_answer_waits_for_a_database_that_is_locked(
    open_spool: Any, samples: Any, account: Account, tmp_path: Any
) -> None:
    """Longer than the database itself waits: the answer comes only once."""

    class Api:
        async def submit(self, request: Any, *, before_first_byte: Callable[[], Any]) -> Any:
            await before_first_byte()
            locker.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(6, locker.rollback)
            return Accepted("FJJ1")

    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            doubt = DoubtRules(on_doubt=OnDoubt.FAIL, in_doubt_after=2 * HOUR, expire_after=24 * HOUR)
            bell = Bell()
            part = Submitter(
                database=spool.database,
                contents=spool.contents,
                client=Api(),  # type: ignore[arg-type] # it has what the submitter uses
                account=recorded(account),
                rules=SubmitRules(concurrency=1, valid_for=24 * HOUR, paused=False, doubt=doubt),
                lease=spool.lease,
                in_hand=spool.in_hand,
                prepared=bell,
                submitted=bell,
                said=bell,
                clock=lambda: samples.now,
                chance=Random(1),
            )
            task = asyncio.create_task(part.run())
            async with asyncio.timeout(30):
                while (found := await samples.load(spool, job.id)).state is not State.SUBMITTED:
                    await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (found.wire_id, found.attempts) == ("FJJ1", 1)

    locker = sqlite3.connect(tmp_path / "spool.db", isolation_level=None, check_same_thread=False)
    try:
        asyncio.run(scenario())
    finally:
        locker.close()
