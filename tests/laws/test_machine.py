"""The laws as a whole: mails, faults, crashes between any two steps, clocks that are set, operators, in any order.

After every step: nobody is faxed twice, nothing is forgotten, no word contradicts what is known. Once the faults are
over and time has run: every job has ended, and everybody was told.

``STORIES=2000 python -m pytest tests/laws/test_machine.py -n 0`` tells that many, new ones each time.
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from gateway.delivery.doubt import OnDoubt
from tests.laws.world import World

STORIES = int(os.environ.get("STORIES", "0"))
IN_CI, STEPS_IN_CI, STEPS = 12, 25, 60


@pytest.mark.timeout(0 if STORIES else 300)
@pytest.mark.parametrize("on_doubt", OnDoubt)
def test_whatever_happens_the_promises_are_kept(on_doubt: OnDoubt, story: Callable[[OnDoubt], type[World]]) -> None:
    how = settings(
        max_examples=STORIES or IN_CI,
        stateful_step_count=STEPS if STORIES else STEPS_IN_CI,
        derandomize=not STORIES,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # with Phase.shrink it looks for the shortest story, which may take minutes
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(story(on_doubt), settings=how)
