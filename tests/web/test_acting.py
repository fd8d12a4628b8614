"""Retry, cancel, hold, release from the browser: the questions, the deeds, and that no form does anything twice."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.spool import jobs
from gateway.spool.erasing import erase
from gateway.spool.erasures import ErasureLog
from gateway.spool.jobs import Note
from gateway.spool.listing import Filter, page
from gateway.spool.logins import Role
from gateway.spool.restored import hold_restored
from gateway.spool.states import Event, State


def questions(text: str) -> dict[str, list[str]]:
    """The hidden fields of a page of questions."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([\w-]+)" value="(\w*)">', text):
        if name != "csrf":
            found.setdefault(name, []).append(value)
    return found


async def ended(site: Any, job: Any, event: Event, at: Any) -> Any:
    await site.spool.database.write(lambda c: jobs.advance(c, job, event, Note("test", at)))


@pytest.mark.parametrize(
    ("action", "state"),
    [("cancel", State.CANCELLED), ("hold", State.HELD)],
)
def test_several_jobs_at_once(open_site: Any, samples: Any, action: str, state: State) -> None:
    async def run() -> None:
        async with open_site() as site:
            made = [await samples.prepared(site.spool, f"+498912345{n}") for n in range(2)]
            gone = await samples.submitted(site.spool, "+4989123459")
            client = site.client(Role.OPERATOR)
            ids = [job.id for job in (*made, gone)]
            asked = await client.post("/jobs/ask", {"action": action, "id": ids})
            assert asked.status == 200
            fields = questions(asked.text)
            assert fields["id"] == [job.id for job in made]  # what is at the service is not offered
            for job in made:
                assert (await samples.load(site.spool, job.id)).state is State.PREPARED  # nothing is done yet
            done = await client.post("/jobs/act", fields)
            assert done.status == 303
            for job in made:
                assert (await samples.load(site.spool, job.id)).state is state
            told = await client.get(done.headers["Location"])
            assert told.text.count('class="good"') == 2
            audit = (await site.client(Role.ADMIN).get("/audit")).text
            assert audit.count(f"<td>{action}</td>") == 2

    asyncio.run(run())


def test_a_form_that_is_sent_twice_sends_no_fax_twice(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.submitted(site.spool)
            await ended(site, job, Event.REPORTED_FAILED, samples.now)
            client = site.client(Role.OPERATOR)
            fields = questions((await client.post("/jobs/ask", {"action": "retry", "id": job.id})).text)
            answers = await asyncio.gather(*(client.post("/jobs/act", fields) for _ in range(5)))
            assert {answer.status for answer in answers} == {303}
            found = await site.spool.database.read(lambda c: page(c, Filter()))
            assert len(found.jobs) == 2
            audit = (await site.client(Role.ADMIN).get("/audit")).text
            assert audit.count("<td>retry</td>") == 1
            assert audit.count("<td>retry refused</td>") == 4

    asyncio.run(run())


@pytest.mark.parametrize("sure", [True, False])
def test_who_perhaps_has_the_fax_gets_it_again_only_if_somebody_says_so(
    open_site: Any, samples: Any, sure: bool
) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.in_doubt(site.spool, "+4989123456")
            await ended(site, job, Event.REPORT_OVERDUE, samples.now)
            client = site.client(Role.OPERATOR)
            asked = (await client.post("/jobs/ask", {"action": "retry", "id": job.id})).text
            assert "perhaps arrived already" in asked
            fields = questions(asked) | ({"sure": [job.id]} if sure else {})
            done = await client.post("/jobs/act", fields)
            told = (await client.get(done.headers["Location"])).text
            found = await site.spool.database.read(lambda c: page(c, Filter()))
            assert len(found.jobs) == (2 if sure else 1)
            assert ("perhaps has the fax" in told) == (not sure)

    asyncio.run(run())


@pytest.mark.parametrize("sure", [True, False])
def test_what_a_backup_has_brought_back_goes_on_only_if_somebody_says_so(
    open_site: Any, samples: Any, sure: bool
) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.prepared(site.spool, "+4989123456")
            note = Note("operator jana", samples.now)
            await site.spool.database.write(lambda c: hold_restored(c, samples.now, note))
            client = site.client(Role.OPERATOR)
            asked = (await client.post("/jobs/ask", {"action": "release", "id": job.id})).text
            assert "comes from a backup" in asked
            await client.post("/jobs/act", questions(asked) | ({"sure": [job.id]} if sure else {}))
            assert (await samples.load(site.spool, job.id)).state is (State.PREPARED if sure else State.HELD)

    asyncio.run(run())


def test_an_erased_job_has_pages_that_say_nothing_of_anybody(open_site: Any, samples: Any, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.submitted(site.spool, "+4989123456")
            await ended(site, job, Event.REPORTED_FAILED, samples.now)
            log, note = ErasureLog(tmp_path / "log"), Note("operator jana", samples.now)
            job = await samples.load(site.spool, job.id)
            await site.spool.database.write(lambda c: erase(c, [job], note, log))
            client = site.client(Role.OPERATOR)
            for path, status in (("", 200), ("/pages", 200), ("/mail.eml", 410), ("/documents/1", 404)):
                answer = await client.get(f"/jobs/{job.id}{path}")
                assert answer.status == status, path
                assert "jana@example.com" not in answer.text
                assert "89123456" not in answer.text.replace(" ", "")
            assert (await client.get("/jobs")).status == 200
            retried = (await client.post("/jobs/ask", {"action": "retry", "id": job.id})).text
            assert (await client.post("/jobs/act", questions(retried))).status == 303
            assert len((await site.spool.database.read(lambda c: page(c, Filter()))).jobs) == 1

    asyncio.run(run())


def test_what_has_moved_on_since_the_question_is_left_alone(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.prepared(site.spool)
            client = site.client(Role.OPERATOR)
            fields = questions((await client.post("/jobs/ask", {"action": "cancel", "id": job.id})).text)
            await ended(site, job, Event.HELD, samples.now + timedelta(seconds=1))
            done = await client.post("/jobs/act", fields)
            assert "moved on" in (await client.get(done.headers["Location"])).text
            assert (await samples.load(site.spool, job.id)).state is State.HELD

    asyncio.run(run())


@pytest.mark.parametrize(
    "form",
    [{}, {"action": "hold"}, {"action": "explode", "id": "0" * 32}, {"action": "hold", "id": "nonsense"}],
    ids=["nothing", "no job", "no such action", "no such job"],
)
@pytest.mark.parametrize("path", ["/jobs/ask", "/jobs/act"])
def test_nonsense_does_nothing(open_site: Any, path: str, form: dict[str, str]) -> None:
    async def run() -> None:
        async with open_site() as site:
            answer = await site.client(Role.OPERATOR).post(path, form)
            assert answer.status in {200, 303, 400}
            assert "Nothing yet." in (await site.client(Role.ADMIN).get("/audit")).text

    asyncio.run(run())
