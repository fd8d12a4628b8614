"""RFC 4954: who may log in, and how slowly one guesses."""

import asyncio
import base64
from typing import Any

import pytest

from gateway.intake.reply import Reply
from gateway.smtp import login
from gateway.smtp.login import Credentials, Failures, Logins, credentials_of


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Store:
    """Knows one password, and counts how often it was asked."""

    asked = 0

    async def verify(self, name: str, password: str) -> bool:
        self.asked += 1
        return (name, password) == ("jana", "right")


@pytest.mark.parametrize(
    ("mechanism", "initial", "lines", "result"),
    [
        ("PLAIN", encoded("\0jana\0pw"), [], Credentials("jana", "pw")),
        ("PLAIN", None, [encoded("other\0jana\0pw")], Credentials("jana", "pw")),
        ("LOGIN", None, [encoded("jana"), encoded("pw")], Credentials("jana", "pw")),
        ("LOGIN", encoded("jana"), [encoded("pw")], Credentials("jana", "pw")),
        ("LOGIN", encoded("jana"), ["="], Credentials("jana", "")),
        ("PLAIN", encoded("jana\0pw"), [], login.UNREADABLE),
        ("PLAIN", "not base64!", [], login.UNREADABLE),
        ("PLAIN", base64.b64encode(b"\0\xff\0x").decode(), [], login.UNREADABLE),
        ("LOGIN", None, ["*"], login.ABORTED),
    ],
)
def test_the_exchange(mechanism: str, initial: str | None, lines: list[str], result: Credentials | Reply) -> None:
    waiting = iter(lines)

    async def ask(_: str) -> str:
        return next(waiting)

    assert asyncio.run(credentials_of(mechanism, initial, ask)) == result


def test_after_so_many_failures_of_an_address_or_a_user_nobody_is_asked() -> None:
    async def scenario() -> None:
        now, store = [0.0], Store()
        logins = Logins(store, lambda: now[0], delay=0)  # type: ignore[arg-type] # a stand-in
        assert await logins.check(Credentials("jana", "right"), "192.0.2.1") is None
        for number in range(login.MOST_FAILURES):
            assert await logins.check(Credentials("jana", "wrong"), f"192.0.2.{number}") == login.FAILED
        assert await logins.check(Credentials("JANA", "right"), "192.0.2.99") == login.TOO_OFTEN
        asked = store.asked
        assert await logins.check(Credentials("jana", "right"), "192.0.2.99") == login.TOO_OFTEN
        assert store.asked == asked
        now[0] += login.WINDOW + 1
        assert await logins.check(Credentials("jana", "right"), "192.0.2.99") is None

    asyncio.run(scenario())


def test_what_was_long_ago_is_forgotten_and_takes_no_memory() -> None:
    now = [0.0]
    failures = Failures(lambda: now[0])
    for number in range(1000):
        failures.add(f"user {number}")
    now[0] += login.WINDOW + 1
    assert not failures.too_many("user 1")
    assert len(failures._moments) == 0


def test_a_wrong_password_and_a_user_who_is_not_there_look_alike(open_front: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(login, "DELAY", 0)

    async def scenario() -> None:
        async with open_front() as front, front.client("submissions") as peer:
            await peer.ask("EHLO x")
            replies = [
                (await peer.ask(f"AUTH PLAIN {encoded(given)}"))[0] for given in ("\0jana\0wrong", "\0nobody\0wrong")
            ]
            assert replies == ["535 5.7.8 user name or password is wrong"] * 2
            assert await peer.ask(f"AUTH PLAIN {encoded(chr(0) + 'Jana' + chr(0) + 'correct horse')}") == [
                "235 2.7.0 logged in"
            ]

    asyncio.run(scenario())
