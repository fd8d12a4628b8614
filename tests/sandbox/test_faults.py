"""docs/sandbox.md, "Faults": by count and by probability, what the client sees, what was accepted all the same."""

import asyncio
import base64
import re
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.sandbox import faults as kinds

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "sandbox.md"
CUT = "cut"  # no whole answer came
BEFORE = {"refuse": CUT, "status_500": 500, "status_503": 503, "status_520": 520}
AFTER = {"drop_after_accept": CUT, "status_500_after_accept": 500, "status_520_after_accept": 520, "truncate": CUT}


async def sees(client: Any, request: Any) -> int | str:
    try:
        return int((await client.send(request)).status)
    except aiohttp.ClientError:
        return CUT


@pytest.mark.parametrize(
    ("fault", "seen", "accepted"),
    [(*each, 0) for each in BEFORE.items()] + [(*each, 1) for each in AFTER.items()],
)
def test_a_fault_strikes_as_often_as_it_is_told(
    fault: str, seen: int | str, accepted: int, open_sandbox: Any, job: Any
) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.faults(**{fault: {"count": 2}})
            assert [await sees(client, job()) for _ in range(4)] == [seen, seen, 200, 200]
            assert len(await client.jobs()) == 2 * accepted + 2
            await client.finished(2 * accepted + 2)  # what was accepted is faxed, whatever its client saw

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("fault", "seen", "accepted"),
    [(*each, 0) for each in BEFORE.items()] + [(*each, 1) for each in AFTER.items()],
)
def test_a_fault_strikes_by_probability(
    fault: str, seen: int | str, accepted: int, open_sandbox: Any, job: Any
) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            for probability, count, least, most in ((0, 10, 0, 0), (1, 10, 10, 10), (0.5, 30, 5, 25)):
                await client.ask("DELETE", "/_sandbox/jobs")
                await client.faults(**{fault: probability})
                all_seen = [await sees(client, job()) for _ in range(count)]
                struck = all_seen.count(seen)
                assert least <= struck <= most
                assert all_seen.count(200) == count - struck
                assert len(await client.jobs()) == count - (0 if accepted else struck)

    asyncio.run(scenario())


def test_a_truncated_answer_begins_well(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.faults(truncate=1)
            headers = {"Authorization": aiohttp.encode_basic_auth("sandbox", "sandbox")}
            url = f"{client.origin}/dc1/rest/v1/99999/fax"
            async with client.session.post(url, json=job(), headers=headers) as answer:
                assert answer.status == 200
                whole = int(answer.headers["Content-Length"])
                assert await answer.content.readexactly(whole // 2)
                with pytest.raises(aiohttp.ClientPayloadError):
                    await answer.content.read()

    asyncio.run(scenario())


@pytest.mark.parametrize("fault", ["status_500", "status_503", "status_520"])
def test_a_large_job_hears_of_its_refusal(fault: str, open_sandbox: Any, job: Any) -> None:
    data = base64.b64encode(bytes(5_000_000)).decode()

    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.faults(**{fault: 1})
            answer = await client.send(job(documents=[{"name": "a.pdf", "data": data}]))
            assert answer.body == {"code": BEFORE[fault], "message": "A fault on demand: nothing was accepted"}

    asyncio.run(scenario())


def test_faults_replace_each_other_and_nothing_clears_them(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            assert (await client.faults(status_503=1, delay=0)).body == {"status_503": 1, "delay": 0}
            await client.faults(status_500={"count": 1})
            assert (await client.ask("GET", "/_sandbox/faults")).body == {"status_500": {"count": 1}}
            assert [await sees(client, job()) for _ in range(2)] == [500, 200]
            await client.faults(refuse=1)
            assert (await client.faults()).body == {}
            assert await sees(client, job()) == 200

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ({"refused": 1}, "refused is no fault; there are refuse, status_500"),
        ({"refuse": 2}, "refuse: write a probability from 0 to 1"),
        ({"refuse": -0.1}, "refuse: "),
        ({"refuse": True}, "refuse: "),
        ({"refuse": "1"}, "refuse: "),
        ({"refuse": None}, "refuse: "),
        ({"truncate": {"count": -1}}, "truncate: "),
        ({"truncate": {"count": 1.5}}, "truncate: "),
        ({"truncate": {"count": True}}, "truncate: "),
        ({"truncate": {"times": 1}}, "truncate: "),
        ({"delay": {"count": 1}}, "delay: write seconds"),
        ({"delay": -1}, "delay: "),
        ({"report_404_for": 1e300}, "report_404_for: "),
        ({"report_404_for": float("nan")}, "report_404_for: "),
        ({"refuse": 1, "nonsense": 1}, "nonsense is no fault"),
    ],
)
def test_a_bad_fault_changes_nothing(faults: dict[str, Any], says: str, open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.faults(status_503=1)
            answer = await client.faults(**faults)
            assert (answer.status, answer.body["code"]) == (400, 400)
            assert says in answer.message
            assert (await client.ask("GET", "/_sandbox/faults")).body == {"status_503": 1}

    asyncio.run(scenario())


def test_delay(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.faults(delay=0.2)
            start = time.monotonic()
            answers = await asyncio.gather(client.send(job()), client.send(raw=b"{}"), client.reports("dc1"))
            assert [answer.status for answer in answers] == [200, 400, 200]
            assert time.monotonic() - start >= 0.2
            sending = asyncio.create_task(client.send(job()))
            await asyncio.sleep(0.1)
            sending.cancel()  # a client that loses its patience has sent the job all the same
            await client.finished(2)

    asyncio.run(scenario())


def test_report_404_for(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.faults(report_404_for=0.3)
            job_id = (await client.send(job(), base="dc1")).body["jobId"]
            await client.finished()
            path = f"/dc1/rest/v1/99999/fax/reports/{job_id}"
            assert (await client.ask("GET", path)).status == 404
            assert (await client.ask("DELETE", path)).body["reason"] == "NOT_FOUND"
            assert (await client.reports("dc1")).body == {"reports": []}
            assert (await client.reports("dc1", "DELETE")).body == {"reports": []}
            assert (await client.bulk("dc1", "GET", [job_id])).body == {"reports": []}
            assert (await client.report(job_id))["jobId"] == job_id

    asyncio.run(scenario())


def test_faults_spare_the_control_surface_and_show_in_the_access_log(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            for fault in ("refuse", "status_503", "drop_after_accept", "truncate"):
                await client.faults(**{fault: 1})
                await sees(client, job())
                assert (await client.ask("GET", "/_sandbox/jobs")).status == 200
            await client.reports("dc1")
            lines = (await client.ask("GET", "/_sandbox/access")).body
            assert [line["status"] for line in lines] == [None, 503, None, None, 200]

    asyncio.run(scenario())


def test_only_sends_are_delayed(open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.faults(delay=60)
            await asyncio.wait_for(client.reports("dc1"), 30)

    asyncio.run(scenario())


def test_the_fixed_answer_time_counts_from_when_the_job_came(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox(fixed_answer_ms=400) as client:
            start = time.monotonic()
            await asyncio.gather(*(client.send(job()) for _ in range(10)))
            assert 0.4 <= time.monotonic() - start < 10 * 0.4

    asyncio.run(scenario())


def test_the_documentation_shows_every_fault() -> None:
    table = DOCUMENTATION.read_text(encoding="utf-8").partition("## Faults")[2].partition("##")[0]
    shown = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert shown == {*kinds.BEFORE, *kinds.AFTER, *kinds.PUSH, *kinds.SECONDS}
