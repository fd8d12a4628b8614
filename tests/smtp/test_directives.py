"""A mail's own wishes, from the dialogue to the job's row; the envelope's are stronger."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.spool import schema

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)


async def handed_over(front: Any, *headers: str, mail: str = "", rcpt: str = "") -> str:
    """The reply to a mail with these headers; `mail` and `rcpt` are parameters of those commands."""
    async with front.client() as client:
        await client.ask("EHLO client.example.com", f"MAIL FROM:<jana@example.com>{mail}")
        await client.ask(f"RCPT TO:<+4989123456@fax.local>{rcpt}", "DATA")
        text = "".join(f"{header}\r\n" for header in (*headers, "Subject: Angebot", "", "Guten Tag"))
        (reply,) = await client.ask(f"{text}.")
    return str(reply)


def test_what_a_header_asks_for_stands_in_the_job(open_front: Any) -> None:
    async def run() -> None:
        async with open_front() as front:
            wishes = (f"X-Fax-Send-At: {LATER.isoformat()}", "X-Fax-Expires: 2h", "X-Fax-Csid: +49 89 1")
            assert (await handed_over(front, *wishes)).startswith("250 2.0.0 queued as ")
            (job,) = await front.rows(schema.job)
            assert job["start_at"] == LATER
            assert job["ends_by"] == LATER + timedelta(hours=2)
            assert job["options"]["csid"] == "+49 89 1"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("mail", "rcpt", "key", "value"),
    [
        (f" HOLDUNTIL={LATER.isoformat().replace('+00:00', 'Z')}", "", "start_at", LATER),
        (f" HOLDUNTIL={LATER.isoformat().replace('+00:00', 'Z')}", "", "ends_by", LATER + timedelta(hours=1)),
        (" BY=60;N", "", "ends_by", None),
        ("", " NOTIFY=SUCCESS", "failure", None),
    ],
    ids=["HOLDUNTIL, start", "HOLDUNTIL, end", "BY", "NOTIFY"],  # not the moment, which each worker has its own of
)
def test_the_envelope_is_stronger(open_front: Any, mail: str, rcpt: str, key: str, value: object) -> None:
    async def run() -> None:
        async with open_front() as front:
            sooner = (LATER - timedelta(hours=1)).isoformat()
            wishes = (f"X-Fax-Send-At: {sooner}", "X-Fax-Expires: 1h", "X-Fax-Report-On: failure")
            assert (await handed_over(front, *wishes, mail=mail, rcpt=rcpt)).startswith("250 ")
            (job,) = await front.rows(schema.job)
            assert (job | {"failure": job["options"]["failure_address"]})[key] == value

    asyncio.run(run())


def test_a_wish_that_cannot_be_heeded_is_refused_in_the_dialogue(open_front: Any) -> None:
    async def run() -> None:
        async with open_front(directives={"allow": ["paper"]}) as front:
            assert await handed_over(front, "X-Fax-Paper: A3") == (
                "554 5.6.0 X-Fax-Paper: A3 can't be heeded; write a4 or letter"
            )
            assert (await handed_over(front, "X-Fax-Csid: 1")).startswith("550 5.7.1 X-Fax-Csid is not for this sender")
            assert await front.rows(schema.job) == []

    asyncio.run(run())
