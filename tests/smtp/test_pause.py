"""While accepting is paused MAIL is answered 451 4.3.2, and a mail that was begun before is finished."""

import asyncio
from typing import Any

MAIL = "MAIL FROM:<jana@example.com>"


def test_no_mail_is_begun_and_one_in_hand_is_finished(open_front: Any) -> None:
    paused = [False]

    async def run() -> None:
        async with open_front(paused=lambda: paused[0]) as front, front.client() as peer:
            assert (await peer.ask("EHLO client.example.com", MAIL))[1].startswith("250 2.1.0")
            paused[0] = True
            assert (await peer.ask("RCPT TO:<+4989123456@fax.local>", "DATA"))[1].startswith("354")
            assert (await peer.ask("Subject: Angebot\r\n\r\nText\r\n."))[0].startswith("250 2.0.0")
            for _ in range(30):  # no fault of the client's: its session goes on
                (refused,) = await peer.ask(MAIL)
                assert refused.startswith("451 4.3.2 the gateway is paused")
            paused[0] = False
            assert (await peer.ask(MAIL))[0].startswith("250 2.1.0")
            assert len(await front.mails()) == 1

    asyncio.run(run())
