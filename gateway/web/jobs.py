"""/jobs: the list, with its search and filters in the URL."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from gateway.address import AddressError, NumberRules
from gateway.address.number import read_number
from gateway.spool.listing import Filter, Page, Position, page
from gateway.spool.prospects import Action
from gateway.spool.states import State
from gateway.web.call import Call
from gateway.web.desk import Desk

SIZES = (50, 200)
LONGEST = 320  # characters of a field


async def show(desk: Desk, call: Call) -> web.Response:
    wanted = wanted_of(call, desk.treatments.usual.numbers)
    after, before = Position.parse(call.wanted("after")), Position.parse(call.wanted("before"))
    limit = SIZES[1] if call.wanted("size") == str(SIZES[1]) else SIZES[0]
    found: Page = await desk.database.read(
        lambda connection: page(connection, wanted, after=after, before=before, limit=limit)
    )
    kept = {name: value for name in FIELDS if (value := call.wanted(name))} | (
        {"size": str(limit)} if limit != SIZES[0] else {}
    )
    return desk.pages.answer(
        call,
        "jobs.html.j2",
        jobs=found.jobs,
        newer=_link(kept, before=found.newer) if found.newer else None,
        older=_link(kept, after=found.older) if found.older and len(found.jobs) == limit else None,
        newest=_link(kept),
        fields={name: call.wanted(name) for name in FIELDS},
        filtered=any(call.wanted(name) for name in FIELDS),
        limit=limit,
        all_states=tuple(State),
        actions=tuple(Action),
    )


FIELDS = ("find", "state", "sender", "to", "since", "until")


def wanted_of(call: Call, numbers: NumberRules) -> Filter:
    """What can't be read doesn't count: a link from a mail may have lost its end."""
    state = call.wanted("state")
    return Filter(
        find=_found(call.wanted("find")[:LONGEST], numbers),
        sender=call.wanted("sender")[:LONGEST],
        to=call.wanted("to")[:LONGEST],
        state=State(state) if state in set(State) else None,
        since=_moment(call.wanted("since")),
        until=_moment(call.wanted("until")),
    )


def _found(typed: str, numbers: NumberRules) -> str:
    """A number however it was written, as the spool has it."""
    try:
        return read_number(typed, numbers) if typed[:1] in {"+", "0", "("} else typed
    except AddressError:
        return typed


def _moment(text: str) -> datetime | None:
    """What <input type="datetime-local"> gives, or a date; UTC unless it says otherwise."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def _link(kept: dict[str, str], **place: Position) -> str:
    query = urlencode(kept | {name: str(position) for name, position in place.items()})
    return f"?{query}" if query else "?"
