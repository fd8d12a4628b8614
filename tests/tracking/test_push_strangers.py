"""POST /push/<token> by whom it is not meant for: logins, rates, floods, and whatever bytes the internet sends."""

import asyncio
import itertools
import json
import time
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
import structlog
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.spool.states import State
from gateway.tracking.push import server as serving
from gateway.tracking.push.login import BasicLogin, DigestLogin, Login
from tests.tracking.push_caller import NUMBER, PROXY, TOKENS, Caller, body, listening, path


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
                # With another jobId it is kept as "faxed twice", and ends nothing.
                is_own = json.loads(content)["jobId"] == "OWN"
                assert (after.state in {State.SENT, State.PARTLY_SENT, State.FAILED}) is is_own
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
