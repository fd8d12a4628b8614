"""By HTTP: POST /push/<token> and nothing else; the token before the body; 2xx only after the commit."""

import asyncio
import gzip
import itertools
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

import aiohttp
import pytest
import structlog
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from gateway.config import ListenAddress
from gateway.spool import reports
from gateway.spool.states import State
from gateway.tracking.push import server as serving
from gateway.tracking.push.login import BasicLogin, DigestLogin, Login, NoLogin
from gateway.tracking.push.server import PushRules, PushServer
from gateway.tracking.push.tokens import PushTokens

TOKENS = PushTokens(b"k" * 32)
NUMBER = "+4989123456"
PROXY = IPv4Network("127.0.0.1/32")


def body(wire_id: str = "FJJ1", **changes: Any) -> bytes:
    return json.dumps(
        {"jobId": wire_id, "recipientStatus": [{"number": NUMBER, "status": "OK"}], "pages": 1} | changes
    ).encode()


def path(job: Any) -> str:
    return f"/push/{TOKENS.token(job.id)}"


@dataclass
class Answer:
    status: int
    head: bytes = field(repr=False)

    @property
    def lines(self) -> list[str]:
        return self.head.decode("latin-1").lower().split("\r\n")


@dataclass
class Caller:
    """Speaks HTTP as it is written, byte by byte."""

    port: int

    async def say(self, *parts: bytes, eof: bool = False) -> Answer:
        """What is answered, until the connection is closed from there."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in parts:
            writer.write(part)
            await writer.drain()
        if eof:
            writer.write_eof()
        async with asyncio.timeout(30):
            answer = await reader.read()
        writer.close()
        head = answer.partition(b"\r\n\r\n")[0]
        return Answer(int(head.split()[1]) if head else 0, head)

    async def post(self, target: str, content: bytes = b"", method: str = "POST", *headers: str) -> Answer:
        lines = [f"{method} {target} HTTP/1.1", "Host: push.example.com", f"Content-Length: {len(content)}", *headers]
        return await self.say("\r\n".join([*lines, "", ""]).encode("latin-1") + content)


@asynccontextmanager
async def listening(
    tracking: Any, spool: Any, login: Login | None = None, monotonic: Any = time.monotonic, **changes: Any
) -> AsyncIterator[Caller]:
    facts: dict[str, Any] = {
        "address": ListenAddress("127.0.0.1", 0),
        "largest_body": 4096,
        "requests_per_second": 100,
        "trusted_proxies": (),
    }
    filing = tracking.tracker(spool).filing
    rules = PushRules(**(facts | changes))
    async with PushServer(rules, tokens=TOKENS, login=login or NoLogin(), filing=filing, monotonic=monotonic) as server:
        assert server.port is not None
        yield Caller(server.port)


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


def test_a_body_that_grows_in_chunks_is_cut_at_the_limit(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            head = f"POST {path(job)} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
            assert (await caller.say(head, *[chunk] * 5)).status == 413
            good = b"%x\r\n" % len(body()) + body() + b"\r\n0\r\n\r\n"
            assert (await caller.say(head, good)).status == 204

    asyncio.run(scenario())


def test_a_body_that_does_not_come_or_breaks_off_changes_nothing(
    open_spool: Any, samples: Any, tracking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PATIENCE", 0.3)

    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            head = f"POST {path(job)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body())}\r\n\r\n".encode()
            assert (await caller.say(head, body()[:-1])).status == 408
            assert (await caller.say(head[:-10])).status == 0  # closed without a word
            assert (await caller.say(b"")).status == 0
            await caller.say(head, body()[:-1], eof=True)
            assert (await samples.load(spool, job.id)) == job

    asyncio.run(scenario())


def test_no_answer_says_what_we_are_made_of(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            answers = [
                await caller.say(b"\x16\x03\x01\x02\x00\x01\r\n\r\n"),
                await caller.say(b"GET / HTTP/9.9\r\n\r\n"),
                await caller.say(b"POST /push/ HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n"),
                await caller.post("/"),
                await caller.post(path(job), b"?"),
                await caller.post(path(job), body()),
            ]
            assert [answer.status for answer in answers] == [400, 400, 400, 404, 400, 204]
            for answer in answers:
                assert not any(line.startswith("server:") for line in answer.lines)
                assert not any(word in answer.head.lower() for word in (b"aiohttp", b"python", b"fax"))

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


@pytest.mark.parametrize("kind", ["basic", "digest"])
def test_a_login_is_needed_beside_the_token(open_spool: Any, samples: Any, tracking: Any, kind: str) -> None:
    logins: dict[str, Login] = {
        "basic": BasicLogin("retarus", "secret"),
        "digest": DigestLogin("retarus", "secret", b"k" * 32, time.time),
    }

    async def ask(url: str, password: str) -> int:
        middlewares = [aiohttp.DigestAuthMiddleware("retarus", password)] if kind == "digest" else []
        headers = {"Authorization": aiohttp.encode_basic_auth("retarus", password)} if kind == "basic" else {}
        async with (
            aiohttp.ClientSession(middlewares=middlewares) as session,
            session.post(url, data=body(), headers=headers) as answer,
        ):
            assert (answer.status == 401) == ("WWW-Authenticate" in answer.headers)
            return answer.status

    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool, logins[kind]) as caller:
            job = await samples.submitted(spool)
            origin = f"http://127.0.0.1:{caller.port}"
            assert (await caller.post(path(job), body())).status == 401
            assert await ask(origin + path(job), "wrong") == 401
            assert await ask(f"{origin}/push/forged", "secret") == 404
            assert (await samples.load(spool, job.id)).state is State.SUBMITTED
            assert await ask(origin + path(job), "secret") == 204
            assert (await samples.load(spool, job.id)).state is State.SENT

    asyncio.run(scenario())


def test_an_address_that_asks_too_much_is_answered_429(open_spool: Any, samples: Any, tracking: Any) -> None:
    def still() -> float:
        return 100.0

    async def scenario() -> None:
        changes: dict[str, Any] = {"requests_per_second": 1, "trusted_proxies": (PROXY,)}
        async with open_spool() as spool, listening(tracking, spool, monotonic=still, **changes) as caller:
            job = await samples.submitted(spool)
            forged = "X-Forwarded-For: 192.0.2.{}, 203.0.113.9"  # the client's own words stand left of the proxy's
            statuses = [
                (await caller.post("/push/x", b"", "POST", forged.format(number))).status for number in range(12)
            ]
            assert statuses == [404] * 10 + [429] * 2
            answer = await caller.post(path(job), body(), "POST", "X-Forwarded-For: 203.0.113.9")
            assert answer.status == 429
            assert "retry-after: 10" in answer.lines
            assert (await caller.post(path(job), body(), "POST", "X-Forwarded-For: 203.0.113.10")).status == 204

    asyncio.run(scenario())


def test_who_is_no_trusted_proxy_names_nobody(open_spool: Any, tracking: Any) -> None:
    def still() -> float:
        return 100.0

    async def scenario() -> None:
        async with (
            open_spool() as spool,
            listening(tracking, spool, monotonic=still, requests_per_second=1) as caller,
        ):
            statuses = [
                (await caller.post("/push/x", b"", "POST", f"X-Forwarded-For: 192.0.2.{number}")).status
                for number in range(12)
            ]
            assert statuses == [404] * 10 + [429] * 2

    asyncio.run(scenario())


def test_connections_are_bounded(open_spool: Any, samples: Any, tracking: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 3)

    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            open_ones = [await asyncio.open_connection("127.0.0.1", caller.port) for _ in range(3)]
            await asyncio.sleep(0.1)
            with pytest.raises(ConnectionError):
                await caller.post(path(job), body())
            for _, writer in open_ones:
                writer.close()
            await asyncio.sleep(0.1)
            assert (await caller.post(path(job), body())).status == 204

    asyncio.run(scenario())


def test_no_log_line_holds_a_token(open_spool: Any, samples: Any, tracking: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool, listening(tracking, spool) as caller:
            job = await samples.submitted(spool)
            with structlog.testing.capture_logs() as log:
                for content in (b"", b"{}", body("F" * 100), body()):
                    await caller.post(path(job), content)
                await caller.post(path(job)[:-1])
            assert {each["event"] for each in log} == {"push_refused", "reported"}
            assert TOKENS.token(job.id).partition(".")[2][:-1] not in str(log)

    asyncio.run(scenario())


TEXT = st.text(max_size=20) | st.sampled_from(["OK", "EOD_FAILED", NUMBER, "OWN", "FJJ1", "a" * 32, "\0", "\ud800"])
RECIPIENTS = st.lists(
    st.fixed_dictionaries(
        {"number": st.just(NUMBER) | TEXT, "status": st.just("BUSY") | TEXT},
        optional={name: TEXT | st.integers() for name in ("reason", "sentTs", "durationInSecs", "remoteCsid")},
    ),
    max_size=3,
)
REPORTS = st.fixed_dictionaries(
    {"jobId": st.just("OWN") | TEXT, "recipientStatus": RECIPIENTS},
    optional={
        "pages": st.integers() | st.floats(),
        "reference": st.fixed_dictionaries({"customerDefinedId": TEXT, "billingCode": TEXT}),
    },
).map(lambda value: json.dumps(value).encode())


def test_any_bytes_are_refused_or_stored(open_spool: Any, samples: Any, tracking: Any) -> None:
    """Each for a job of its own: 4xx and nothing has changed, or 204 and its report stands. Never 5xx."""
    stack, numbers = AsyncExitStack(), itertools.count(1)

    async def start() -> tuple[Any, Caller]:
        spool = await stack.enter_async_context(open_spool())
        rates: dict[str, Any] = {"requests_per_second": 1_000_000}
        return spool, await stack.enter_async_context(listening(tracking, spool, **rates))

    with asyncio.Runner() as runner:
        spool, caller = runner.run(start())

        async def push(content: bytes) -> None:
            number = next(numbers)
            unlike = {"wire_id": f"W{number}", "message_id": f"<{number}@example.com>"}
            job = await samples.submitted(spool, f"+4989{number:07}", **unlike)
            answer = await caller.post(path(job), content.replace(b"OWN", f"W{number}".encode()))
            after = await samples.load(spool, job.id)
            if answer.status == 204:
                assert after.state in {State.SENT, State.PARTLY_SENT, State.FAILED} or b"OWN" not in content
            else:
                assert 400 <= answer.status < 500
                assert after == job

        @settings(max_examples=200, deadline=None)
        @given(st.binary(max_size=200) | REPORTS)
        @example(body("OWN"))
        def each(content: bytes) -> None:
            runner.run(push(content))

        try:
            each()
        finally:
            runner.run(stack.aclose())
