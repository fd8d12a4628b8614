"""What the parameters of MAIL and RCPT become in the spool, and what the replies name."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.spool import schema

MAIL = b"Subject: hello\r\n\r\nx\r\n.\r\n"


async def send(peer: Any, mail: str, *recipients: str, text: bytes = MAIL) -> str:
    """One mail; the reply to its end."""
    replies = await peer.ask(mail, *recipients, "DATA")
    assert [reply[0] for reply in replies] == ["2"] * (len(recipients) + 1) + ["3"], replies
    await peer.send(text)
    return str(await peer.reply())


def test_dsn_parameters_are_kept_and_notify_parts_the_jobs(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.ask("EHLO x")
            reply = await send(
                peer,
                "MAIL FROM:<jana@example.com> RET=HDRS ENVID=QQ314159",
                "RCPT TO:<+4989123456@fax.local> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@example.com",
                "RCPT TO:<+4989123457@fax.local>",
                "RCPT TO:<089123456@fax.local> NOTIFY=NEVER ORCPT=rfc822;b@example.com",
                "RCPT TO:<Jane/+4989123458+tag@fax.local>",
                "RCPT TO:<+4989123459@fax.local> NOTIFY=NEVER",
            )
            (mail,) = await front.rows(schema.mail)
            assert (mail["ret"], mail["envid"], mail["numbers"]) == ("HDRS", "QQ314159", 4)
            jobs = {row["id"]: row["options"] for row in await front.rows(schema.job)}
            assert reply == f"250 2.0.0 queued as {', '.join(jobs)}"
            recipients = {row["number"]: row for row in await front.rows(schema.recipient)}
            # one number, two forward-paths: it is faxed once, its reports follow the union of both
            assert recipients["+4989123456"]["forward_paths"] == [
                {
                    "address": "+4989123456@fax.local",
                    "notify": ["FAILURE", "SUCCESS"],
                    "orcpt": "rfc822;a@example.com",
                },
                {"address": "089123456@fax.local", "notify": [], "orcpt": "rfc822;b@example.com"},
            ]
            together = {number: row["job_id"] for number, row in recipients.items()}
            assert together["+4989123457"] == together["+4989123458"]
            assert len(set(together.values())) == len(jobs) == 3
            addresses = {number: jobs[job_id]["success_address"] for number, job_id in together.items()}
            assert addresses == {
                "+4989123456": "jana@example.com",
                "+4989123457": "jana@example.com",
                "+4989123458": "jana@example.com",
                "+4989123459": None,
            }
            (named,) = recipients["+4989123458"]["forward_paths"]
            assert (named["display_name"], named["tag"]) == ("Jane", "tag")

    asyncio.run(scenario())


def test_a_mail_for_later_waits_and_one_with_a_deadline_knows_it(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.ask("EHLO x")
            rcpt = "RCPT TO:<+4989123456@fax.local>"
            await send(peer, "MAIL FROM:<jana@example.com> HOLDFOR=3600 BY=7200;R", rcpt)
            await send(peer, "MAIL FROM:<jana@example.com> BY=60;N", rcpt)
            ends, late = await front.rows(schema.job)
            assert abs(ends["start_at"] - ends["created_at"] - timedelta(hours=1)) < timedelta(seconds=5)
            assert abs(ends["ends_by"] - ends["created_at"] - timedelta(hours=2)) < timedelta(seconds=5)
            assert ends["late_by"] is None
            assert late["start_at"] == late["created_at"]
            assert abs(late["late_by"] - late["created_at"] - timedelta(minutes=1)) < timedelta(seconds=5)

    asyncio.run(scenario())


def test_lmtp_names_for_each_recipient_the_job_that_has_it(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client("socket") as peer:
            await peer.ask("LHLO x")
            first = await send(
                peer,
                "MAIL FROM:<jana@example.com>",
                "RCPT TO:<+4989123456@fax.local>",
                "RCPT TO:<postmaster@fax.local>",
                "RCPT TO:<+4989123457@fax.local> NOTIFY=NEVER",
            )
            replies = [first, await peer.reply(), await peer.reply()]
            recipients = {row["number"]: row["job_id"] for row in await front.rows(schema.recipient)}
            (letter,) = await front.rows(schema.outbox)
            queued = [recipients["+4989123456"], letter["id"], recipients["+4989123457"]]
            assert replies == [f"250 2.0.0 queued as {each}" for each in queued]

    asyncio.run(scenario())


def test_the_received_line_of_the_postmasters_copy_says_how_it_came(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.ask("EHLO mfp.example.com")
            reply = await send(peer, "MAIL FROM:<>", "RCPT TO:<postmaster>")
            (letter,) = await front.rows(schema.outbox)
            assert reply == f"250 2.0.0 queued as {letter['id']}"
            assert letter["detail"] == "from mfp.example.com ([127.0.0.1]) with ESMTP"

    asyncio.run(scenario())


def test_a_large_mail_lies_in_a_file_and_arrives_octet_for_octet_by_data_and_by_bdat(open_front: Any) -> None:
    lines = [b"." * (number % 5) + b"%d\r\n" % number for number in range(60_000)]
    text = b"Subject: large\r\n\r\n" + b"".join(lines)
    envelope = ("MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>")

    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.ask("EHLO x")
            await send(peer, *envelope, text=text.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            await peer.ask(*envelope)
            half = len(text) // 2
            await peer.send(b"BDAT %d\r\n" % half + text[:half])
            assert (await peer.reply()).startswith("250")
            await peer.send(b"BDAT %d LAST\r\n" % (len(text) - half) + text[half:])
            assert (await peer.reply()).startswith("250 2.0.0 queued as")
            assert await front.mails() == [text, text]
            contents = await front.rows(schema.content)
            assert [row["inline"] for row in contents] == [None, None]

    asyncio.run(scenario())


def test_a_client_that_breaks_off_leaves_nothing(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front:
            async with front.client() as peer:
                await peer.ask("EHLO x", "MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>", "DATA")
                await peer.send(b"x\r\n" * 100_000)
                await asyncio.sleep(0.1)
            content = front.database.place.parent / "content"
            async with asyncio.timeout(5):
                while any(path.is_file() for path in content.rglob("*")):
                    await asyncio.sleep(0.02)
            assert await front.rows(schema.mail) == []

    asyncio.run(scenario())


def test_a_client_that_has_said_all_and_closed_its_side_still_gets_its_replies(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            lines = "EHLO x\r\nMAIL FROM:<jana@example.com>\r\nRCPT TO:<+4989123456@fax.local>\r\nDATA\r\n"
            await peer.send(lines.encode() + MAIL)
            peer.writer.write_eof()
            assert b"queued as" in await peer.rest()
            assert len(await front.mails()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("header", "dedupe", "jobs"),
    [("Message-ID: <1@example.com>\r\n", True, 1), ("", True, 2), ("Message-ID: <1@example.com>\r\n", False, 2)],
)
def test_a_mail_that_comes_twice_is_one_fax_where_it_has_a_message_id_that_its_profile_trusts(
    open_front: Any, header: str, dedupe: bool, jobs: int
) -> None:
    async def scenario() -> None:
        async with (
            open_front(profile=[{"match": "mfp@example.com", "dedupe": dedupe}]) as front,
            front.client() as peer,
        ):
            await peer.ask("EHLO x")
            envelope = ("MAIL FROM:<mfp@example.com>", "RCPT TO:<+4989123456@fax.local>")
            replies = [await send(peer, *envelope, text=header.encode() + MAIL) for _ in range(2)]
            assert len(set(replies)) == len(await front.rows(schema.job)) == jobs

    asyncio.run(scenario())
