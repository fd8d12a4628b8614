"""Any octets: the session ends in order, nothing is accepted that is no mail, and the loop is never held up."""

import asyncio
import os
import threading
import time
from typing import Any

from hypothesis import given, settings
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


def test_any_dialogue_gets_replies_and_an_end(open_front: Any) -> None:
    """One client after the other, at one mail front."""

    async def dialogue(front: Any, octets: bytes) -> None:
        async with front.client() as peer:
            await peer.send(octets)
            peer.writer.write_eof()
            for line in (await peer.rest()).split(b"\r\n"):
                assert line == b"" or (line[:3].isdigit() and line[3:4] in (b" ", b"-")), line

    with asyncio.Runner() as runner:
        opening = open_front()
        front = runner.run(opening.__aenter__())

        @settings(max_examples=60, deadline=None)
        @given(octets=st.lists(COMMANDS | st.binary(max_size=30), max_size=15).map(b"".join))
        def any_dialogue(octets: bytes) -> None:
            runner.run(dialogue(front, octets))

        try:
            any_dialogue()
        finally:
            runner.run(opening.__aexit__(None, None, None))


LARGE = b"Subject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 100_000  # 7.8 MB


def send_large(connect: Any, place: str) -> bytes:
    """One large mail from a thread of its own, so that its work is not the loop's; the reply to its end."""
    with connect(place) as client, client.makefile("rb") as replies:
        client.sendall(b"HELO x\r\nMAIL FROM:<jana@example.com>\r\nRCPT TO:<+4989123456@fax.local>\r\nDATA\r\n")
        for _ in range(5):
            reply = replies.readline()
        assert reply.startswith(b"354")
        client.sendall(LARGE + b".\r\n")
        return bytes(replies.readline())


def test_the_event_loop_is_not_held_up_while_large_mails_come(
    open_front: Any, raw_socket: Any, monkeypatch: Any
) -> None:
    """50 ms is the longest that another session may wait for its turn: of the processor, and never of the disk.

    Counted in the loop thread's own processor time, so that a busy machine makes no difference.
    """
    longest, synced_by = 0.0, set()

    def recording(real: Any) -> Any:
        def sync(descriptor: int) -> None:
            synced_by.add(threading.get_ident())
            real(descriptor)

        return sync

    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, recording(getattr(os, name)))

    async def watch() -> None:
        nonlocal longest
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - began)

    async def scenario() -> None:
        async with open_front() as front:
            watching = asyncio.create_task(watch())
            mails = [asyncio.to_thread(send_large, raw_socket, front.places["smtp"]) for _ in range(4)]
            for reply in await asyncio.gather(*mails):
                assert reply.startswith(b"250 2.0.0 queued as")
            watching.cancel()

    asyncio.run(scenario())
    assert longest < 0.05
    assert synced_by
    assert threading.get_ident() not in synced_by
