"""An iCalendar object as a text that a person reads: what, when, where, who (RFC 5545). Pure.

Only events and tasks are shown, with their main fields; recurrences stand as they are written. What has neither, or
is as long as a book, is shown as it came.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.mail.contentline import MOST_LINES, ContentLine, content_lines

SHOWN = frozenset({"VEVENT", "VTODO"})
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancellation",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Proposal",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

Entry = Mapping[str, Sequence[ContentLine]]


def calendar_text(text: str) -> str:
    """The events and tasks of a calendar; `text` has its lines ended by newlines."""
    if text.count("\n") > MOST_LINES:
        return text
    lines = tuple(content_lines(text))
    entries = ["\n".join(_entry(each)) for each in _entries(lines)]
    if not any(entries):
        return text
    method = next((_METHODS.get(line.value.strip().upper()) for line in lines if line.name == "METHOD"), None)
    return "\n\n".join([*([method] if method else []), *entries]) + "\n"


def _entries(lines: Iterable[ContentLine]) -> Iterator[Entry]:
    """The fields of each event or task; not those of the alarms in it."""
    inside: list[str] = []
    found: dict[str, list[ContentLine]] = {}
    for line in lines:
        kind = line.value.strip().upper()
        if line.name == "BEGIN":
            inside.append(kind)
            found = {} if kind in SHOWN else found
        elif line.name == "END":
            if kind in SHOWN:
                yield found
            inside = inside[:-1]
        elif inside and inside[-1] in SHOWN:
            found.setdefault(line.name, []).append(line)


def _entry(entry: Entry) -> Iterator[str]:
    yield from _labelled("What", _text(entry, "SUMMARY"))
    yield from _labelled("When", _when(entry))
    yield from _labelled("Due", _moment(entry, "DUE"))
    yield from _labelled("Repeats", _text(entry, "RRULE"))
    yield from _labelled("Where", _text(entry, "LOCATION"))
    yield from _labelled("Status", _text(entry, "STATUS").lower())
    yield from _labelled("Organizer", ", ".join(_person(line) for line in entry.get("ORGANIZER", ())))
    yield from _labelled("Attendees", ", ".join(_person(line) for line in entry.get("ATTENDEE", ())))
    yield from _labelled("Description", _text(entry, "DESCRIPTION"))


def _labelled(label: str, value: str) -> Iterator[str]:
    if value:
        yield f"{label}: {value}"


def _text(entry: Entry, name: str) -> str:
    return entry[name][0].text if name in entry else ""


def _when(entry: Entry) -> str:
    start, end = _moment(entry, "DTSTART"), _moment(entry, "DTEND")
    if not start or not end or start == end:
        return f"{start}, for {_duration(entry)}" if start and _duration(entry) else start
    day, _, time = start.partition(" ")
    end_day, _, end_time = end.partition(" ")
    if time and day == end_day:
        clock, _, zone = time.partition(" ")
        end_clock, _, end_zone = end_time.partition(" ")
        if zone == end_zone:
            return f"{day} {clock} to {end_clock} {zone}".rstrip()
    return f"{start} to {end}"


def _moment(entry: Entry, name: str) -> str:
    """2026-11-23 09:30 (Europe/Berlin); §3.3.5: Z is UTC, without a zone it is the reader's own time."""
    if name not in entry:
        return ""
    line = entry[name][0]
    match = _MOMENT.match(line.value.strip())
    if match is None:
        return line.text
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if match[4] is None:
        return day
    zone = "UTC" if match[6] else next((f"({name})" for name in line.parameter("TZID")), "")
    return f"{day} {match[4]}:{match[5]} {zone}".rstrip()


def _duration(entry: Entry) -> str:
    match = _DURATION.fullmatch(_text(entry, "DURATION"))
    if match is None:
        return ""
    units = ("weeks", "days", "h", "min", "s")
    return " ".join(f"{count} {unit}" for count, unit in zip(match.groups(), units, strict=True) if count)


def _person(line: ContentLine) -> str:
    address = re.sub(r"(?i)^mailto:", "", line.text)
    name = next(iter(line.parameter("CN")), "")
    answer = next((_ANSWERS[each] for each in line.parameter("PARTSTAT") if each in _ANSWERS), "")
    shown = f"{name} <{address}>" if name and name != address else address
    return f"{shown} ({answer})" if answer else shown
