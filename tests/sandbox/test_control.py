"""docs/sandbox.md: the sandbox's own surface, which shows what arrived and changes how the sandbox behaves."""

import asyncio
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.sandbox.settings import Settings

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "sandbox.md"
REPORTS = "/dc1/rest/v1/99999/fax/reports"


def test_jobs_are_shown_as_they_were_received(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            requests = [
                job("+4989990099"),
                job(
                    reference={"customerDefinedId": "Größe \U0001f4e0"},
                    meta=None,
                    recipients=[{"number": "0049891234"}],
                ),
                job(documents=[{"name": "a.txt", "data": "QUJD" * 1000}]),
            ]
            ids = [(await client.send(request, base="dc2")).body["jobId"] for request in requests]
            await client.finished(2)
            await client.ask("DELETE", f"/dc2/rest/v1/99999/fax/reports/{ids[2]}")
            shown = await client.jobs()
            assert [set(each) for each in shown] == [
                {"jobId", "dc", "receivedAt", "state", "pages", "statuses", "fax", "request"}
            ] * 3
            assert [each["jobId"] for each in shown] == ids
            assert [each["request"] for each in shown] == requests
            assert [each["state"] for each in shown] == ["accepted", "finished", "deleted"]
            assert [(each["dc"], each["pages"], each["fax"]) for each in shown] == [("dc2", 1, None)] * 3
            for each in shown:
                assert abs((datetime.now(UTC) - datetime.fromisoformat(each["receivedAt"])).total_seconds()) < 10

    asyncio.run(scenario())


def test_the_fax_and_its_pages_as_pictures(darkroom: Any, job: Any, document: Any) -> None:
    documents = [document("a.txt", b"one\ftwo")]
    job_id = darkroom.report(job(documents=documents, renderingOptions={"resolution": "LOW"}))["jobId"]
    [shown] = [each for each in json.loads(darkroom.ask("GET", "/_sandbox/jobs")) if each["jobId"] == job_id]
    assert (shown["state"], shown["pages"]) == ("finished", 2)
    path = f"/_sandbox/jobs/{job_id}"
    assert shown["fax"] == f"{darkroom.origin}{path}/fax.tiff"
    with Image.open(io.BytesIO(darkroom.ask("GET", f"{path}/fax.tiff"))) as fax:
        assert (fax.format, getattr(fax, "n_frames", 1)) == ("TIFF", 2)
    pictures = [Image.open(io.BytesIO(darkroom.ask("GET", f"{path}/page-{number}.png"))) for number in (1, 2)]
    for picture in pictures:
        assert picture.format == "PNG"
        assert picture.size == (1728, round(1145 * 204 / 98))  # square pixels
    assert pictures[0].tobytes() != pictures[1].tobytes()


def test_what_is_not_there_is_a_404(darkroom: Any, open_sandbox: Any, job: Any) -> None:
    drawn = darkroom.report(job())["jobId"]

    async def scenario() -> None:
        async with open_sandbox() as client:
            undrawn = (await client.send(job())).body["jobId"]
            for name in ("fax.tiff", "page-1.png"):
                for job_id in (undrawn, "FJJ66GHGX105ZZBIELVCN1"):
                    answer = await client.ask("GET", f"/_sandbox/jobs/{job_id}/{name}")
                    assert (answer.status, answer.body["code"]) == (404, 404)
            client.origin = darkroom.origin
            for number in ("0", "2", "01", "9" * 5000, "x", "-1"):
                answer = await client.ask("GET", f"/_sandbox/jobs/{drawn}/page-{number}.png")
                assert (answer.status, answer.body["code"]) == (404, 404), number
            assert (await client.ask("GET", f"/_sandbox/jobs/{drawn}/page-1.png")).headers[
                "Content-Type"
            ] == "image/png"
            tiff = await client.ask("GET", f"/_sandbox/jobs/{drawn}/fax.tiff")
            assert tiff.headers["Content-Type"] == "image/tiff"

    asyncio.run(scenario())


def test_a_number_without_an_end_is_rendered_but_never_finished(darkroom: Any, job: Any) -> None:
    job_id = json.loads(darkroom.ask("POST", "/dc1/rest/v1/99999/fax", job("+4989990099")))["jobId"]
    darkroom.report(job())  # the worker draws one after the other
    [shown] = [each for each in json.loads(darkroom.ask("GET", "/_sandbox/jobs")) if each["jobId"] == job_id]
    assert (shown["state"], shown["pages"]) == ("rendered", 1)


def test_deleting_the_jobs_forgets_everything(open_sandbox: Any, job: Any, tmp_path: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.send(job(), base="dc1")
            await client.finished()
            await client.settings(delays="short")
            await client.send(job(), base="dc1")  # on its way
            assert (await client.ask("DELETE", "/_sandbox/jobs")).status == 204
            assert await client.jobs() == []
            assert (await client.reports("dc1")).body == {"reports": []}
            assert list((tmp_path / "sandbox").iterdir()) == []
            await client.settings(delays="none")
            new = (await client.send(job(), base="dc1")).body["jobId"]
            assert [each["jobId"] for each in await client.finished()] == [new]

    asyncio.run(scenario())


def test_a_partial_change_of_settings_keeps_the_rest(open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            before = (await client.ask("GET", "/_sandbox/settings")).body
            assert set(before) == {
                *(
                    "logins",
                    "limits",
                    "delays",
                    "retention_days",
                    "seed",
                    "conflict_409",
                    "reference_hosts",
                    "push_body",
                )
            }
            changed = (await client.settings(conflict_409=True, limits={"reports": 7})).body
            assert changed == before | {"conflict_409": True, "limits": before["limits"] | {"reports": 7}}
            changed = (await client.settings(limits={"bulk": 3})).body
            assert (changed["limits"]["reports"], changed["limits"]["bulk"]) == (7, 3)
            assert (await client.settings()).body == changed
            assert (await client.ask("GET", "/_sandbox/settings")).body == changed

    asyncio.run(scenario())


def test_the_documentation_shows_every_setting_with_its_default() -> None:
    table = DOCUMENTATION.read_text(encoding="utf-8").partition("## Settings")[2].partition("##")[0]
    shown = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", table, re.MULTILINE)
    assert {key: json.loads(default) for key, default in shown} == Settings().model_dump(mode="json")


def test_logins_are_replaced_whole(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.settings(logins={"test": {"password": "secret", "customers": ["99999TE", "99999"]}})
            assert (await client.send(job())).status == 401
            send = "/dc1/rest/v1/99999TE/fax"
            sent = await client.ask("POST", send, job(), login=("test", "secret"))
            assert sent.status == 200
            await client.finished()
            for customer, count in (("99999TE", 1), ("99999", 0)):  # an account is a login and a customer
                path = f"/dc1/rest/v1/{customer}/fax/reports"
                assert len((await client.ask("GET", path, login=("test", "secret"))).body["reports"]) == count

    asyncio.run(scenario())


def test_a_login_can_be_tied_to_networks(open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            for networks, status in ((["127.0.0.0/8", "2001:db8::/32"], 200), (["192.0.2.0/24"], 401), ([], 200)):
                await client.settings(logins={"sandbox": {"password": "sandbox", "networks": networks}})
                assert (await client.reports("dc1")).status == status

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"delay": "short"}, "delay"),
        ({"delays": "long"}, "delays"),
        ({"limits": {"bulk": 0}}, "limits.bulk"),
        ({"limits": {"pages": 1}}, "limits.pages"),
        ({"limits": 5}, "limits"),
        ({"retention_days": 0}, "retention_days"),
        ({"retention_days": 1e300}, "retention_days"),
        ({"retention_days": float("inf")}, "retention_days"),
        ({"seed": "x"}, "seed"),
        ({"logins": {"a": {"customers": []}}}, "logins.a.password"),
        ({"logins": {"a": {"password": "b", "networks": ["10.0.0.1/8"]}}}, "logins.a.networks"),
        ({"reference_hosts": "example.com"}, "reference_hosts"),
        ({"push_body": "yaml"}, "push_body"),
    ],
)
def test_a_bad_setting_is_named_and_changes_nothing(changes: dict[str, Any], key: str, open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            before = (await client.ask("GET", "/_sandbox/settings")).body
            answer = await client.settings(conflict_409=True, **changes)
            assert (answer.status, answer.body["code"]) == (400, 400)
            assert answer.message.startswith(key)
            assert (await client.ask("GET", "/_sandbox/settings")).body == before

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/_sandbox/settings", "/_sandbox/faults"])
@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_a_400(path: str, raw: bytes, open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            answer = await client.ask("PUT", path, raw=raw)
            assert (answer.status, answer.message) == (400, "a JSON object is wanted")

    asyncio.run(scenario())


def test_changing_settings_does_not_begin_chance_anew_but_setting_the_seed_does(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox(seed=1) as client:

            async def sent() -> str:
                await client.settings(push_body="json")
                return str((await client.send(job())).body["jobId"])

            first, second = await sent(), await sent()
            assert first != second
            await client.settings(seed=1)
            again = await sent()
            assert again not in {first, second}  # an id is never given twice
            await client.ask("DELETE", "/_sandbox/jobs")
            await client.settings(seed=1)
            assert [await sent(), await sent()] == [first, second]

    asyncio.run(scenario())


def test_the_page_shows_jobs_to_people(darkroom: Any, job: Any, document: Any) -> None:
    reference = {"customerDefinedId": "<script>alert(1)</script>"}
    documents = [document("offer.txt", b"one\ftwo")]
    job_id = darkroom.report(job("+4989990001", documents=documents, reference=reference))["jobId"]
    page = darkroom.ask("GET", "/").decode()
    assert job_id in page
    assert "+4989990001: BUSY" in page
    assert "offer.txt" in page
    assert f"/_sandbox/jobs/{job_id}/page-2.png" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_page_without_jobs(open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            answer = await client.ask("GET", "/")
            assert answer.headers["Content-Type"].startswith("text/html")
            assert b"No job yet." in answer.body

    asyncio.run(scenario())


def test_the_access_log_names_every_request_to_the_api(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.send(job(), base="ha")
            await client.ask("GET", REPORTS, login=("sandbox", "wrong"))
            await client.ask("DELETE", f"{REPORTS}/FJJ66GHGX105ZZBIELVCN1")
            await client.ask("GET", "/_sandbox/jobs")
            lines = (await client.ask("GET", "/_sandbox/access")).body
            assert [set(line) for line in lines] == [{"at", "base", "method", "path", "login", "status"}] * 3
            assert [(line["base"], line["method"], line["path"], line["login"], line["status"]) for line in lines] == [
                ("ha", "POST", "/ha/rest/v1/99999/fax", "sandbox", 200),
                ("dc1", "GET", REPORTS, None, 401),
                ("dc1", "DELETE", f"{REPORTS}/FJJ66GHGX105ZZBIELVCN1", "sandbox", 200),
            ]

    asyncio.run(scenario())


def test_an_unknown_path_or_method_has_the_services_error_body(open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            for method, path, code in (
                ("GET", "/nothing", 404),
                ("PATCH", REPORTS, 405),
                ("POST", "/_sandbox/jobs", 405),
            ):
                answer = await client.ask(method, path)
                assert (answer.status, answer.body["code"]) == (code, code)

    asyncio.run(scenario())


def test_the_openapi_document_describes_what_is_served(open_sandbox: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            described = (await client.ask("GET", "/openapi.json")).body
            assert described["openapi"] == "3.1.0"
            for server in described["servers"]:
                for path, operations in described["paths"].items():
                    url = server["url"].removeprefix(client.origin) + path.format(custNr="99999", jobId="X")
                    for method in {"get", "post", "delete"} & set(operations):
                        answer = await client.ask(method.upper(), url)
                        assert str(answer.status) in operations[method]["responses"], (method, url)

    asyncio.run(scenario())
