"""An invitation as a person reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.calendar import calendar_text
from gateway.mail.contentline import MOST_LINES


def event(*lines: str, kind: str = "VEVENT", before: str = "") -> str:
    return "\n".join(["BEGIN:VCALENDAR", before, f"BEGIN:{kind}", *lines, f"END:{kind}", "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["SUMMARY:Abnahme"], "What: Abnahme\n"),
        (["SUMMARY;LANGUAGE=de:Abnahme\\, Halle 3\\; Tor"], "What: Abnahme, Halle 3; Tor\n"),
        (["SUMMARY:Abn", " ahme"], "What: Abnahme\n"),
        (["DTSTART:20261123T083000Z"], "When: 2026-11-23 08:30 UTC\n"),
        (["DTSTART:20261123T083000"], "When: 2026-11-23 08:30\n"),
        (["DTSTART;VALUE=DATE:20261123"], "When: 2026-11-23\n"),
        (["DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261125"], "When: 2026-11-23 to 2026-11-25\n"),
        (
            ["DTSTART;TZID=Europe/Berlin:20261123T090000", "DTEND;TZID=Europe/Berlin:20261123T103000"],
            "When: 2026-11-23 09:00 to 10:30 (Europe/Berlin)\n",
        ),
        (
            ["DTSTART;TZID=Europe/Berlin:20261123T090000", "DTEND:20261123T093000Z"],
            "When: 2026-11-23 09:00 (Europe/Berlin) to 2026-11-23 09:30 UTC\n",
        ),
        (["DTSTART:20261123T220000Z", "DURATION:P1DT2H30M"], "When: 2026-11-23 22:00 UTC, for 1 days 2 h 30 min\n"),
        (["DTSTART:next week"], "When: next week\n"),
        (["DTSTART:20261123", "RRULE:FREQ=WEEKLY;COUNT=3"], "When: 2026-11-23\nRepeats: FREQ=WEEKLY;COUNT=3\n"),
        (["LOCATION:Werk 2", "STATUS:CANCELLED"], "Where: Werk 2\nStatus: cancelled\n"),
        (
            [
                'ORGANIZER;CN="Beispiel, Jana":MAILTO:jana@example.com',
                "ATTENDEE;PARTSTAT=DECLINED:mailto:m@example.com",
            ],
            "Organizer: Beispiel, Jana <jana@example.com>\nAttendees: m@example.com (declined)\n",
        ),
        (["SUMMARY:x", "BEGIN:VALARM", "DESCRIPTION:Alarm", "END:VALARM"], "What: x\n"),
    ],
)
def test_an_event_is_shown_by_its_main_fields(lines: list[str], text: str) -> None:
    assert calendar_text(event(*lines)) == text


def test_a_method_is_named_and_a_task_has_its_due_date() -> None:
    assert calendar_text(event("SUMMARY:x", before="METHOD:CANCEL")) == "Cancellation\n\nWhat: x\n"
    assert calendar_text(event("SUMMARY:x", "DUE:20261130", kind="VTODO")) == "What: x\nDue: 2026-11-30\n"


def test_several_events_are_paragraphs() -> None:
    assert calendar_text(event("SUMMARY:a") + event("SUMMARY:b")) == "What: a\n\nWhat: b\n"


@pytest.mark.parametrize(
    "text", ["", "no calendar", event(), event("SUMMARY:busy", kind="VFREEBUSY"), event(*["SUMMARY:a"] * MOST_LINES)]
)
def test_what_has_nothing_to_show_is_shown_as_it_came(text: str) -> None:
    assert calendar_text(text) == text


@given(st.text(alphabet='BEGIN:VEVENT\n SUMMARY;=,"\\nDTSTART2026T', max_size=120))
def test_any_text_is_shown_somehow(text: str) -> None:
    assert isinstance(calendar_text(event(text)), str)
