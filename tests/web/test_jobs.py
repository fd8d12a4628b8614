"""The list of jobs and the page of one, as each role sees them; what strangers write stays text."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from gateway.spool import attempts
from gateway.spool.attempts import StoredDocument
from gateway.spool.jobs import Note, new_id, say
from gateway.spool.logins import Role
from gateway.spool.states import Event

SCRIPT = "<script>alert(1)</script>"


def links(text: str) -> list[str]:
    return re.findall(r'/jobs/([0-9a-f]{32})"', text)


def test_filters_live_in_the_url(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            first = await samples.prepared(site.spool, "+4989123456")
            second = await samples.submitted(
                site.spool, "+4989123457", reverse_path="ida@example.org", message_id="<2@example.org>", queue_id="4XyZ"
            )
            client = site.client(Role.VIEWER)
            for query, found in (
                ("", {first.id, second.id}),
                ("?state=submitted", {second.id}),
                ("?state=nonsense", {first.id, second.id}),
                ("?find=089+123456", {first.id}),
                ("?find=%2B49%2089%20123457", {second.id}),
                ("?find=4XyZ", {second.id}),
                ("?find=2@example.org", {second.id}),
                ("?find=IDA@Example.org", {second.id}),
                ("?find=" + first.id[:8], {first.id}),
                ("?find=FJJ1", {second.id}),
                ("?sender=*@example.org", {second.id}),
                ("?to=*56", {first.id}),
                ("?since=2026-11-24T00:00", set()),
                ("?until=2026-11-24&after=nonsense", {first.id, second.id}),
                ("?find=" + "x" * 900, set()),
            ):
                answer = await client.get("/jobs" + query)
                assert answer.status == 200
                assert set(links(answer.text)) == found, query

    asyncio.run(run())


def test_a_viewer_sees_no_content(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.prepared(site.spool, subject="Kündigung")
            await site.spool.database.write(lambda c: say(c, job, "delayed", Note("test", samples.now)))
            for path in ("/jobs", f"/jobs/{job.id}"):
                seen = {role: (await site.client(role).get(path)).text for role in (Role.VIEWER, Role.OPERATOR)}
                assert "Kündigung" in seen[Role.OPERATOR]
                for content in (
                    "Kündigung",
                    "offer.pdf",
                    "text of delayed",
                    "customerDefinedId",
                    "/pages",
                    "/mail.eml",
                ):
                    assert content not in seen[Role.VIEWER], path
            assert "text of delayed" in (await site.client(Role.OPERATOR).get(f"/jobs/{job.id}")).text

    asyncio.run(run())


def test_what_strangers_write_is_text_everywhere(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site(config={"delivery": {"paused": True}}) as site:
            job = await samples.in_doubt(
                site.spool,
                subject=SCRIPT,
                reverse_path=f'"{SCRIPT}"@example.com',
                report_to=f'"{SCRIPT}"@example.com',
                message_id=f"<{SCRIPT}@example.com>",
                queue_id=SCRIPT,
                helo=SCRIPT,
                envid=SCRIPT,
            )
            other = await samples.load(
                site.spool,
                (await samples.take(site.spool, samples.job("+4989123459"), subject=SCRIPT)).job_ids[0],
            )
            content = await site.spool.contents.keep(new_id(), SCRIPT.encode())
            named = [StoredDocument("<svg onload=alert(1)>.html", None, content)]
            note = Note("intake", samples.now, f"{SCRIPT} was left out")
            await site.spool.database.write(lambda c: attempts.keep_documents(c, other, named, note))
            await site.spool.database.write(lambda c: say(c, job, "doubt", Note("test", samples.now, SCRIPT)))
            client = site.client(Role.ADMIN)
            await client.post("/jobs/ask", {"action": "hold", "id": [job.id, other.id]})
            await client.get(f"/jobs/{other.id}/documents/1")
            for path in (
                "/jobs",
                f"/jobs/{job.id}",
                f"/jobs/{other.id}",
                f"/jobs/{other.id}/pages",
                f"/jobs?find={SCRIPT}&sender={SCRIPT}&to={SCRIPT}&since={SCRIPT}&state={SCRIPT}",
                f"/policy?sender={SCRIPT}&to={SCRIPT}",
                f"/covers?name={SCRIPT}&language={SCRIPT}",
                f"/login?next=/{SCRIPT}",
                f"/audit?login={SCRIPT}",
                "/",
            ):
                answer = await client.get(path)
                assert "alert(1)</script>" not in answer.text, path
                assert "<svg onload" not in answer.text, path
                if path.startswith("/jobs"):
                    assert answer.status == 200

    asyncio.run(run())


@pytest.mark.parametrize(
    ("reason", "notice", "story"),
    [
        ("TimeoutError: no connection within 0:00:20", "Aufgegeben nach 0:00:20", "aufgegeben nach 0:00:20"),
        ("400 Bad number", "400 „Bad number“", "400 „Bad number“"),
        ("on account of the holidays", "„on account of the holidays“", "on account of the holidays"),
    ],
    ids=["ours", "a server's", "an operator's"],
)
def test_each_reader_gets_the_reason_in_his_language(
    open_site: Any, samples: Any, reason: str, notice: str, story: str
) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.submitting(site.spool)
            note = Note("test", samples.now, reason)
            await site.spool.database.write(
                lambda c: attempts.finish(c, job, Event.NOT_ARRIVED, note, due_at=samples.now)
            )
            english, german = [
                (await site.client(Role.OPERATOR, **{"Accept-Language": each}).get(f"/jobs/{job.id}")).text
                for each in ("en", "de")
            ]
            assert english.count(f">{reason}</p>") == 2
            assert re.findall(r'class="notice \w+">(.*?)</p>', german) == [notice]
            assert f"<p>{story}</p>" in german
            assert "<p>Versuch 1</p>" in german

    asyncio.run(run())


@pytest.mark.parametrize("what", ["documents/1", "mail.eml", "pages/1.png"])
def test_each_look_at_content_is_an_audit_row_before_the_bytes_leave(open_site: Any, samples: Any, what: str) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.prepared(site.spool)
            answer = await site.client(Role.OPERATOR).get(f"/jobs/{job.id}/{what}")
            assert answer.status == 200
            if not what.endswith("png"):
                assert answer.headers["Content-Type"] == "application/octet-stream"
                assert re.fullmatch(
                    r'attachment; filename="[0-9a-f]{8}(-1\.pdf|\.eml)"', answer.headers["Content-Disposition"]
                )
            audit = (await site.client(Role.ADMIN).get("/audit")).text
            assert f"<td>{what.partition('s/')[0].partition('.')[0]}</td>" in audit
            assert job.id in audit
            assert "operator.person" in audit
            for number in ("0", "99"):
                missing = what.replace("1", number)
                if missing != what:
                    assert (await site.client(Role.OPERATOR).get(f"/jobs/{job.id}/{missing}")).status == 404

    asyncio.run(run())


def test_the_story_names_its_kin(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            job = await samples.submitted(site.spool, "+4989123456", "+4989123457")
            answer = await site.client(Role.OPERATOR).get(f"/jobs/{job.id}")
            assert "+49 89 123457" in answer.text
            assert job.id in answer.text
            assert '<time datetime="2026-11-23T09:30:00Z">2026-11-23 09:30:00</time>' in answer.text
            assert f'"customerDefinedId": "{job.id}"' in answer.text.replace("&#34;", '"')

    asyncio.run(run())


def test_the_overview_counts_what_there_is(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            for language in ("en", "de"):
                empty = await site.client(Role.VIEWER, **{"Accept-Language": language}).get("/")
                assert empty.status == 200
                assert f'<html lang="{language}">' in empty.text
            await samples.submitted(site.spool, received_at=samples.now + timedelta(minutes=1))
            text = (await site.client(Role.OPERATOR).get("/")).text
            assert re.search(r'state=submitted">\s*<strong>1</strong>', text)
            assert "Faxes of the last hour: 1 received" in text
            assert (
                await site.client(Role.OPERATOR).post("/pause", {"activity": "submit", "pause": "yes"})
            ).status == 303
            text = (await site.client(Role.VIEWER).get("/")).text
            assert "paused by operator operator.person" in text
            assert "Resume submission" not in text
            assert "Resume submission" in (await site.client(Role.OPERATOR).get("/")).text

    asyncio.run(run())


def test_a_page_that_is_open_hears_that_something_moved(open_site: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_site() as site:
            client = site.client(Role.VIEWER)
            headers = {"Cookie": f"__Host-fax-gateway={client.key}"}
            async with site.http.get(client.base + "/events", headers=headers) as stream:
                assert stream.headers["Content-Type"] == "text/event-stream"
                assert await stream.content.readline() == b"retry: 5000\n"
                await samples.prepared(site.spool)
                async with asyncio.timeout(15):
                    while not (await stream.content.readline()).startswith(b"event: moved"):
                        pass

    asyncio.run(run())
