"""What time alone does to a job (docs/architecture.md, "States" and "Doubt")."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.delivery.deadlines import CATCH_UP, REPORT_GRACE, DeadlineRules, Warn, due_event
from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.spool.job import Job, JobOptions, Mail, Recipient, Timing
from gateway.spool.states import Event, Standing, State

START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOUBT = DoubtRules(on_doubt=OnDoubt.FAIL, in_doubt_after=HOUR * 2, expire_after=HOUR * 24)
RULES = DeadlineRules(warn_after=HOUR, expire_after=HOUR * 24, doubt=DOUBT)


def job(state: State, **changes: object) -> Job:
    mail = Mail(
        id="m",
        received_at=START,
        reverse_path="jana@example.com",
        report_to="jana@example.com",
        client="127.0.0.1",
        helo="client.example.com",
        queue_id=None,
        message_id=None,
        subject="",
        language="en",
        numbers=1,
        content_id="c",
    )
    facts: dict[str, object] = {
        "id": "j",
        "mail": mail,
        "parent_id": None,
        "options": JobOptions(),
        "standing": Standing(state, State.PREPARED if state is State.HELD else None),
        "created_at": START,
        "timing": Timing(START),
        "due_at": START,
        "warned_at": None,
        "late_told_at": None,
        "attempts": 1,
        "account_id": None,
        "sent_at": START,
        "valid_until": START + HOUR * 24,
        "accepted_at": None,
        "wire_id": None,
        "datacenter": None,
        "pages": None,
        "last_error": None,
        "recipients": (Recipient(position=0, number="+4989123456", forward_paths=()),),
    }
    return Job(**(facts | changes))  # type: ignore[arg-type] # the keywords come from a table


@pytest.mark.parametrize(
    ("state", "changes", "after", "event"),
    [
        (State.PREPARED, {}, HOUR - timedelta(seconds=1), None),
        (State.PREPARED, {}, HOUR, Warn.DELAYED),
        (State.HELD, {}, HOUR, Warn.DELAYED),
        (State.PREPARED, {"warned_at": START + HOUR}, HOUR * 2, None),
        (State.PREPARED, {}, HOUR * 24, Event.EXPIRED),
        (State.RECEIVED, {}, HOUR * 24, Event.EXPIRED),
        (State.HELD, {"warned_at": START + HOUR}, HOUR * 24, Event.EXPIRED),
        (State.PREPARED, {"timing": Timing(START + HOUR * 24)}, HOUR * 24, None),
        (State.PREPARED, {"timing": Timing(START + HOUR * 24)}, HOUR * 25, Warn.DELAYED),
        (State.SUBMITTING, {}, HOUR * 48, None),
        (State.IN_DOUBT, {}, HOUR * 2 - timedelta(seconds=1), None),
        (State.IN_DOUBT, {}, HOUR * 2, Event.REPORT_OVERDUE),
        (State.IN_DOUBT, {"sent_at": START + HOUR}, HOUR * 2, None),
        (State.IN_DOUBT, {"timing": Timing(START + HOUR * 3)}, HOUR * 4, None),
        (State.SUBMITTED, {}, HOUR * 24 + REPORT_GRACE - timedelta(seconds=1), None),
        (State.SUBMITTED, {}, HOUR * 24 + REPORT_GRACE, Event.REPORT_OVERDUE),
        (State.SENT, {}, HOUR * 1000, None),
        # RFC 2852: by-mode R ends what has not gone out, by-mode N says once that it is late, sent or not
        (State.PREPARED, {"timing": Timing(START, ends_by=START + HOUR / 2)}, HOUR / 2, Event.EXPIRED),
        (State.SUBMITTED, {"timing": Timing(START, ends_by=START + HOUR / 2)}, HOUR, None),
        (State.PREPARED, {"timing": Timing(START, late_by=START + HOUR / 2)}, HOUR / 2, Warn.LATE),
        (State.SUBMITTED, {"timing": Timing(START, late_by=START + HOUR / 2)}, HOUR / 2, Warn.LATE),
        (State.SUBMITTED, {"timing": Timing(START, late_by=START), "late_told_at": START}, HOUR, None),
        (State.SENT, {"timing": Timing(START, late_by=START)}, HOUR, None),
        (State.UNKNOWN, {}, HOUR * 1000, None),
        # held, and perhaps at the service: "not sent yet" would be wrong, its end is no `expired`
        (State.HELD, {"standing": Standing(State.HELD, State.IN_DOUBT, perhaps_arrived=True)}, HOUR, None),
        (State.HELD, {"standing": Standing(State.HELD, State.SUBMITTED)}, HOUR, None),
        (State.HELD, {"standing": Standing(State.HELD, State.SUBMITTED)}, HOUR * 24, Event.EXPIRED),
    ],
)
def test_the_clock_does_what_the_law_says(
    state: State, changes: dict[str, object], after: timedelta, event: Event | Warn | None
) -> None:
    assert due_event(RULES, job(state, **changes), START + after, START) is event


@pytest.mark.parametrize(
    ("state", "changes", "up_since", "after", "event"),
    [
        (State.IN_DOUBT, {}, HOUR * 3, HOUR * 3, None),
        (State.IN_DOUBT, {}, HOUR * 3, HOUR * 5, Event.REPORT_OVERDUE),
        (State.SUBMITTED, {"valid_until": START}, HOUR * 48, HOUR * 48, None),
        (State.SUBMITTED, {"valid_until": START}, HOUR * 48, HOUR * 48 + CATCH_UP, Event.REPORT_OVERDUE),
        (State.PREPARED, {}, HOUR * 48, HOUR * 48, Event.EXPIRED),
    ],
)
def test_a_daemon_that_was_down_asks_for_reports_before_it_says_that_there_is_none(
    state: State, changes: dict[str, object], up_since: timedelta, after: timedelta, event: Event | None
) -> None:
    assert due_event(RULES, job(state, **changes), START + after, START + up_since) is event
