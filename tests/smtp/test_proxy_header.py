"""Behind a load balancer: the PROXY header tells who the client is, and only the balancer may send one."""

import asyncio
import socket
import struct
from itertools import product
from typing import Any

import pytest
import structlog

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  # proxy-protocol.txt §2.2
BALANCED = {"proxy_networks": ["127.0.0.1/32"], "relay_networks": ["192.0.2.0/24", "2001:db8::/32"]}


def version_2(command: int, address: str) -> bytes:
    body = socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 40000, 25)
    return SIGNATURE + bytes([0x20 | command, 0x11]) + struct.pack("!H", len(body)) + body


@pytest.mark.parametrize(
    ("header", "reply"),
    [
        (b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 25\r\n", "250 2.1.5"),
        (b"PROXY TCP6 2001:db8::7 ::1 40000 25\r\n", "250 2.1.5"),
        (b"PROXY TCP4 198.51.100.7 127.0.0.1 40000 25\r\n", "550 5.7.1"),
        (version_2(1, "192.0.2.7"), "250 2.1.5"),
        (version_2(1, "198.51.100.7"), "550 5.7.1"),
        # the balancer speaks for itself: it may ask whether we live, and send no mail
        (version_2(0, "192.0.2.7"), "550 5.7.1"),
        (b"PROXY UNKNOWN\r\n", "550 5.7.1"),
    ],
)
@pytest.mark.parametrize("cut", [1, 6, None])
def test_the_address_in_the_header_is_the_one_that_is_judged(
    open_front: Any, header: bytes, reply: str, cut: int | None
) -> None:
    async def scenario() -> None:
        async with open_front(smtp=BALANCED) as front, front.client(greeted=False) as peer:
            await peer.send(header[:cut])
            if cut is not None:
                await asyncio.sleep(0.01)
                await peer.send(header[cut:])
            assert (await peer.reply()).startswith("220 ")
            replies = await peer.ask("HELO x", "MAIL FROM:<jana@example.com>", "RCPT TO:<+4989123456@fax.local>")
            assert replies[-1].startswith(reply)

    asyncio.run(scenario())


@pytest.mark.parametrize("header", [b"EHLO x\r\n", b"PROXY TCP4 nonsense\r\n", SIGNATURE + b"\x31\x11\0\0"])
def test_a_balancer_without_a_good_header_is_left(open_front: Any, header: bytes) -> None:
    async def scenario() -> None:
        async with open_front(smtp=BALANCED) as front, front.client(greeted=False) as peer:
            await peer.send(header + b"\0" * 16)
            assert await peer.rest() == b"421 4.7.0 a PROXY header is expected from this address\r\n"

    asyncio.run(scenario())


RESET = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: close() resets, as HAProxy ends its checks


def test_a_balancer_that_only_asks_whether_we_live_is_no_event(open_front: Any, raw_socket: Any) -> None:
    """With or without a header, at a listener of either kind, ended politely or by a reset."""
    headers = (b"", b"PROXY UNKNOWN\r\n", version_2(0, "192.0.2.7"))

    async def scenario() -> None:
        with structlog.testing.capture_logs() as events:
            async with open_front(smtp=BALANCED) as front:
                for listener, header, resets in product(("smtp", "submissions"), headers, (False, True)):
                    with raw_socket(front.places[listener]) as asking:
                        asking.sendall(header)
                        if resets:
                            asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                            await asyncio.sleep(0.05)
                        else:
                            asking.shutdown(socket.SHUT_WR)
                            heard = await asyncio.to_thread(asking.recv, 1000)
                            assert heard.startswith(b"220 ") == (header != b"" and listener == "smtp")
                await asyncio.sleep(0.05)
        assert [each["event"] for each in events if each["event"] != "listening"] == []

    asyncio.run(scenario())


def test_a_balancer_that_only_asks_takes_nobodys_place(open_front: Any) -> None:
    """A full house is no dead one: a balancer that took it for one would send its clients elsewhere, or nowhere."""

    async def scenario() -> None:
        one = BALANCED | {"max_sessions": 1}
        async with open_front(smtp=one) as front, front.client(greeted=False) as asking:
            await asking.send(b"PROXY UNKNOWN\r\n")
            assert (await asking.reply()).startswith("220 ")
            assert front.mail_front.sessions == 0
            async with front.client(greeted=False) as peer:
                await peer.send(b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 25\r\n")
                assert (await peer.reply()).startswith("220 ")
                assert front.mail_front.sessions == 1
                # Its first command makes it a session like any other.
                await asking.send(b"EHLO balancer.example.com\r\n")
                assert (await asking.reply()).startswith("421 4.7.0 too many sessions")

    asyncio.run(scenario())


def test_a_check_that_goes_as_far_as_tls_takes_no_place_either(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front(smtp=BALANCED) as front:
            host, _, port = front.places["submissions"].rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"PROXY UNKNOWN\r\n")
            await writer.start_tls(front.trust, server_hostname="fax.example.com")
            assert (await reader.readline()).startswith(b"220 ")
            assert front.mail_front.sessions == 0
            writer.write(b"EHLO balancer.example.com\r\n")
            assert (await reader.readline()).startswith(b"250-")
            assert front.mail_front.sessions == 1
            writer.close()

    asyncio.run(scenario())


def test_nobody_else_may_say_who_the_client_is(open_front: Any) -> None:
    async def scenario() -> None:
        async with open_front() as front, front.client() as peer:
            await peer.send(b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 25\r\n")
            assert await peer.rest() == b"421 4.7.0 this address may not send a PROXY header\r\n"

    asyncio.run(scenario())
