"""A daemon that finds jobs in every state is ready at once: who restarts it has mail waiting."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.config import load_settings
from gateway.daemon import wiring
from gateway.spool.migrations import upgrade
from tests.living.full_spool import fill
from tests.living.process import Process

pytestmark = pytest.mark.once

EACH = 500  # jobs in each state; bench/start.py measures ten thousand
READY_WITHIN = 5.0  # seconds of CPU, the interpreter's start included: a machine that has other work takes longer


def test_many_jobs_in_every_state_delay_no_start(gateway: Any) -> None:
    spool, settings = gateway.directory / "spool.db", load_settings(gateway.directory / "config.toml", {}, None)
    upgrade(spool)
    fill(spool, EACH, wiring.account(settings), datetime.now(UTC))
    daemon = Process(
        ["serve", "--config", str(gateway.directory / "config.toml")], gateway.directory, fresh=True
    ).start()
    took = daemon.cpu()
    daemon.wait_for("in_doubt")  # what a crash has left in `submitting` is put in doubt while mail is taken
    daemon.stop()
    assert took < READY_WITHIN
