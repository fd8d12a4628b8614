"""Fax4A, "HTTP status push": what is posted, how the receiver knows who posts it, and until when."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from aiohttp import web

from gateway.sandbox import push as pushing

XML = "{http://retarus.com/fax4ba/faxws/3/0}"
Answers = Callable[[web.Request], web.Response]


@dataclass
class Receiver:
    """Somebody's web service; `answers` are what it says, the last one again and again."""

    answers: list[Answers]
    url: str = ""
    requests: list[tuple[web.Request, bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.requests.append((request, await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request)

    async def came(self, count: int) -> None:
        while len(self.requests) < count:
            await asyncio.sleep(0.01)

    def job(self, **fields: Any) -> dict[str, Any]:
        """What a request says to be told here."""
        return {"statusReportOptions": {"httpStatusPush": {"targetUrl": self.url} | fields}}


def status(code: int) -> Answers:
    return lambda _: web.Response(status=code)


@asynccontextmanager
async def receiving(*answers: Answers) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers) or [status(204)])
    app = web.Application()
    app.router.add_post("/status", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/status"
    try:
        async with asyncio.timeout(10):
            yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "FIRST_RETRY", 0.01)


def texts(element: ET.Element) -> list[tuple[str, str | None]]:
    return [(child.tag.removeprefix(XML), child.text) for child in element]


def test_the_body_is_xml_in_the_old_soap_shape(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client, receiving() as receiver:
            push = receiver.job(authMethod="HTTP_BASIC", principal="fax", credentials="secret")
            push["statusReportOptions"]["reportMail"] = {"failureAddress": "jana@example.com"}
            changes = push | {
                "reference": {"customerDefinedId": "one & only"},
                "transportOptions": {"csid": "+49 89 99", "isExpress": True},
                "renderingOptions": {
                    "header": "<%C>",
                    "coverpageTemplate": "coverpage-default.ftl.html",
                    "overlay": {"name": "letterhead", "mode": "FIRST_PAGE"},
                },
            }
            job_id = (await client.send(job("+4989123456", "004989990001", **changes))).body["jobId"]
            await receiver.came(1)
            report = await client.report(job_id)
        [(request, body)] = receiver.requests
        assert request.content_type == "text/xml"
        root = ET.fromstring(body)
        assert root.tag == f"{XML}faxJobReport"
        assert [child.tag.removeprefix(XML) for child in root] == [
            *("jobId", "reportMail", "httpStatusPush", "faxRecipient", "faxRecipient", "document", "options", "pages")
        ]
        assert root.findtext(f"{XML}jobId") == job_id
        assert root.findtext(f"{XML}pages") == "1"
        sections = {child.tag.removeprefix(XML): texts(child) for child in root}
        assert sections["reportMail"] == [
            ("successAddress", None),
            ("failureAddress", "jana@example.com"),
            ("attachedFaxImageMode", "NEVER"),
            ("attachedFaxImageFormat", "TIFF"),
        ]
        assert sections["httpStatusPush"] == [("url", receiver.url), ("authMethod", "HTTP_BASIC")]
        assert b"secret" not in body
        assert sections["document"] == [("name", "hello.txt"), ("isText", "true")]
        assert dict(sections["options"]) == {
            "resolution": "HIGH",
            "csid": "+49 89 99",
            "header": "<%C>",
            "coverpageTemplateName": "coverpage-default.ftl.html",
            "jobReference": "one & only",
            "isExpress": "true",
            "isBlacklistEnabled": "false",
            "overlay": None,
        }
        for element, told in zip(root.findall(f"{XML}faxRecipient"), report["recipientStatus"], strict=True):
            fields = dict(texts(element))
            assert len(fields.pop("numId") or "") == 22
            assert fields == {
                "number": told["number"],
                "status": told["status"],
                "reason": "simulated",
                "sentTS": told["sentTs"],
                "durationInSecs": str(told["durationInSecs"]),
                "sentToNumber": told["sentToNumber"],
                "remoteCsid": told["remoteCsid"] or None,
            }

    asyncio.run(scenario())


def test_the_body_can_be_the_report_as_json(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client, receiving() as receiver:
            await client.settings(push_body="json")
            changes = receiver.job() | {"reference": {"customerDefinedId": "one"}}
            job_id = (await client.send(job(**changes))).body["jobId"]
            await receiver.came(1)
            [(request, _)] = receiver.requests
            assert request.content_type == "application/json"
            assert await request.json() == await client.report(job_id)

    asyncio.run(scenario())


def digest(request: web.Request) -> web.Response:
    """RFC 7616: a challenge first, then the proof that the client knows the password, without the password."""
    header = request.headers.get("Authorization", "")
    given = {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[^\s,]+)', header)}
    if header.startswith("Digest "):
        secret, asked = sha256("fax:reports:secret"), sha256(f"POST:{given['uri']}")
        proof = sha256(f"{secret}:{given['nonce']}:{given['nc']}:{given['cnonce']}:auth:{asked}")
        if (given["username"], given["nonce"], given["response"]) == ("fax", "once", proof):
            return web.Response(status=200)
    challenge = 'Digest realm="reports", nonce="once", qop="auth", algorithm=SHA-256'
    return web.Response(status=401, headers={"WWW-Authenticate": challenge})


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("NONE", None),
        ("HTTP_BASIC", aiohttp.encode_basic_auth("fax", "secret")),
        ("OAUTH2", "Bearer secret"),
    ],
)
def test_who_pushes(method: str, wanted: str | None, open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client, receiving() as receiver:
            push = receiver.job(authMethod=method, principal="fax", credentials="secret")
            await client.send(job(**push))
            await receiver.came(1)
            assert receiver.requests[0][0].headers.get("Authorization") == wanted

    asyncio.run(scenario())


@pytest.mark.parametrize(("credentials", "acknowledged"), [("secret", True), ("wrong", False)])
def test_who_pushes_by_digest(credentials: str, acknowledged: bool, open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client, receiving(digest) as receiver:
            push = receiver.job(authMethod="HTTP_DIGEST", principal="fax", credentials=credentials)
            await client.send(job(**push))
            await receiver.came(2 if acknowledged else 4)  # a try is a challenge and an answer
            await asyncio.sleep(0.05)
            assert (len(receiver.requests) == 2) == acknowledged
            assert all(body for _, body in receiver.requests)

    asyncio.run(scenario())


def test_a_push_is_repeated_until_it_is_acknowledged(open_sandbox: Any, job: Any) -> None:
    def moved(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async def scenario() -> None:
        async with open_sandbox() as client, receiving(status(500), moved, cut, status(404), status(202)) as receiver:
            await client.send(job(**receiver.job()))
            await receiver.came(5)
            await asyncio.sleep(0.3)  # the next try would have come within 160 ms
            assert len({body for _, body in receiver.requests}) == 1
            assert len(receiver.requests) == 5

    asyncio.run(scenario())


def test_a_push_is_given_up_in_the_end(
    open_sandbox: Any, job: Any, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "TRIES", 3)

    async def scenario() -> None:
        async with (
            mailbox.listening(),
            receiving(status(500)) as receiver,
            open_sandbox(report_smtp=("127.0.0.1", mailbox.port)) as client,
        ):
            push = receiver.job()
            push["statusReportOptions"]["reportMail"] = {"successAddress": "jana@example.com"}
            await client.send(job(**push))
            await receiver.came(3)
            await asyncio.sleep(0.1)
            assert len(receiver.requests) == 3
            assert len(mailbox.to("jana@example.com")) == 1  # the mail did not wait for it

    asyncio.run(scenario())


def test_pushes_are_lost_and_doubled_on_demand(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client, receiving() as receiver:
            await client.settings(push_body="json")
            for faults, pushes in (({"lose_push": {"count": 1}}, 0), ({"double_push": {"count": 1}}, 2), ({}, 1)):
                await client.faults(**faults)
                receiver.requests.clear()
                job_id = (await client.send(job(**receiver.job()))).body["jobId"]
                report = await client.report(job_id)  # polling still finds it
                await receiver.came(pushes)
                await asyncio.sleep(0.05)
                assert [await request.json() for request, _ in receiver.requests] == [report] * pushes

    asyncio.run(scenario())


def test_there_is_no_push_without_a_report(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client, receiving() as receiver:
            await client.send(job("+4989990099", **receiver.job()))
            await client.send(job("+4989990098", **receiver.job()))
            await client.send(job(**receiver.job()))
            await receiver.came(1)
            await asyncio.sleep(0.05)
            assert len(receiver.requests) == 1

    asyncio.run(scenario())
