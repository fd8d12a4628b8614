"""How values are shown: moments, numbers, states, statuses. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import phonenumbers
from markupsafe import Markup, escape

from gateway.spool.states import State


@dataclass(frozen=True, slots=True)
class Shown:
    """A state for people: English name (pages translate it), and the tone of its badge."""

    name: str
    tone: str  # wait | go | good | part | bad | off


STATES: Mapping[State, Shown] = MappingProxyType(
    {
        State.RECEIVED: Shown("received", "wait"),
        State.PREPARED: Shown("prepared", "wait"),
        State.SUBMITTING: Shown("submitting", "go"),
        State.SUBMITTED: Shown("submitted", "go"),
        State.HELD: Shown("held", "part"),
        State.IN_DOUBT: Shown("in doubt", "part"),
        State.SENT: Shown("sent", "good"),
        State.PARTLY_SENT: Shown("partly sent", "part"),
        State.FAILED: Shown("failed", "bad"),
        State.CANCELLED: Shown("cancelled", "off"),
        State.EXPIRED: Shown("expired", "bad"),
        State.UNKNOWN: Shown("unknown", "part"),
    }
)


def moment(value: datetime | None) -> Markup:
    """UTC; the script shows the reader's own time where it runs."""
    if value is None:
        return Markup("")
    utc = value.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M:%S}")


def number(e164: str) -> str:
    """As people write it: +49 89 123456."""
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def duration(value: timedelta | float) -> str:
    """The two largest units: 3 h 5 min."""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for unit, size in units:
        if seconds >= size or (unit == "s" and not parts):
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
        if len(parts) == 2:  # noqa: PLR2004 - as the docstring says
            break
    return " ".join(part for part in parts if not part.startswith("0 ") or len(parts) == 1)


def size(count: int) -> str:
    """Bytes, in decimal units (ISO 80000-13)."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def soft(text: str) -> Markup:
    """A long address or id may break after its signs."""
    escaped = str(escape(text))
    for sign in "@.-_/":
        escaped = escaped.replace(sign, f"{sign}<wbr>")
    return Markup(escaped)  # noqa: S704 - was escaped before; the tags are ours


FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {"moment": moment, "number": number, "duration": duration, "size": size, "soft": soft}
)
