"""401, 403, 404, 405 and 407: the account pauses, one probe goes out per step, the first accepted one ends it."""

from datetime import timedelta

from gateway.delivery.pause import AccountPause, Consequence, after_acceptance, after_refusal

NOW = timedelta(hours=5)
STEP = timedelta(seconds=4)


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
