"""By HTTP: POST /push/<token> and nothing else; the token before the body; 2xx only after the commit."""

import asyncio
import gzip
import sqlite3
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from gateway.spool import reports
from gateway.spool.states import State
from gateway.tracking.push.tokens import PushTokens
from tests.tracking.push_caller import TOKENS, body, listening, path


def test_a_push_is_answered_204_after_the_commit_and_again_when_it_comes_again(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            first = await caller.post(path(job), body())
            assert first.status == 204
            assert (await samples.load(spool, job.id)).state is State.SENT
            assert (await caller.post(path(job), body())).status == 204
            assert len(await tracking.story(spool, job.id, "reported_sent")) == 1

    asyncio.run(scenario())


def test_the_commit_comes_before_the_answer(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            write, go_on = spool.database.write, asyncio.Event()

            async def slow(work: Any) -> Any:
                await go_on.wait()
                return await write(work)

            spool.database.write = slow
            answer = asyncio.create_task(caller.post(path(job), body()))
            await asyncio.sleep(0.3)
            assert not answer.done()
            go_on.set()
            assert (await answer).status == 204

    asyncio.run(scenario())


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_every_other_method_finds_nothing(open_spool: Any, samples: Any, tracking: Any, method: str) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            assert (await caller.post(path(job), body(), method)).status == 404
            assert (await samples.load(spool, job.id)).state is State.SUBMITTED

    asyncio.run(scenario())


def test_every_other_path_and_every_bad_token_finds_nothing(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            good = path(job)
            forged = PushTokens(b"l" * 32).token(job.id)
            for target in (
                *("/", "/push", "/push/", "/metrics", "/healthz", "//push/", "/push/%00", "/push/%ff"),
                *(f"/push/{job.id}", f"/push/{job.id}.", f"/push/{forged}", f"{good}/", f"{good}x", f"/x{good}"),
                *(good[:-1], good.upper(), f"/push/x/../{good[6:]}x", f"/push/{'a' * 5000}"),
            ):
                answer = await caller.post(target, body())
                assert (target, answer.status) == (target, 404)
            assert (await samples.load(spool, job.id)).state is State.SUBMITTED
            assert (await caller.post(f"{good}?x=y", body())).status == 204

    asyncio.run(scenario())


def test_the_token_is_judged_before_the_body_is_read(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            head = "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
            for target in ("/push/forged", f"/push/{PushTokens(b'l' * 32).token(job.id)}"):
                assert (await caller.say(head.format(target).encode())).status == 404
            answer = await caller.say(head.format(path(job)).encode(), b" " * 1000)
            assert answer.status == 100  # RFC 9110 §10.1.1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", (), 400),
        (b"nothing", (), 400),
        (b"{}", (), 400),
        (b'<!DOCTYPE x [<!ENTITY y "z">]><faxJobReport/>', (), 400),
        (b"<faxJobReport/>", (), 400),
        (b" " * 4097, (), 413),
        (gzip.compress(b" " * 10_000_000), (), 413),
        (gzip.compress(body()), ("Content-Encoding: gzip",), 415),
    ],
    ids=["empty", "text", "no report", "DTD", "no report either", "large", "large once more", "compressed"],
)
def test_what_is_no_report_is_refused(
    open_spool: Any, samples: Any, tracking: Any, content: bytes, headers: tuple[str, ...], status: int
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            assert (await caller.post(path(job), content, "POST", *headers)).status == status
            assert (await samples.load(spool, job.id)) == job

    asyncio.run(scenario())


def test_another_jobs_body_is_a_conflict_and_an_alert(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            mine = await samples.submitted(spool, wire_id="FJJ1")
            other = await samples.submitted(spool, "+4989123457", wire_id="FJJ2", message_id="<2@example.com>")
            with structlog.testing.capture_logs() as log:
                assert (await caller.post(path(mine), body("FJJ2"))).status == 409
                named = body("FJJ1", reference={"customerDefinedId": other.id})
                assert (await caller.post(path(mine), named)).status == 409
            (alert,) = [each for each in log if each["event"] == "report_contradictory"]
            assert (alert["log_level"], alert["job_id"]) == ("error", mine.id)
            assert await samples.load(spool, mine.id) == mine
            assert await samples.load(spool, other.id) == other

    asyncio.run(scenario())


def test_a_job_that_moves_is_asked_for_again_and_one_that_is_gone_is_not(
    open_spool: Any, samples: Any, tracking: Any
) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitting(spool)
            answer = await caller.post(path(job), body())
            assert answer.status == 503
            assert "retry-after: 10" in answer.lines
            assert (await caller.post(f"/push/{TOKENS.token('f' * 32)}", body())).status == 410

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "fault", [OperationalError("x", {}, sqlite3.OperationalError("disk I/O error")), ValueError("odd")]
)
def test_a_fault_of_ours_is_503_and_the_next_try_is_stored(
    open_spool: Any, samples: Any, tracking: Any, fault: Exception
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise fault

    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            with pytest.MonkeyPatch.context() as patch, structlog.testing.capture_logs() as log:
                patch.setattr(reports, "store", broken)
                assert (await caller.post(path(job), body())).status == 503
            assert {"push_broken", "report_not_stored"} & {each["event"] for each in log}
            assert (await caller.post(path(job), body())).status == 204
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())
