"""A treatment as without any configuration; a test names what is different."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.config import Settings
from gateway.daemon.wiring import treatments
from gateway.intake.options import Treatment

Treat = Callable[..., Treatment]


@pytest.fixture(scope="session")
def treated() -> Treat:
    """``treated(report_on="failure")``."""
    usual = treatments(Settings()).usual
    return lambda **changes: replace(usual, **changes)
