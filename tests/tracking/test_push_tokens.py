"""A push's URL carries a token of its job, made with a key that the spool keeps."""

import asyncio
import hmac
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.fax4a.model import AuthMethod
from gateway.spool.push_key import push_key
from gateway.tracking.push.target import PushTarget
from gateway.tracking.push.tokens import PushTokens

JOB = "5b0c" * 8
TOKENS = PushTokens(b"k" * 32)
TOKEN = TOKENS.token(JOB)
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(IDS, st.binary(min_size=32, max_size=32))
def test_a_token_names_its_job_and_needs_no_escape_in_a_url(job_id: str, key: bytes) -> None:
    tokens = PushTokens(key)
    assert tokens.job_id(tokens.token(job_id)) == job_id
    assert re.fullmatch(r"[A-Za-z0-9._~-]{76}", tokens.token(job_id))  # RFC 3986 §2.3


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        JOB,
        f"{JOB}.",
        TOKEN + "=",
        TOKEN + "A",
        TOKEN[:-1],
        TOKEN.upper(),
        f" {TOKEN}",
        "6" + TOKEN[1:],
        f"{'6' * 32}.{TOKEN.partition('.')[2]}",
        PushTokens(b"l" * 32).token(JOB),
        "\udcff",
    ],
)
def test_nothing_else_is_one(token: str) -> None:
    assert TOKENS.job_id(token) is None


@given(st.text())
def test_no_text_is_one_by_chance(text: str) -> None:
    assert TOKENS.job_id(text) is None
    assert TOKENS.job_id(f"{JOB}.{text}") is None


def test_the_key_is_made_once_and_outlives_a_restart(open_spool: Any) -> None:
    async def scenario() -> None:
        async with open_spool() as spool:
            first, second = await asyncio.gather(spool.database.write(push_key), spool.database.write(push_key))
        async with open_spool() as spool:
            third = await spool.database.write(push_key)
        assert first == second == third
        assert len(first) == 32

    asyncio.run(scenario())


@pytest.mark.parametrize("public_url", ["https://push.example.com/fax", "https://push.example.com/fax/"])
def test_a_request_asks_for_a_push_to_a_url_of_its_job(public_url: str) -> None:
    push = PushTarget(
        public_url=public_url, tokens=TOKENS, method=AuthMethod.NONE, username="", password=SecretStr("")
    ).of(JOB)
    wire = push.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert wire == {"targetUrl": f"https://push.example.com/fax/push/{TOKEN}"}


@pytest.mark.parametrize("method", [AuthMethod.HTTP_BASIC, AuthMethod.HTTP_DIGEST])
def test_it_says_how_to_log_in(method: AuthMethod) -> None:
    push = PushTarget(
        public_url="https://push.example.com",
        tokens=TOKENS,
        method=method,
        username="retarus",
        password=SecretStr("secret"),
    ).of(JOB)
    assert push.model_dump(mode="json", by_alias=True) == {
        "targetUrl": f"https://push.example.com/push/{TOKEN}",
        "principal": "retarus",
        "credentials": "secret",
        "authMethod": method.value,
    }
    assert "secret" not in repr(push)
    assert TOKEN not in repr(push)


def test_a_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the library's own comparison, over the whole of it: how long a wrong one takes tells nothing."""
    compared: list[tuple[int, int]] = []

    def seen(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", seen)
    tokens = PushTokens(b"k" * 32)
    token = tokens.token("a" * 32)
    assert tokens.job_id(token) == "a" * 32
    assert tokens.job_id(f"{token[:-1]}?") is None
    assert compared == [(len(token), len(token))] * 2
