"""The report operations: at the named data centre only, with every bad answer an error of its own."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.fax4a import Fax4AClient, FaxReport, JobDeleteReport, Refused, ReportError, Unreachable, Unreadable
from gateway.fax4a.report import Listed

REPORT: dict[str, Any] = {"jobId": "J1", "recipientStatus": [{"number": "+4989123456", "status": "OK"}], "pages": 2}


def scripted(kit: Any, status: str, body: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await peer.read_request(reader)
            writer.write(kit.answer(status, raw, "Location: /other"))

    return talk


def ask(kit: Any, status: str, body: Any, what: Any) -> tuple[Any, Any]:
    """The result of one operation, and the peer it went to."""

    async def run() -> tuple[Any, Any]:
        async with kit.serve(scripted(kit, status, body)) as peer, kit.serve(scripted(kit, "500 HA", b"")) as ha:
            account = kit.account(ha.port, dc1=peer.port)
            async with Fax4AClient(account, kit.quick()) as client:
                try:
                    return await what(client), peer
                finally:
                    assert ha.connections == 0, "reports are never asked for at the HA URL"

    return asyncio.run(run())


OPERATIONS = [
    (lambda c: c.list_reports("dc1"), "GET /dc1/rest/v1/99999/fax/reports ", None),
    (lambda c: c.get_reports("dc1", ["J1"]), "POST /dc1/rest/v1/99999/fax/reports ", "GET"),
    (lambda c: c.get_report("dc1", "J1"), "GET /dc1/rest/v1/99999/fax/reports/J1 ", None),
    (lambda c: c.delete_reports("dc1", ["J1"]), "POST /dc1/rest/v1/99999/fax/reports ", "DELETE"),
    (lambda c: c.delete_report("dc1", "J1"), "DELETE /dc1/rest/v1/99999/fax/reports/J1 ", None),
    (lambda c: c.delete_oldest("dc1"), "DELETE /dc1/rest/v1/99999/fax/reports ", None),
]


@pytest.mark.parametrize(("what", "line", "action"), OPERATIONS)
def test_the_request_on_the_wire(kit: Any, what: Any, line: str, action: str | None) -> None:
    body = REPORT if line.split()[1].endswith("J1") else {"reports": [REPORT]}
    result, peer = ask(kit, "200 OK", body, what)
    assert peer.heads[0].startswith(line)
    assert "Authorization: Basic " in peer.heads[0]
    if action:
        assert json.loads(peer.bodies[0]) == {"action": action, "jobIds": ["J1"]}
    found = result.reports if isinstance(result, Listed) else result
    first = found[0] if isinstance(found, list | tuple) else found
    assert first.job_id == "J1"


BAD_ANSWERS = [
    ("302 Found", b"", Refused),
    ("401 Unauthorized", {"code": 401, "message": "Authentication failed"}, Refused),
    ("404 Not Found", b"<html>no such page", Refused),
    ("500 Internal Server Error", b"", Refused),
    ("200 OK", b"<html>", Unreadable),
    ("200 OK", {"reports": 7}, Unreadable),
    ("200 OK", b"", Unreadable),
]


@pytest.mark.parametrize(("status", "body", "error"), BAD_ANSWERS)
@pytest.mark.parametrize("what", [operation[0] for operation in OPERATIONS])
def test_a_bad_answer_is_an_error(kit: Any, status: str, body: Any, error: type[ReportError], what: Any) -> None:
    with pytest.raises(error, match="dc1"):
        ask(kit, status, body, what)


def test_a_data_centre_that_is_down(kit: Any) -> None:
    async def run() -> None:
        async with Fax4AClient(kit.account(9, dc1=9), kit.quick()) as client:
            with pytest.raises(Unreachable, match="dc1"):
                await client.list_reports("dc1")

    asyncio.run(run())


def test_a_cut_off_answer(kit: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer("200 OK", b'{"reports": [', length=900))
        await writer.drain()

    async def run() -> None:
        async with kit.serve(talk) as peer, Fax4AClient(kit.account(peer.port), kit.quick()) as client:
            with pytest.raises(Unreadable, match="cut off"):
                await client.list_reports("dc1")

    asyncio.run(run())


def test_a_404_with_a_list_is_a_list(kit: Any) -> None:
    result, _ = ask(kit, "404 Not Found", {"reports": [REPORT]}, lambda c: c.get_reports("dc1", ["J1", "J2"]))
    assert [report.job_id for report in result] == ["J1"]


@pytest.mark.parametrize(
    ("reports", "unreadable", "whole"), [(0, 0, True), (999, 0, True), (1000, 0, False), (999, 1, False), (3, 1, False)]
)
def test_a_list_is_whole_when_nothing_can_be_missing_in_it(reports: int, unreadable: int, whole: bool) -> None:
    report = FaxReport.model_validate(REPORT)
    assert Listed((report,) * reports, unreadable).is_whole is whole


@pytest.mark.parametrize(
    ("head", "at"),
    [
        ("200 OK\r\nDate: Mon, 23 Nov 2026 09:30:00 GMT", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        ("200 OK\r\nDate: yesterday", None),
        ("200 OK", None),
    ],
)
def test_a_list_tells_the_services_own_time(kit: Any, head: str, at: datetime | None) -> None:
    result, _ = ask(kit, head, {"reports": []}, lambda c: c.list_reports("dc1"))
    assert result.at == at


@pytest.mark.parametrize("body", [b"", {"code": 404, "message": "not found"}])
def test_a_report_that_is_not_here(kit: Any, body: Any) -> None:
    assert ask(kit, "404 Not Found", body, lambda c: c.get_report("dc1", "J1"))[0] is None
    deletion, _ = ask(kit, "404 Not Found", body, lambda c: c.delete_report("dc1", "J1"))
    assert deletion == JobDeleteReport(job_id="J1", deleted=False, reason="NOT_FOUND")


def test_many_ids_go_in_batches(kit: Any) -> None:
    ids = [f"J{number}" for number in range(2001)]
    for name in ("get_reports", "delete_reports"):
        _, peer = ask(kit, "200 OK", {"reports": []}, lambda c, name=name: getattr(c, name)("dc1", ids))
        sent = [json.loads(body)["jobIds"] for body in peer.bodies]
        assert [len(batch) for batch in sent] == [1000, 1000, 1]
        assert [each for batch in sent for each in batch] == ids


def test_one_unreadable_report_does_not_hide_the_others(kit: Any) -> None:
    result, _ = ask(kit, "200 OK", {"reports": [{"pages": 1}, REPORT, None]}, lambda c: c.list_reports("dc1"))
    assert [report.job_id for report in result.reports] == ["J1"]
    assert (result.unreadable, result.is_whole) == (2, False)
