"""Why no mail should be sent here; the fax service's health is no reason."""

from dataclasses import replace

import pytest

from gateway.monitor.readiness import Condition, reasons

GOOD = Condition(draining=False, paused=False, short_of=None, spool_fault=None)


def test_a_gateway_without_trouble_is_ready() -> None:
    assert reasons(GOOD) == []


@pytest.mark.parametrize(
    ("condition", "begin"),
    [
        (replace(GOOD, draining=True), "draining"),
        (replace(GOOD, paused=True), "paused"),
        (replace(GOOD, short_of="disk"), "short of disk"),
        (replace(GOOD, spool_fault="disk I/O error"), "the spool can't be read: disk I/O error"),
    ],
)
def test_each_trouble_is_a_line(condition: Condition, begin: str) -> None:
    (reason,) = reasons(condition)
    assert reason.startswith(begin)


def test_several_troubles_are_several_lines() -> None:
    assert len(reasons(Condition(draining=True, paused=True, short_of="disk", spool_fault="x"))) == 4
