"""When a job's report stands: delays, a later start, and never after jobValid.end."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.sandbox.dialling import call_end, recipient_status
from gateway.sandbox.outcomes import Special

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def seconds(end: datetime | None) -> float | None:
    return None if end is None else (end - NOW).total_seconds()


@pytest.mark.parametrize(
    ("delays", "pages", "luck", "left", "takes"),
    [
        ("none", 3, 0.5, 100, 0),
        ("short", 3, 0.0, 100, 0.2),
        ("short", 3, 1.0, 100, 1.5),
        ("short", 3, 1.0, 0.7, 0.7),  # cut, rather than not begun
        ("realistic", 0, 0.5, 100, 20),
        ("realistic", 1, 0.5, 100, 50),
        ("realistic", 10, 0.5, 1000, 320),
        ("realistic", 1, 0.5, 50, 50),
        ("realistic", 1, 0.5, 49, None),
        ("none", 1, 0.5, 0, None),
        ("short", 1, 0.5, 0, None),
        ("short", 1, 0.5, -1, None),
    ],
)
def test_how_long_a_call_takes(delays: Any, pages: int, luck: float, left: float, takes: float | None) -> None:
    end = call_end(delays, pages, begun=NOW, last=NOW + timedelta(seconds=left), luck=luck)
    assert seconds(end) == takes


@pytest.mark.parametrize(
    ("chosen", "fault", "status", "duration", "remote"),
    [
        ("OK", None, "OK", 80, "SANDBOX"),
        ("PAGE_SEND_ERR", None, "PAGE_SEND_ERR", 80, "SANDBOX"),
        ("BUSY", None, "BUSY", 0, ""),
        ("OK", "RENDERING_ERROR", "RENDERING_ERROR", 0, ""),
        ("BUSY", "CANCELLED", "CANCELLED", 0, ""),
        (Special.REJECTED, None, "OK", 80, "SANDBOX"),
    ],
)
def test_how_a_call_ends(chosen: Any, fault: str | None, status: str, duration: int, remote: str) -> None:
    told = recipient_status("+4989123456", chosen, fault, 2, NOW)
    assert (told.status, told.duration_seconds, told.remote_csid) == (status, duration, remote)
    assert told.on_the_wire(None) == {
        "number": "+4989123456",
        "properties": None,
        "status": status,
        "reason": "simulated",
        "sentTs": "2026-11-23T09:30:00+00:00",
        "durationInSecs": duration,
        "sentToNumber": "+4989123456",
        "remoteCsid": remote,
    }


def valid(start: float, end: float) -> dict[str, Any]:
    """jobValid, in seconds from now."""
    now = datetime.now(UTC)
    moments = {"start": now + timedelta(seconds=start), "end": now + timedelta(seconds=end)}
    return {"meta": {"jobValid": {name: moment.isoformat() for name, moment in moments.items()}}}


@pytest.mark.parametrize(
    ("delays", "start", "end", "status"),
    [
        ("none", -5, 2, "OK"),
        ("none", 0.3, 10, "OK"),
        ("short", -5, 0.9, "OK"),
        ("realistic", -5, 0.5, "CANCELLED"),
        ("none", 0.49, 0.5, "CANCELLED"),  # it would start when the report has to stand
    ],
)
def test_a_job_is_dialled_within_its_validity_or_not_at_all(
    delays: str, start: float, end: float, status: str, open_sandbox: Any, job: Any
) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.settings(delays=delays)
            meta = valid(start, end)
            job_id = (await client.send(job("+4989123456", "+4989990001", **meta), base="dc1")).body["jobId"]
            report = await client.report(job_id)
            first, second = report["recipientStatus"]
            assert (first["status"], second["status"]) == (status, "BUSY" if status == "OK" else status)
            sent, begin, last = map(datetime.fromisoformat, (first["sentTs"], *meta["meta"]["jobValid"].values()))
            assert sent < last
            assert sent >= begin or status == "CANCELLED"

    asyncio.run(scenario())


def test_realistic_delays_keep_a_report_waiting(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.settings(delays="realistic")
            slow = (await client.send(job(), base="dc1")).body["jobId"]
            await asyncio.sleep(0.1)  # its call has begun, and is not cut by what follows
            await client.settings(delays="none")
            quick = (await client.send(job(), base="dc1")).body["jobId"]
            await client.report(quick)
            assert {each["jobId"]: each["state"] for each in await client.jobs()} == {
                slow: "accepted",
                quick: "finished",
            }

    asyncio.run(scenario())


def test_a_short_delay_is_over_within_three_seconds(open_sandbox: Any, job: Any) -> None:
    async def scenario() -> None:
        async with open_sandbox() as client:
            await client.settings(delays="short")
            begun = datetime.now(UTC)
            ids = [(await client.send(job(), base="dc1")).body["jobId"] for _ in range(3)]
            sent = [datetime.fromisoformat((await client.report(each))["recipientStatus"][0]["sentTs"]) for each in ids]
            assert all(0.2 <= (each - begun).total_seconds() < 3 for each in sent)
            assert len(set(sent)) == 3

    asyncio.run(scenario())


def test_what_is_still_being_drawn_at_the_end_is_not_dialled(darkroom: Any, job: Any, document: Any) -> None:
    slow = document("slow.txt", b"page\f" * 60)  # three seconds at least
    report = darkroom.report(job(documents=[slow], **valid(-1, 0.6)))
    assert [each["status"] for each in report["recipientStatus"]] == ["CANCELLED"]
    assert report["pages"] == 0
    assert darkroom.fax(document("next.txt", b"drawn at once"))
