"""Any octets: the session ends in order, nothing is accepted that is no mail, and the loop is never held up."""

import asyncio
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COMMANDS = st.sampled_from(
    [
        b"EHLO x\r\n",
        b"HELO x\n",
        b"MAIL FROM:<jana@example.com>\r\n",
        b"MAIL FROM:<> SIZE=1 BODY=BINARYMIME\r\n",
        b"RCPT TO:<+4989123456@fax.local>\r\n",
        b"RCPT TO:<postmaster> NOTIFY=NEVER\r\n",
        b"DATA\r\n",
        b".\r\n",
        b"\r\n.\r\n",
        b"BDAT 3\r\n",
        b"BDAT 0 LAST\r\n",
        b"BDAT 999999999999\r\n",
        b"RSET\r\n",
        b"AUTH PLAIN\r\n",
        b"*\r\n",
        b"STARTTLS\r\n",
        b"NOOP\r\n",
        b"\r\n",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(octets=st.lists(COMMANDS | st.binary(max_size=30), max_size=15).map(b"".join))
def test_any_dialogue_gets_replies_and_an_end(open_front: Any, octets: bytes) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.send(octets)
            peer.writer.write_eof()
            for line in (await peer.rest()).split(b"\r\n"):
                assert line == b"" or (line[:3].isdigit() and line[3:4] in (b" ", b"-")), line

    asyncio.run(scenario())


def test_the_event_loop_is_not_held_up_while_large_mails_come(open_front: Any) -> None:
    """50 ms is the longest that another session may wait for its turn."""
    text = b"Subject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 100_000  # 7.8 MB

    async def scenario() -> None:
        longest = 0.0

        async def watch() -> None:
            nonlocal longest
            while True:
                began = time.perf_counter()
                await asyncio.sleep(0.001)
                longest = max(longest, time.perf_counter() - began - 0.001)

        async def mail(front: Any) -> None:
            async with front.client() as peer:
                await peer.ask("EHLO x", "MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>", "DATA")
                await peer.send(text + b".\r\n")
                assert (await peer.reply()).startswith("250")

        async with open_front() as front:
            watching = asyncio.create_task(watch())
            await asyncio.gather(*(mail(front) for _ in range(4)))
            watching.cancel()
        assert longest < 0.05

    # The client shares the loop here, so its own work counts too.
    asyncio.run(scenario())
