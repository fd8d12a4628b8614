"""HTTPS: a private authority, a client certificate, and a proxy that answers CONNECT in every bad way."""

import asyncio
import ssl
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.fax4a import Accepted, Fax4AClient, Misconfigured, NotArrived, Outcome, PerhapsArrived, TransportFault

ACCEPTED = b'{"jobId": "FJJ66GHGX105ZZBIELVCN1"}'
LARGE = bytes(8_000_000)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def server_tls(authority: trustme.CA, *, wants_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if wants_certificate:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def accept(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await peer.read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(ACCEPTED), ACCEPTED))
    await writer.drain()


async def send(kit: Any, port: int, gate: list[int], data: bytes = b"%PDF-1.7", **settings: Any) -> Outcome:
    async def passed() -> None:
        gate.append(1)

    async with Fax4AClient(kit.account(port, "https"), kit.quick(**settings)) as client:
        return await client.submit(kit.fax(data), before_first_byte=passed)


def test_a_private_authority(kit: Any, authority: trustme.CA, ca_file: Path) -> None:
    async def run() -> None:
        async with kit.serve(accept, server_tls(authority)) as peer:
            gate: list[int] = []
            assert isinstance(await send(kit, peer.port, gate), NotArrived), "not the system's"
            assert gate == []
            assert isinstance(await send(kit, peer.port, gate, ca_file=ca_file), Accepted)
            assert gate == [1]

    asyncio.run(run())


def test_a_client_certificate(kit: Any, authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    issued = authority.issue_cert("gateway.example.com")
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)

    async def run() -> None:
        async with kit.serve(accept, server_tls(authority, wants_certificate=True)) as peer:
            with_it = await send(kit, peer.port, [], ca_file=ca_file, client_certificate=certificate, client_key=key)
            assert isinstance(with_it, Accepted)
            assert not isinstance(await send(kit, peer.port, [], ca_file=ca_file), Accepted)

    asyncio.run(run())


def test_a_file_that_is_no_certificate_is_named(kit: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    attempts: list[dict[str, Any]] = [
        {"ca_file": broken},
        {"ca_file": tmp_path / "absent.pem"},
        {"client_certificate": broken},
    ]
    for settings in attempts:
        with pytest.raises(TransportFault, match=r"(broken|absent)\.pem"):
            asyncio.run(send(kit, 1, [], **settings))


REFUSALS = [
    ("403 Forbidden", NotArrived),
    ("407 Proxy Authentication Required", Misconfigured),
    ("502 Bad Gateway", NotArrived),
    ("504 Gateway Timeout", NotArrived),
]


@pytest.mark.parametrize(("status", "expected"), REFUSALS)
def test_a_proxy_that_refuses(kit: Any, status: str, expected: type[Any]) -> None:
    async def refuse(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer(status))
        await writer.drain()

    async def run() -> None:
        gate: list[int] = []
        async with kit.serve(refuse) as proxy:
            outcome = await send(kit, 9, gate, proxy=f"http://127.0.0.1:{proxy.port}")
            assert isinstance(outcome, expected)
            assert gate == [], "no byte of the request went past the proxy"
            assert proxy.connections == 1

    asyncio.run(run())


def test_a_proxy_that_hangs(kit: Any) -> None:
    async def hang(peer: Any, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        await asyncio.sleep(30)

    async def run() -> None:
        gate: list[int] = []
        async with kit.serve(hang) as proxy:
            outcome = await send(
                kit, 9, gate, proxy=f"http://127.0.0.1:{proxy.port}", connect_timeout=timedelta(seconds=0.3)
            )
            assert isinstance(outcome, NotArrived)
            assert gate == []

    asyncio.run(run())


def tunnel(port: int, cut_after: int | None = None, *, cut_back: bool = False) -> Any:
    """A CONNECT proxy to `port`; cuts the tunnel after so many bytes of the client's, or before the answer."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None) -> None:
        passed = 0
        while data := await reader.read(65536):
            passed += len(data)
            if limit is not None and passed > limit:
                return
            writer.write(data)
            await writer.drain()

    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        there = asyncio.create_task(pump(reader, upstream_writer, cut_after))
        # The handshake's answer passes (TLS 1.3: certificate and tickets, below 8 KB), the one to the request doesn't.
        back = asyncio.create_task(pump(upstream_reader, writer, 8192 if cut_back else None))
        await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        for task in (there, back):
            task.cancel()
        writer.transport.abort()
        upstream_writer.transport.abort()

    return talk


def test_through_a_proxy_with_a_login(kit: Any, authority: trustme.CA, ca_file: Path) -> None:
    async def run() -> None:
        gate: list[int] = []
        async with kit.serve(accept, server_tls(authority)) as peer, kit.serve(tunnel(peer.port)) as proxy:
            outcome = await send(
                kit,
                peer.port,
                gate,
                ca_file=ca_file,
                proxy=f"http://127.0.0.1:{proxy.port}",
                proxy_username="gw",
                proxy_password="proxy-word",
            )
            assert outcome == Accepted("FJJ66GHGX105ZZBIELVCN1")
            assert gate == [1]
            connect, request = proxy.heads[0], peer.heads[0]
        assert connect.startswith(f"CONNECT 127.0.0.1:{peer.port} ")
        assert f"Proxy-Authorization: Basic {b64encode(b'gw:proxy-word').decode()}" in connect
        account = b64encode(b"sandbox:secret-word").decode()
        assert account not in connect, "the account's login is none of the proxy's business"
        assert f"Authorization: Basic {account}" in request
        assert "Proxy-Authorization" not in request

    asyncio.run(run())


def test_a_proxy_that_cuts_mid_body(kit: Any, authority: trustme.CA, ca_file: Path) -> None:
    async def run() -> None:
        gate: list[int] = []
        async with kit.serve(accept, server_tls(authority)) as peer, kit.serve(tunnel(peer.port, 200_000)) as proxy:
            outcome = await send(kit, peer.port, gate, LARGE, ca_file=ca_file, proxy=f"http://127.0.0.1:{proxy.port}")
            assert isinstance(outcome, NotArrived)
            assert gate == [1]
            assert peer.bodies == []

    asyncio.run(run())


def test_a_proxy_that_cuts_the_answer(kit: Any, authority: trustme.CA, ca_file: Path) -> None:
    async def long_answer(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer("200 OK", ACCEPTED, f"X-Filler: {'x' * 8000}"))
        await writer.drain()

    async def run() -> None:
        async with (
            kit.serve(long_answer, server_tls(authority)) as peer,
            kit.serve(tunnel(peer.port, cut_back=True)) as proxy,
        ):
            outcome = await send(kit, peer.port, [], ca_file=ca_file, proxy=f"http://127.0.0.1:{proxy.port}")
            assert isinstance(outcome, PerhapsArrived)
            assert len(peer.bodies) == 1

    asyncio.run(run())


def test_plain_http_through_a_proxy(kit: Any) -> None:
    """The proxy sees the request itself: its own login and the account's, each in its header."""

    async def run() -> None:
        async with kit.serve(accept) as proxy:
            settings = kit.quick(
                proxy=f"http://127.0.0.1:{proxy.port}", proxy_username="gw", proxy_password="proxy-word"
            )
            async with Fax4AClient(kit.account(9), settings) as client:

                async def passed() -> None:
                    pass

                assert isinstance(await client.submit(kit.fax(), before_first_byte=passed), Accepted)
        (head,) = proxy.heads
        assert head.startswith("POST http://127.0.0.1:9/ha/rest/v1/99999/fax ")
        assert f"Proxy-Authorization: Basic {b64encode(b'gw:proxy-word').decode()}" in head

    asyncio.run(run())
