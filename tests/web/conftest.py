"""A dashboard over a real spool, asked by a client that shows what a browser would send."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert

from gateway.config import ListenAddress, Settings
from gateway.daemon import wiring
from gateway.daemon.dashboard import proxy_rules
from gateway.documents.render import SourceDocument
from gateway.spool import schema, sessions
from gateway.spool.attempts import StoredDocument
from gateway.spool.job import Job
from gateway.spool.logins import LoginStore, Role
from gateway.spool.outbox import Letter
from gateway.web.call import form_token
from gateway.web.desk import Desk, Errands, NotTaken, WouldGo
from gateway.web.drawer import Drawer
from gateway.web.drawing import Documents
from gateway.web.identity import COOKIE
from gateway.web.pages import Pages
from gateway.web.server import Dashboard
from gateway.web.throttle import Throttle

NAMES = {role: f"{role.value}.person" for role in Role}
PASSWORD = "correct horse"


@cache
def _hash() -> str:
    """Once for all tests: it takes its time by design."""
    return PasswordHasher().hash(PASSWORD)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str
    cookies: list[str]


@dataclass
class Client:
    """One browser; `key` is the session's id, empty: not logged in."""

    base: str
    http: aiohttp.ClientSession
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return form_token(self.key, "session")

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = dict(self.headers) | more.pop("headers", {})
        if self.key:
            headers["Cookie"] = f"{COOKIE}={self.key}"
        async with self.http.request(method, self.base + path, headers=headers, allow_redirects=False, **more) as found:
            text = (await found.read()).decode(errors="replace")
            return Answer(found.status, found.headers, text, found.headers.getall("Set-Cookie", []))

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, form: Mapping[str, Any] | None = None, *, token: str | None = None) -> Answer:
        """As our own form would; `token` instead of the right one."""
        fields = {"csrf": self.token if token is None else token} | dict(form or {})
        return await self.ask(
            "POST",
            path,
            data=urlencode(fields, doseq=True),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )


class FakeDrawer(Drawer):
    """Draws a page for each document without a process; what was asked for stands in `asked`."""

    PAGE = b"\x89PNG\r\n\x1a\n made up"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def draw(self, key: str, documents: Documents) -> tuple[bytes, ...]:
        self.asked.append(key)
        return (self.PAGE,) * len(documents.documents)


@dataclass
class Site:
    """The dashboard, its spool, and what it had others do."""

    spool: Any
    desk: Desk
    http: aiohttp.ClientSession
    base: str
    sent: list[tuple[bytes, str, str]]
    keys: dict[Role, str]

    def client(self, role: Role | None = None, **headers: str) -> Client:
        return Client(self.base, self.http, self.keys[role] if role is not None else "", headers)


OpenSite = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def open_site(open_spool: Any, samples: Any) -> OpenSite:
    @asynccontextmanager
    async def opened(
        config: Mapping[str, Any] | Settings | None = None, refuses: str = "", jobs: Sequence[str] = ()
    ) -> AsyncIterator[Site]:
        settings = config if isinstance(config, Settings) else Settings.model_validate(config or {})
        sent: list[tuple[bytes, str, str]] = []
        now: datetime = samples.now + timedelta(minutes=5)

        async def preview(raw: bytes, to: Sequence[str], sender: str | None) -> list[WouldGo]:
            if refuses:
                raise NotTaken(refuses)
            taken = await samples.prepared(spool, *to, subject=raw.decode(errors="replace")[:40])
            return [WouldGo(taken, (SourceDocument("offer.txt", raw),), '{"documents": []}', ("a warning",))]

        async def send(raw: bytes, sender: str, number: str) -> list[str]:
            if refuses:
                raise NotTaken(refuses)
            sent.append((raw, sender, number))
            return list(jobs)

        def request(job: Job, stored: Sequence[StoredDocument]) -> str:
            return f'{{"customerDefinedId": "{job.id}"}}'

        async def letter(word: Letter) -> str:
            return f"text of {word.word}"

        async with open_spool() as spool, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            keys = {}
            for role, name in NAMES.items():
                row = {"name": name, "role": role, "password_hash": _hash(), "created_at": now}
                await spool.database.write(lambda c, r=row: c.execute(insert(schema.login).values(r)))
                keys[role] = await spool.database.write(lambda c, n=name: sessions.begin(c, n, now))
            desk = Desk(
                current=lambda: settings,
                database=spool.database,
                contents=spool.contents,
                logins=LoginStore(spool.database),
                treatments=wiring.treatments(settings),
                recipients=wiring.recipient_rules(settings),
                covers=wiring.covers(settings),
                errands=Errands(preview=preview, send=send, request=request, letter=letter, wake=lambda: None),
                pages=Pages(),
                drawer=FakeDrawer(),
                throttle=Throttle(time.monotonic),
                clock=lambda: now,
            )
            async with Dashboard(ListenAddress("127.0.0.1", 0), desk, proxy_rules(settings)) as dashboard:
                yield Site(spool, desk, http, f"http://127.0.0.1:{dashboard.port}", sent, keys)

    return opened
