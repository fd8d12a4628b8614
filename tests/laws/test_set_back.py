"""A clock that is set back delays nothing: documents, faxes, looks for reports, words, the pause of an account."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.delivery.doubt import OnDoubt
from gateway.spool.states import State
from tests.crash.words import Claim
from tests.laws.daemon import Daemon
from tests.laws.service import Fault
from tests.laws.world import World

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
Story = Callable[[OnDoubt], type[World]]


def comes(world: World, when: str = "at once", report_by: str = "gateway") -> None:
    world.a_mail_comes(recipients=1, notify=None, report_by=report_by, subject="Angebot", when=when)


def goes_on(world: World, seconds: int = 10) -> None:
    for _ in range(seconds):
        world.clock.wait(SECOND)
        world.does(Daemon.everything)


def only_state(world: World) -> State:
    (job,) = world.facts().jobs.values()
    return job.state


@pytest.mark.parametrize("back", [40 * 60 * SECOND, 20 * HOUR])
@pytest.mark.parametrize("stage", ["taken", "prepared", "postponed", "submitted", "reported"])
def test_nothing_waits_as_long_as_the_clock_was_set_back(story: Story, stage: str, back: timedelta) -> None:
    world = story(OnDoubt.FAIL)()
    world.clock.wrong_by = back
    world.judges_by_time(life=None)
    comes(world)
    if stage != "taken":
        world.prepares(life=None)
    if stage == "postponed":
        world.submits(faults=[Fault.BUSY], life=None)
    if stage in {"submitted", "reported"}:
        world.submits(faults=[], life=None)
        world.service.finish(world.service.unfinished[0], "OK")
    if stage == "reported":
        world.the_smarthost_changes(down=True, refuses=False)
        goes_on(world)
        world.the_smarthost_changes(down=False, refuses=False)
    world.clock.wrong_by = timedelta()
    goes_on(world, 4)
    for fax in world.service.unfinished:
        world.service.finish(fax, "OK")
    goes_on(world)
    assert only_state(world) is State.SENT
    assert [word.claim for word in world.mailbox.words] == [Claim.DELIVERED]
    world.teardown()


def test_what_a_sender_has_scheduled_waits_for_its_time_all_the_same(story: Story) -> None:
    world = story(OnDoubt.FAIL)()
    world.clock.wrong_by = HOUR
    world.judges_by_time(life=None)
    comes(world, "later")  # 3 h from what the clock says
    world.clock.wrong_by = timedelta()
    goes_on(world)
    assert only_state(world) is State.PREPARED
    world.clock.wait(3 * HOUR)
    goes_on(world)
    assert only_state(world) is State.PREPARED
    world.clock.wait(HOUR)
    goes_on(world)
    assert only_state(world) is State.SUBMITTED
    world.teardown()


def test_a_paused_account_is_probed_by_time_that_passes(story: Story) -> None:
    world = story(OnDoubt.FAIL)()
    world.clock.wrong_by = 20 * HOUR
    world.judges_by_time(life=None)
    comes(world)
    world.prepares(life=None)
    world.submits(faults=[Fault.FORBIDDEN], life=None)
    world.clock.wrong_by = timedelta()
    goes_on(world)
    assert only_state(world) is State.SUBMITTED
    world.teardown()


def test_a_start_begins_backoffs_anew(story: Story) -> None:
    world = story(OnDoubt.FAIL)()
    world.judges_by_time(life=None)
    comes(world)
    world.prepares(life=None)
    for _ in range(8):
        world.submits(faults=[Fault.BUSY], life=None)
        world.clock.wait(60 * SECOND)
    world.submits(faults=[Fault.BUSY], life=None)
    goes_on(world)
    assert only_state(world) is State.PREPARED  # a minute is not over
    world.restarts()
    goes_on(world, 2)
    assert only_state(world) is State.SUBMITTED
    world.teardown()
