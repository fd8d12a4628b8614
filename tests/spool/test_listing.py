"""The list of jobs page by page, and what the overview counts."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from gateway.spool.census import take_census
from gateway.spool.figures import Step, bars, failures
from gateway.spool.listing import Filter, Position, page
from gateway.spool.states import State
from tests.web.many import fill, job_id


@pytest.mark.parametrize("wanted", [Filter(), Filter(state=State.SENT), Filter(sender="*@example.com", to="+49*")])
def test_every_job_is_on_one_page_forwards_and_backwards(open_spool: Any, samples: Any, wanted: Filter) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await asyncio.to_thread(fill, spool.database.place, 130, samples.now)
            ids, found = [], await spool.database.read(lambda c: page(c, wanted, limit=25))
            assert found.newer is None
            while True:
                ids += [job.id for job in found.jobs]
                after = found.older
                if len(found.jobs) < 25:
                    break
                found = await spool.database.read(lambda c, at=after: page(c, wanted, after=at, limit=25))
            every = [job_id(number) for number in range(130) if number != 7 or wanted.state is None]
            if wanted.state is None:
                assert ids == every
            assert len(set(ids)) == len(ids)
            back: list[str] = []
            while found.newer is not None:
                before = found.newer
                found = await spool.database.read(lambda c, at=before: page(c, wanted, before=at, limit=25))
                back = [job.id for job in found.jobs] + back
            assert ids[: len(back)] == back

    asyncio.run(scenario())


@pytest.mark.parametrize("text", ["", "~", "x~y", "2026-11-23T09:30:00~abc", "2026-11-23T09:30:00+00:00~"])
def test_a_place_that_can_not_be_read_is_none(text: str) -> None:
    assert Position.parse(text) is None


def test_a_place_is_read_as_it_is_written(samples: Any) -> None:
    place = Position(samples.now, "a" * 32)
    assert Position.parse(str(place)) == place


def test_charts_count_what_came_and_what_ended(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            await asyncio.to_thread(fill, spool.database.place, 200, samples.now)
            found = await spool.database.read(lambda c: bars(c, samples.now + timedelta(seconds=59), Step.MINUTE, 60))
            assert len(found) == 60
            assert sum(bar.received for bar in found) == 200
            assert [bar.received for bar in found][-4:] == [60, 60, 60, 1] or sum(b.received for b in found[-5:]) == 200
            assert sum(sum(bar.ended.values()) for bar in found) == 199
            day = await spool.database.read(lambda c: bars(c, samples.now, Step.HOUR, 24))
            assert sum(bar.received for bar in day) == 200
            missed = await spool.database.read(lambda c: failures(c, samples.now - timedelta(days=1)))
            assert [(each.status, each.count) for each in missed] == [("BUSY", 20)]

    asyncio.run(scenario())


SEARCHES = {
    "all": Filter(),
    "common state": Filter(state=State.SENT),
    "rare state": Filter(state=State.HELD),
    "no such state": Filter(state=State.UNKNOWN),
    "one sender": Filter(sender="user7@example.com"),
    "every sender": Filter(sender="*@example.com"),
    "every number": Filter(to="+49*"),
    "no number": Filter(to="+43*"),
    "queue id": Filter(find="Q77777"),
    "message id": Filter(find="<99000@example.com>"),
    "number": Filter(find="+49891050000"),
    "nothing": Filter(find="nothing"),
}


@pytest.mark.sqlite
def test_a_hundred_thousand_jobs_are_listed_in_a_tenth_of_a_second(open_spool: Any, samples: Any) -> None:
    """Of the processor, at its best of five: what else the machine does is not what is tested."""

    async def scenario() -> dict[str, float]:
        async with open_spool() as spool:
            await asyncio.to_thread(fill, spool.database.place, 100_000, samples.now)
            last = Position(samples.now - timedelta(seconds=99_900), job_id(99_900))
            works = {
                name: (lambda c, wanted=wanted, after=after: page(c, wanted, after=after))
                for name, wanted, after in [
                    *((name, wanted, None) for name, wanted in SEARCHES.items()),
                    ("last page", Filter(), last),
                    ("last page of a state", Filter(state=State.SENT), last),
                ]
            } | {"census": lambda c: take_census(c, samples.now)}
            taken = {}
            for name, work in works.items():
                taken[name] = min([await _seconds(spool, work) for _ in range(5)])
            return taken

    taken = asyncio.run(scenario())
    assert {name: seconds for name, seconds in taken.items() if seconds > 0.1} == {}


async def _seconds(spool: Any, work: Any) -> float:
    begun = time.process_time()
    await spool.database.read(work)
    return time.process_time() - begun
