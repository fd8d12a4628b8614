"""Finding a job by whatever an operator knows of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.spool.search import Search, find, story
from gateway.spool.states import State


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Search(), ["second", "first"]),
        (Search(limit=1), ["second"]),
        (Search(sender="*@EXAMPLE.com"), ["first"]),
        (Search(sender="i?a@example.org"), ["second"]),
        (Search(sender="i_a@example.org"), []),
        (Search(to="+4989*"), ["second", "first"]),
        (Search(to="+49891234*7"), ["second"]),
        (Search(state=State.SUBMITTED), ["second"]),
        (Search(state=State.PREPARED, sender="*.org"), []),
        (Search(find="<1@example.com>"), ["first"]),
        (Search(find="2@example.org"), ["second"]),
        (Search(find="4XyZ12"), ["second"]),
        (Search(find="QQ314159"), ["first"]),
        (Search(find="ida@example.org"), ["second"]),
        (Search(find="Ida@Example.ORG"), ["second"]),
        (Search(find="+4989123456"), ["first"]),
        (Search(find="FJJ1"), ["second"]),
        (Search(find="nobody"), []),
    ],
)
def test_jobs_are_found(open_spool: Any, samples: Any, wanted: Search, found: list[str]) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            first = await samples.prepared(spool, "+4989123456", envid="QQ314159")
            second = await samples.submitted(
                spool,
                "+4989123457",
                reverse_path="ida@example.org",
                message_id="<2@example.org>",
                queue_id="4XyZ12",
                received_at=samples.now + timedelta(minutes=1),
            )
            names = {first.id: "first", second.id: "second"}
            ids = await spool.database.read(lambda c: find(c, wanted))
            assert [names[job_id] for job_id in ids] == found
            by_id = await spool.database.read(lambda c: find(c, Search(ids=[first.id[:8]])))
            assert by_id == [first.id]

    asyncio.run(scenario())


def test_the_story_of_a_job_is_told_in_its_order(open_spool: Any, samples: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            job = await samples.submitted(spool)
            lines = await spool.database.read(lambda c: story(c, job.id))
            assert [(line.name, line.to_state) for line in lines] == [
                ("received", None),
                ("prepared", "prepared"),
                ("started", "submitting"),
                ("accepted", "submitted"),
            ]

    asyncio.run(scenario())
