"""docs/architecture.md, "Doubt", as a table: when a job in doubt is sent again, and when it is given up."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.delivery.doubt import DoubtRules, OnDoubt, given_up_at, last_start, may_send_again
from gateway.spool.states import State

HOUR = timedelta(hours=1)
SENT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
VALID = SENT + HOUR * 24
CERTAIN = VALID + HOUR * 2


def rules(on_doubt: OnDoubt) -> DoubtRules:
    return DoubtRules(on_doubt=on_doubt, in_doubt_after=HOUR * 2, expire_after=HOUR * 72)


def job(**changes: object) -> Any:
    facts: dict[str, object] = {
        "state": State.IN_DOUBT,
        "accepted_at": None,
        "sent_at": SENT,
        "start_at": SENT,
        "valid_until": VALID,
        "timing": SimpleNamespace(ends_by=None),
    }
    return SimpleNamespace(**(facts | changes))


@pytest.mark.parametrize(
    ("now", "lists", "again"),
    [
        (CERTAIN - HOUR, {"dc1": CERTAIN - HOUR, "dc2": CERTAIN - HOUR}, False),
        (CERTAIN, {"dc1": CERTAIN, "dc2": CERTAIN}, True),
        (CERTAIN + HOUR, {"dc1": CERTAIN, "dc2": CERTAIN - HOUR}, False),
        (CERTAIN + HOUR, {"dc1": CERTAIN}, False),  # the other one was down all the time
        (CERTAIN + HOUR, {}, False),
        (SENT + HOUR * 72, {"dc1": CERTAIN, "dc2": CERTAIN}, False),  # no attempt starts later
    ],
)
def test_it_is_sent_again_when_its_time_is_over_and_every_list_was_read_whole_without_it(
    now: datetime, lists: dict[str, datetime], again: bool
) -> None:
    assert may_send_again(rules(OnDoubt.RESUBMIT), job(), now, ["dc1", "dc2"], lists) is again


def test_a_time_that_its_sender_set_is_the_last_start() -> None:
    wanted = job(timing=SimpleNamespace(ends_by=SENT + HOUR))
    assert last_start(rules(OnDoubt.ASK), wanted) == SENT + HOUR
    assert not may_send_again(rules(OnDoubt.ASK), wanted, SENT + HOUR, [], {})


@pytest.mark.parametrize("on_doubt", [OnDoubt.RESUBMIT, OnDoubt.ASK])
def test_what_the_service_has_accepted_is_never_sent_again(on_doubt: OnDoubt) -> None:
    lists = {"dc1": CERTAIN + HOUR}
    assert not may_send_again(rules(on_doubt), job(accepted_at=SENT), CERTAIN + HOUR, ["dc1"], lists)


@pytest.mark.parametrize("state", [state for state in State if state is not State.IN_DOUBT])
def test_nothing_but_a_doubt_is_sent_again(state: State) -> None:
    assert not may_send_again(rules(OnDoubt.ASK), job(state=state), SENT + HOUR, [], {})


@pytest.mark.parametrize(
    ("on_doubt", "changes", "moment"),
    [
        (OnDoubt.FAIL, {}, SENT + HOUR * 2),
        (OnDoubt.FAIL, {"start_at": SENT + HOUR}, SENT + HOUR * 3),  # the later of the last send and the start
        (OnDoubt.RESUBMIT, {}, SENT + HOUR * 72),
        (OnDoubt.RESUBMIT, {"valid_until": SENT + HOUR * 90}, SENT + HOUR * 92),  # its last attempt may still go out
        (OnDoubt.ASK, {}, SENT + HOUR * 72),
        (OnDoubt.ASK, {"accepted_at": SENT}, VALID + HOUR * 5),  # as if it were submitted
    ],
)
def test_when_it_is_given_up(on_doubt: OnDoubt, changes: dict[str, object], moment: datetime) -> None:
    assert given_up_at(rules(on_doubt), job(**changes), VALID + HOUR * 5) == moment
