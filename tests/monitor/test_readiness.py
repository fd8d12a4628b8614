"""Why no mail should be sent here; the fax service's health is no reason."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.monitor.readiness import Condition, SpoolHealth, reasons
from gateway.spool.pauses import Activity, Switch

GOOD = Condition(draining=False, paused=False, short_of=None)
SOUND = SpoolHealth()


def test_a_gateway_without_trouble_is_ready() -> None:
    assert reasons(GOOD, SOUND) == []


@pytest.mark.parametrize(
    ("condition", "spool", "begin"),
    [
        (replace(GOOD, draining=True), SOUND, "draining"),
        (replace(GOOD, paused=True), SOUND, "paused"),
        (replace(GOOD, short_of="disk"), SOUND, "short of disk"),
        (GOOD, SpoolHealth(unreadable="disk I/O error"), "the spool can't be read: disk I/O error"),
        (GOOD, SpoolHealth(unwritable="read-only"), "the spool can't be written: read-only"),
    ],
)
def test_each_trouble_is_a_line(condition: Condition, spool: SpoolHealth, begin: str) -> None:
    (reason,) = reasons(condition, spool)
    assert reason.startswith(begin)


def test_what_an_operator_paused_is_a_line_with_who_and_when_and_what_ends_it() -> None:
    switch = Switch(Activity.ACCEPT, paused=True, by="operator jana", at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
    assert reasons(GOOD, SpoolHealth(paused=[switch])) == [
        "paused: accept is paused by operator jana since 2026-11-23 09:30:00 UTC; `fax-gateway resume accept` ends it"
    ]


def test_several_troubles_are_several_lines() -> None:
    assert len(reasons(Condition(draining=True, paused=True, short_of="disk"), SpoolHealth(unwritable="x"))) == 4
