"""Fax4A, documents[].reference: the vendor fetches it; the sandbox only from hosts that its settings name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from gateway.sandbox import references
from gateway.sandbox.references import NotFetched, fetch

TEXT = b"page one" + b" " * 1_200_000 + b"\fpage two"  # more than a socket gives at once


class Shelf:
    """A web server with documents, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        match request.path:
            case "/a.txt":
                return web.Response(body=TEXT)
            case "/moved.txt":
                raise web.HTTPFound(f"http://127.0.0.1:{self.port}/a.txt")
            case "/cut.txt":
                half = web.StreamResponse(headers={"Content-Length": "1000"})
                await half.prepare(request)
                await half.write(b"half")
                assert request.transport is not None
                request.transport.close()
                return half
            case _:
                raise web.HTTPNotFound

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Shelf"]:
        app = web.Application()
        app.router.add_get("/{name}", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()


@pytest.mark.parametrize(
    ("url", "hosts", "fetched"),
    [
        ("http://127.0.0.1:{port}/a.txt", ["127.0.0.1"], True),
        ("http://127.0.0.1:{port}/a.txt", ["127.0.0.1:{port}"], True),
        ("http://LOCALHOST:{port}/a.txt", ["other.example", "localhost:{port}"], True),
        ("http://user:password@127.0.0.1:{port}/a.txt", ["127.0.0.1:{port}"], True),
        ("http://user:password@127.0.0.1:{port}/a.txt", [], False),
        ("http://127.0.0.1:{port}/a.txt", ["localhost"], False),
        ("http://127.0.0.1:{port}/a.txt", ["127.0.0.1:1"], False),
        ("http://127.0.0.1:{port}/a.txt", ["127.0.0"], False),
        ("http://127.0.0.1:{port}/a.txt", [""], False),
        ("http://127.0.0.1@localhost:{port}/a.txt", ["127.0.0.1"], False),
        ("http://localhost:{port}\\@127.0.0.1/a.txt", ["127.0.0.1"], False),
        ("http://127.0.0.1.example.com:{port}/a.txt", ["127.0.0.1"], False),
    ],
)
def test_only_listed_hosts_are_asked(url: str, hosts: list[str], fetched: bool) -> None:
    async def scenario() -> None:
        async with Shelf().open() as shelf:
            allowed = [host.format(port=shelf.port) for host in hosts]
            asked = fetch(url.format(port=shelf.port), allowed)
            if fetched:
                assert await asked == TEXT
                return
            with pytest.raises(NotFetched) as refused:
                await asked
            assert shelf.asked == []
            assert "password" not in str(refused.value)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/moved.txt", "answered 302"),
        ("/missing.txt", "answered 404"),
        ("/cut.txt", "can't be reached"),
    ],
)
def test_only_a_whole_document_is_taken(path: str, says: str) -> None:
    async def scenario() -> None:
        async with Shelf().open() as shelf:
            with pytest.raises(NotFetched, match=says):
                await fetch(f"http://127.0.0.1:{shelf.port}{path}", ["127.0.0.1"])
            assert shelf.asked == [path]

    asyncio.run(scenario())


def test_a_document_has_a_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "LARGEST", 1_000_000)

    async def scenario() -> None:
        async with Shelf().open() as shelf:
            with pytest.raises(NotFetched, match="too large"):
                await fetch(f"http://127.0.0.1:{shelf.port}/a.txt", ["127.0.0.1"])

    asyncio.run(scenario())


def test_nobody_there() -> None:
    with pytest.raises(NotFetched, match="can't be reached"):
        asyncio.run(fetch("http://127.0.0.1:9/a.txt", ["127.0.0.1"]))


def test_a_job_with_references(darkroom: Any, job: Any, document: Any) -> None:
    async def scenario() -> None:
        async with Shelf().open() as shelf:

            def report(*names: str) -> dict[str, Any]:
                documents = [{"name": name, "reference": f"http://127.0.0.1:{shelf.port}/{name}"} for name in names]
                request = job("+4989123456", "+4989123457", documents=[document("b.txt", b"own"), *documents])
                found: dict[str, Any] = darkroom.report(request)
                return found

            refused = await asyncio.to_thread(report, "a.txt")
            assert [each["status"] for each in refused["recipientStatus"]] == ["MISSING_FAX_FILE"] * 2
            assert (refused["pages"], shelf.asked) == (0, [])
            darkroom.ask("PUT", "/_sandbox/settings", {"reference_hosts": [f"127.0.0.1:{shelf.port}"]})
            try:
                missing = await asyncio.to_thread(report, "a.txt", "missing.txt")
                fetched = await asyncio.to_thread(report, "a.txt")
            finally:
                darkroom.ask("PUT", "/_sandbox/settings", {"reference_hosts": []})
            assert [each["status"] for each in missing["recipientStatus"]] == ["MISSING_FAX_FILE"] * 2
            assert [each["status"] for each in fetched["recipientStatus"]] == ["OK"] * 2
            assert fetched["pages"] == 3

    asyncio.run(scenario())
