"""A list proves that a job isn't there only if it was read whole, and by the service's own clock."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.spool import doubts
from gateway.spool.attempts import recorded

HOUR = timedelta(hours=1)


def read(open_spool: Any, samples: Any, tracking: Any, spoil: Callable[[Any, datetime], None]) -> dict[str, datetime]:
    """By data centre when its list was read, as far as that proves anything."""

    async def scenario() -> dict[str, datetime]:
        async with open_spool() as spool:
            job = await samples.in_doubt(spool)
            spoil(tracking.centres, samples.now)
            await tracking.tracker(spool).look()
            return dict(await spool.database.read(lambda c: doubts.lists_read(c, job.account_id)))

    return asyncio.run(scenario())


def test_each_list_that_was_read_whole_is_noted(open_spool: Any, samples: Any, tracking: Any) -> None:
    found = read(open_spool, samples, tracking, lambda _centres, _now: None)
    assert set(found) == {"dc1", "dc2"}


def test_a_clock_of_ours_that_was_set_forward_proves_nothing(open_spool: Any, samples: Any, tracking: Any) -> None:
    def behind(centres: Any, now: datetime) -> None:
        centres.at = now - 24 * HOUR

    found = read(open_spool, samples, tracking, behind)
    assert set(found.values()) == {samples.now - 24 * HOUR}


@pytest.mark.parametrize(("name", "value"), [("unreadable", 1), ("at", None)])
def test_a_list_with_unreadable_reports_or_without_a_time_proves_nothing(
    open_spool: Any, samples: Any, tracking: Any, name: str, value: object
) -> None:
    assert read(open_spool, samples, tracking, lambda centres, _now: setattr(centres, name, value)) == {}


def test_a_data_centre_that_is_down_proves_nothing(open_spool: Any, samples: Any, tracking: Any) -> None:
    assert set(read(open_spool, samples, tracking, lambda centres, _now: centres.fail("dc2"))) == {"dc1"}


def test_a_list_that_shows_a_fax_whose_answer_is_still_awaited_proves_nothing(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    """Its owner may be frozen, and another daemon doubt it the next moment: it would be sent once more at once."""

    async def scenario() -> None:
        async with open_spool() as spool:
            await samples.in_doubt(spool)  # for this one the lists are read
            awaited = await samples.submitting(spool, "+4989123457")
            tracking.centres.put("dc2", tracking.report("FJJ2", awaited.id))
            await tracking.tracker(spool).look()
            found = await spool.database.read(lambda c: doubts.lists_read(c, recorded(tracking.centres.account).id))
            assert set(found) == {"dc1"}

    asyncio.run(scenario())
