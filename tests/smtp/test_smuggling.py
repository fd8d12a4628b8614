"""SMTP smuggling: whatever stands around a dot, one mail stays one mail, over DATA and on the wire."""

import asyncio
from typing import Any

import pytest

ENVELOPE = b"EHLO x\r\nMAIL FROM:<jana@example.com>\r\nRCPT TO:<+4989123456@fax.local>\r\nDATA\r\n"
SECOND = b"MAIL FROM:<evil@example.com>\r\nRCPT TO:<+4989123457@fax.local>\r\nDATA\r\nSubject: second\r\n\r\nx"
FALSE_ENDS = [
    b"\n.\r\n",
    b"\n.\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r.\r\n",
    b"\r.\r",
    b"\n.\r",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\r\n.\r\r\n",
]


@pytest.mark.parametrize("false_end", FALSE_ENDS)
def test_a_second_mail_is_not_smuggled_inside_the_first(open_front: Any, false_end: bytes) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.send(ENVELOPE + b"Subject: first\r\n\r\nx" + false_end + SECOND + b"\r\n.\r\nQUIT\r\n")
            replies = await peer.rest()
            assert replies.count(b"queued as") == 1
            (mail,) = await front.mails()
            assert b"MAIL FROM:<evil@example.com>" in mail

    asyncio.run(scenario())


def test_bare_line_feeds_and_long_lines_are_kept_as_they_came(open_front: Any) -> None:
    text = b"Subject: first\n\nbare\nlines\r\n" + b"x" * 100_000 + b"\r\n\0\r\n"

    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.send(ENVELOPE + text + b".\r\nQUIT\r\n")
            assert b"queued as" in await peer.rest()
            assert await front.mails() == [text]

    asyncio.run(scenario())
