"""401, 403, 404, 405 and 407: the account pauses, one probe goes out per step, the first accepted one ends it."""

from datetime import UTC, datetime, timedelta

from gateway.delivery import pause as under_test
from gateway.delivery.pause import AccountPause, Consequence

NOW = timedelta(hours=5)
STEP = timedelta(seconds=4)
MOMENT = timedelta(milliseconds=1)


def after_refusal(
    pause: AccountPause, job_id: str, at: timedelta, wait: timedelta, began_at: timedelta | None = None
) -> tuple[AccountPause, Consequence]:
    """Its request began a moment before, where nothing else is said."""
    return under_test.after_refusal(pause, job_id, at, wait, began_at=began_at if began_at is not None else at - MOMENT)


def after_acceptance(
    pause: AccountPause, job_id: str, at: timedelta, began_at: timedelta | None = None
) -> AccountPause:
    return under_test.after_acceptance(pause, job_id, at, began_at=began_at if began_at is not None else at - MOMENT)


def test_an_account_that_is_not_paused_takes_what_its_concurrency_leaves() -> None:
    assert AccountPause().slots(NOW, in_flight=3, concurrency=8) == 5
    assert AccountPause().slots(NOW, in_flight=8, concurrency=8) == 0


def test_a_refusal_pauses_the_account_and_one_probe_goes_out_when_the_step_is_over() -> None:
    pause, consequence = after_refusal(AccountPause(), "a", NOW, STEP)
    assert consequence is Consequence.PAUSE
    assert pause.paused
    assert pause.slots(NOW, in_flight=0, concurrency=8) == 0
    assert pause.slots(NOW + STEP, in_flight=0, concurrency=8) == 1
    assert pause.slots(NOW + STEP, in_flight=1, concurrency=8) == 0


def test_jobs_that_were_under_way_when_the_account_paused_make_no_further_step() -> None:
    pause, _ = after_refusal(AccountPause(), "a", NOW, STEP)
    again, consequence = after_refusal(pause, "b", NOW + timedelta(seconds=1), STEP)
    assert consequence is Consequence.WAIT
    assert (again.failures, again.probe_at) == (pause.failures, pause.probe_at)


def test_each_refused_probe_is_a_step() -> None:
    pause, _ = after_refusal(AccountPause(), "a", NOW, STEP)
    pause, consequence = after_refusal(pause, "a", NOW + STEP, STEP * 2)
    assert consequence is Consequence.WAIT  # the pause was told of once
    assert pause.failures == 2
    assert pause.probe_at == NOW + STEP * 3


def test_the_first_accepted_probe_ends_the_pause() -> None:
    pause, _ = after_refusal(AccountPause(), "a", NOW, STEP)
    pause = after_acceptance(pause, "b", NOW + STEP)
    assert not pause.paused
    assert pause.slots(NOW + STEP, in_flight=0, concurrency=8) == 8


def test_a_job_that_is_refused_again_soon_after_another_was_accepted_is_held_and_the_account_goes_on() -> None:
    pause, _ = after_refusal(AccountPause(), "bad", NOW, STEP)
    pause = after_acceptance(pause, "good", NOW + STEP)
    pause, consequence = after_refusal(pause, "bad", NOW + STEP * 2, STEP)
    assert consequence is Consequence.HOLD
    assert not pause.paused


def test_a_refusal_long_after_the_last_acceptance_is_the_accounts_again() -> None:
    pause, _ = after_refusal(AccountPause(), "bad", NOW, STEP)
    pause = after_acceptance(pause, "good", NOW + STEP)
    _, consequence = after_refusal(pause, "bad", NOW + STEP + timedelta(minutes=10), STEP)
    assert consequence is Consequence.PAUSE


def test_a_password_that_is_changed_amid_the_traffic_holds_no_job() -> None:
    """What was accepted with the old one says nothing of the jobs that are refused since."""
    pause = after_acceptance(AccountPause(), "good", NOW)
    for step in range(1, 5):
        for job in ("a", "b"):
            pause, consequence = after_refusal(pause, job, NOW + STEP * step, STEP)
            assert consequence in {Consequence.PAUSE, Consequence.WAIT}
    assert pause.paused


def test_a_job_whose_first_refusal_outlived_several_acceptances_is_still_known() -> None:
    pause, _ = after_refusal(AccountPause(), "bad", NOW, STEP)
    pause = after_acceptance(after_acceptance(pause, "good", NOW + STEP), "better", NOW + STEP * 2)
    _, consequence = after_refusal(pause, "bad", NOW + STEP * 3, STEP)
    assert consequence is Consequence.HOLD


def test_what_was_begun_before_a_refusal_and_is_accepted_late_ends_no_pause_and_holds_no_job() -> None:
    """A large fax was on its way while the password was changed: it says nothing of those that were refused since."""
    pause, _ = after_refusal(AccountPause(), "a", NOW, STEP)
    late = after_acceptance(pause, "large", NOW + STEP, began_at=NOW - STEP)
    assert late == pause
    pause, consequence = after_refusal(late, "a", NOW + STEP, STEP)  # its probe
    assert consequence is Consequence.WAIT
    pause = after_acceptance(pause, "b", NOW + STEP * 3, began_at=NOW + STEP * 2)
    assert not pause.paused


def test_what_was_begun_before_an_accepted_request_and_is_refused_late_stops_nothing() -> None:
    """The password was wrong when the large fax was begun, and has been put right since."""
    pause = after_acceptance(AccountPause(), "good", NOW, began_at=NOW - STEP)
    pause, consequence = after_refusal(pause, "large", NOW + STEP, STEP, began_at=NOW - STEP * 2)
    assert consequence is Consequence.AGAIN
    assert not pause.paused
    # It is no evidence against the job either, until another one that began after it was accepted.
    pause = after_acceptance(pause, "better", NOW + STEP * 2, began_at=NOW)
    pause, consequence = after_refusal(pause, "large", NOW + STEP * 3, STEP, began_at=NOW + STEP)
    assert consequence is Consequence.PAUSE


def test_a_job_that_is_always_refused_late_is_held_in_the_end() -> None:
    """Amid the traffic of others, who are accepted while it uploads."""
    pause = AccountPause()
    told = []
    for turn in range(3):
        begin = NOW + STEP * 3 * turn
        pause = after_acceptance(pause, f"other {turn}", begin + STEP, began_at=begin + MOMENT)
        pause, consequence = after_refusal(pause, "bad", begin + STEP * 2, STEP, began_at=begin)
        told.append(consequence)
        if consequence is Consequence.HOLD:
            break
    assert told == [Consequence.AGAIN, Consequence.HOLD]


def test_a_probe_of_another_daemon_counts_for_one_step() -> None:
    pause, _ = after_refusal(AccountPause(), "a", NOW, STEP)
    due, clock = NOW + STEP, datetime(2026, 11, 27, tzinfo=UTC)
    assert not pause.gives_way(due, clock, None)
    assert not pause.gives_way(due, clock, clock - STEP)  # its own, or one that is a step ago
    assert pause.gives_way(due, clock, clock - STEP / 2)
    assert not pause.gives_way(due, clock, clock + STEP)  # by a clock that is ahead
    assert not pause.gives_way(due + STEP, clock, clock - STEP / 2)  # the other one may be at fault itself
    assert not AccountPause().gives_way(due, clock, clock)
