"""Policy from the dialogue to the spool: groups, quotas, hours, senders; each refusal as the client reads it."""

import asyncio
import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.spool import schema
from tests.cli.test_policy_page import EXAMPLES

WARDS = {"labor": "+4989123456", "wards": ["+4989123457", "+4989123458", "labor"]}


async def sent(peer: Any, *recipients: str, sender: str = "jana@example.com", header: str = "") -> list[str]:
    """The replies to each RCPT and to the mail, in a session that has said EHLO."""
    await peer.ask(f"MAIL FROM:<{sender}>")
    replies = await peer.ask(*(f"RCPT TO:<{recipient}>" for recipient in recipients))
    if not any(reply.startswith("250") for reply in replies):
        await peer.ask("RSET")
        return list(replies)
    assert (await peer.ask("DATA"))[0].startswith("354")
    return [*replies, *await peer.ask(f"{header}Subject: Angebot\r\n\r\nGuten Tag\r\n.")]


def test_a_group_is_faxed_to_each_number_under_the_name_that_was_written(open_front: Any) -> None:
    async def run() -> None:
        async with open_front(aliases=WARDS) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            replies = await sent(peer, "Wards@fax.local", "labor@fax.local")
            assert replies[-1].startswith("250 2.0.0 queued as ")
            rows = await front.rows(schema.recipient)
            paths = {row["number"]: [(path["address"], path["alias"]) for path in row["forward_paths"]] for row in rows}
            wards = ("Wards@fax.local", "wards")
            assert paths == {
                "+4989123457": [wards],
                "+4989123458": [wards],
                "+4989123456": [wards, ("labor@fax.local", "labor")],
            }

    asyncio.run(run())


def test_a_group_counts_as_many_recipients_as_it_has_numbers(open_front: Any) -> None:
    async def run() -> None:
        async with open_front(aliases=WARDS, limits={"recipients": 3}) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            replies = await sent(peer, "+4989123459@fax.local", "wards@fax.local", "labor@fax.local")
            assert [reply[:9] for reply in replies] == ["250 2.1.5", "452 4.5.3", "250 2.1.5", "250 2.0.0"]
        async with open_front(aliases=WARDS, limits={"recipients": 2}) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            (reply,) = await sent(peer, "wards@fax.local")
            assert reply == "550 5.5.3 wards@fax.local stands for 3 numbers; at most 2 recipients in one mail"

    asyncio.run(run())


def test_a_group_with_a_denied_number_is_refused_and_names_it(open_front: Any) -> None:
    async def run() -> None:
        async with open_front(aliases=WARDS, numbers={"deny": ["+4989123458"]}) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            replies = await sent(peer, "wards@fax.local", "labor@fax.local", "ward@fax.local")
            assert (
                replies[0]
                == "550 5.7.1 Faxes to +49 89 123458 are refused by this gateway's rule numbers.deny +4989123458."
            )
            assert replies[1].startswith("250")
            assert replies[2].startswith("550 5.1.3")  # no name of the address book, and no number

    asyncio.run(run())


def test_over_lmtp_a_group_has_one_reply_with_its_jobs(open_front: Any) -> None:
    async def run() -> None:
        async with open_front(aliases=WARDS) as front, front.client("lmtp") as peer:
            await peer.ask("LHLO mx.example.com", "MAIL FROM:<jana@example.com>")
            await peer.ask("RCPT TO:<wards@fax.local>", "RCPT TO:<+4989123459@fax.local> NOTIFY=NEVER", "DATA")
            await peer.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            group, single = await peer.reply(), await peer.reply()
            assert group.startswith("250 2.0.0 queued as ")
            assert group != single

    asyncio.run(run())


def test_the_interns_of_the_page_have_twenty_faxes_a_day(open_front: Any) -> None:
    (example,) = (each for each in EXAMPLES if "interns" in each.toml)

    async def run() -> None:
        async with open_front(**tomllib.loads(example.toml)) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            for _ in range(20):
                assert (await sent(peer, "+4989123456@fax.local", sender="eva@interns.example.com"))[-1][:3] == "250"
            reply = (await sent(peer, "+4989123456@fax.local", sender="Eva@Interns.example.com"))[-1]
            opens = datetime.now(UTC) + timedelta(days=1)
            assert reply.startswith(
                "452 4.7.0 this sender has used 20 of 20 faxes of the last 24 hours (quotas.faxes_per_day)"
            )
            assert f"{opens:%a %Y-%m-%d}" in reply
            assert (await sent(peer, "+4989123456@fax.local", sender="max@interns.example.com"))[-1][:3] == "250"
            assert len(await front.rows(schema.mail)) == 21

    asyncio.run(run())


def test_a_quota_that_is_used_up_leaves_the_postmaster_his_copy_over_lmtp(open_front: Any) -> None:
    async def run() -> None:
        async with open_front(quotas={"recipients_per_day": 1}) as front, front.client("lmtp") as peer:
            await peer.ask("LHLO mx.example.com", "MAIL FROM:<jana@example.com>")
            await peer.ask("RCPT TO:<+4989123456@fax.local>", "RCPT TO:<+4989123457@fax.local>", "RCPT TO:<postmaster>")
            await peer.ask("DATA")
            await peer.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            replies = [await peer.reply() for _ in range(3)]
            assert [reply[:9] for reply in replies] == ["550 5.7.1", "550 5.7.1", "250 2.0.0"]
            assert await front.rows(schema.job) == []
            assert len(await front.rows(schema.outbox)) == 1

    asyncio.run(run())


def test_without_a_quota_nothing_is_counted(open_front: Any) -> None:
    async def run() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            assert (await sent(peer, "+4989123456@fax.local"))[-1][:3] == "250"
            assert await front.rows(schema.quota_use) == []

    asyncio.run(run())


def hour_of(begin: datetime, **more: str) -> dict[str, Any]:
    """`[times]` with the hour that begins then."""
    return {"allow": [f"{begin:%a} {begin:%H:%M}-{begin:%H}:59"], **more}


def test_outside_the_hours_a_fax_waits_for_them_or_is_refused(open_front: Any) -> None:
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=6)

    async def run() -> None:
        async with open_front(times=hour_of(begin, outside="defer")) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            assert (await sent(peer, "+4989123456@fax.local", header="X-Fax-Expires: 7d\r\n"))[-1][:3] == "250"
            (job,) = await front.rows(schema.job)
            assert job["start_at"] == begin
            late = (await sent(peer, "+4989123456@fax.local", header="X-Fax-Expires: 1h\r\n"))[-1]
            assert late.startswith("550 5.7.1 the fax is to be sent by then, and may go out from ")
        async with open_front(times=hour_of(begin)) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            reply = (await sent(peer, "+4989123456@fax.local"))[-1]
            assert reply.startswith("550 5.7.1 faxes go out at these times only: ")
            assert f"the next time is {begin:%a %Y-%m-%d %H:%M} UTC" in reply
            own = f"X-Fax-Send-At: {(begin + timedelta(minutes=30)).isoformat()}\r\n"
            assert (await sent(peer, "+4989123456@fax.local", header=own))[-1][:3] == "250"

    asyncio.run(run())


AUTHENTIC = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\r\n"
FORGED = "Authentication-Results: mx.example.com; dmarc=fail header.from=example.org\r\n"


SENDERS = [
    ("From: jana@example.com\r\n", "250 2.0.0"),
    ("From: boss@example.org\r\n", "550 5.7.1"),
    ("", "550 5.7.1"),
    (f"{AUTHENTIC}From: boss@example.org\r\n", "250 2.0.0"),
    (f"{AUTHENTIC}{FORGED}From: boss@example.org\r\n", "250 2.0.0"),  # the topmost counts
    (f"{FORGED}{AUTHENTIC}From: boss@example.org\r\n", "550 5.7.26"),
    (f"{AUTHENTIC.replace('mx.', 'mx.evil.')}From: boss@example.org\r\n", "550 5.7.1"),
    (f"Authentication-Results: mx.example.com; ((\r\n{AUTHENTIC}From: boss@example.org\r\n", "550 5.7.1"),
]


def test_the_header_from_is_the_senders_or_the_relay_says_whose(open_front: Any) -> None:
    check = {"sender_check": "reverse-path", "authserv_ids": ["MX.example.com"]}

    async def run() -> None:
        async with open_front(smtp=check) as front, front.client() as peer:
            await peer.ask("EHLO client.example.com")
            replies = [(await sent(peer, "+4989123456@fax.local", header=headers))[-1] for headers, _ in SENDERS]
            assert [reply.split(" ", 2)[:2] for reply in replies] == [reply.split() for _, reply in SENDERS]

    asyncio.run(run())


def test_who_has_logged_in_is_no_relay_whose_word_counts(open_front: Any) -> None:
    check = {"sender_check": "auth-user", "authserv_ids": ["mx.example.com"], "auth_without_tls": True}

    async def run() -> None:
        async with open_front(smtp=check) as front, front.client("submission") as peer:
            await peer.ask("EHLO client.example.com", "AUTH PLAIN AGphbmEAY29ycmVjdCBob3JzZQ==")
            own = await sent(peer, "+4989123456@fax.local", header="From: Jana <jana@example.org>\r\n")
            assert own[-1].startswith("250 ")
            forged = await sent(peer, "+4989123456@fax.local", header=f"{AUTHENTIC}From: boss@example.org\r\n")
            assert forged[-1].startswith("550 5.7.1 the header From boss@example.org is not the AUTH user jana")

    asyncio.run(run())
