"""A server that breaks at each class of byte position: what the client may conclude."""

import asyncio
import json
import socket
from datetime import timedelta
from typing import Any

import pytest

from gateway.fax4a import (
    Accepted,
    AcceptedEarlier,
    Fax4AClient,
    Misconfigured,
    NotArrived,
    Outcome,
    PerhapsArrived,
    Rejected,
)

ACCEPTED = b'{"jobId": "FJJ66GHGX105ZZBIELVCN1"}'
LARGE = bytes(8_000_000)  # more than the socket buffers of both sides hold


async def opened() -> None:
    """A gate that opens."""


async def send(kit: Any, port: int, data: bytes = b"%PDF-1.7", **limits: Any) -> Outcome:
    async with Fax4AClient(kit.account(port), kit.quick(**limits)) as client:
        return await client.submit(kit.fax(data), before_first_byte=opened)


def outcome_with(kit: Any, talk: Any, data: bytes = b"%PDF-1.7", **limits: Any) -> Outcome:
    async def run() -> Outcome:
        async with kit.serve(talk) as peer:
            return await send(kit, peer.port, data, **limits)

    return asyncio.run(run())


ANSWERS = [
    ("200 OK", ACCEPTED, Accepted("FJJ66GHGX105ZZBIELVCN1")),
    ("201 Created", ACCEPTED, Accepted("FJJ66GHGX105ZZBIELVCN1")),
    ("200 OK", b"<html>", PerhapsArrived),
    ("302 Found", b"", PerhapsArrived),
    ("400 Bad Request", b'{"code": 400, "message": "No number"}', Rejected(400, "No number")),
    ("401 Unauthorized", b'{"code": 401, "message": "Authentication failed"}', Misconfigured),
    ("409 Conflict", b'{"code": 409, "message": "duplicate"}', AcceptedEarlier("duplicate")),
    ("500 Internal Server Error", b"", PerhapsArrived),
    ("503 Service Unavailable", b"", NotArrived),
]


@pytest.mark.parametrize(("status", "body", "expected"), ANSWERS)
def test_an_answer_to_a_whole_request(kit: Any, status: str, body: bytes, expected: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer(status, body, "Location: /elsewhere"))
        await writer.drain()

    async def run() -> None:
        async with kit.serve(talk) as peer:
            outcome = await send(kit, peer.port)
            assert outcome == expected if not isinstance(expected, type) else isinstance(outcome, expected)
            assert peer.connections == 1, "neither repeated nor redirected"
            (head,) = peer.heads
            assert "transfer-encoding" not in head.lower()
            assert json.loads(peer.bodies[0])["documents"][0]["data"] == "JVBERi0xLjc="

    asyncio.run(run())


def test_nobody_listens(kit: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gate: list[int] = []

    async def run() -> Outcome:
        async def passed() -> None:
            gate.append(1)

        async with Fax4AClient(kit.account(port), kit.quick()) as client:
            return await client.submit(kit.fax(), before_first_byte=passed)

    assert isinstance(asyncio.run(run()), NotArrived)
    assert gate == [], "an API that is down never makes doubt"


def test_closed_before_the_headers_are_read(kit: Any) -> None:
    async def talk(_peer: Any, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    assert isinstance(outcome_with(kit, talk, LARGE), NotArrived)


def test_closed_in_the_middle_of_the_body(kit: Any) -> None:
    async def talk(_peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(100_000)
        writer.transport.abort()

    assert isinstance(outcome_with(kit, talk, LARGE), NotArrived)


def test_closed_after_the_body_without_an_answer(kit: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)

    assert isinstance(outcome_with(kit, talk), PerhapsArrived)


@pytest.mark.parametrize("kept", [5, 20, 60])
def test_closed_in_the_middle_of_the_answer(kit: Any, kept: int) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer("200 OK", ACCEPTED)[:kept])
        await writer.drain()

    assert isinstance(outcome_with(kit, talk), PerhapsArrived)


def test_a_cut_off_refusal_is_a_refusal(kit: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer("503 Service Unavailable", b"maint", length=100))
        await writer.drain()

    assert isinstance(outcome_with(kit, talk), NotArrived)


def test_a_server_error_before_the_body_is_there_whole(kit: Any) -> None:
    async def talk(_peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1000)
        writer.write(kit.answer("500 Internal Server Error"))
        await writer.drain()
        await asyncio.sleep(1)

    assert isinstance(outcome_with(kit, talk, LARGE), NotArrived)


def test_an_answer_that_never_comes(kit: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        await asyncio.sleep(30)

    assert isinstance(outcome_with(kit, talk, response_timeout=timedelta(seconds=0.2)), PerhapsArrived)


def test_an_answer_that_drips_ends_at_the_total_deadline(kit: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        for byte in kit.answer("200 OK", ACCEPTED * 20):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)

    outcome = outcome_with(kit, talk, total_timeout=timedelta(seconds=0.5))
    assert isinstance(outcome, PerhapsArrived)
    assert "0:00:00.5" in outcome.reason


def test_an_upload_that_stands_still(kit: Any) -> None:
    async def talk(_peer: Any, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(10)
        await asyncio.sleep(30)

    assert isinstance(outcome_with(kit, talk, LARGE, progress_timeout=timedelta(seconds=0.3)), NotArrived)


def test_a_lost_answer_on_a_reused_connection_is_not_sent_again(kit: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer("200 OK", ACCEPTED))
        await peer.read_request(reader)

    async def run() -> None:
        gate: list[int] = []

        async def passed() -> None:
            gate.append(peer.connections)

        async with kit.serve(talk) as peer, Fax4AClient(kit.account(peer.port), kit.quick()) as client:
            assert isinstance(await client.submit(kit.fax(), before_first_byte=passed), Accepted)
            assert isinstance(await client.submit(kit.fax(), before_first_byte=passed), PerhapsArrived)
            assert gate == [1, 1], "one connection, and the gate once a request"
            assert len(peer.bodies) == 2

    asyncio.run(run())


def test_a_connection_that_was_idle_too_long_is_not_used(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.fax4a.client.LONGEST_IDLE", 0.05)

    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await peer.read_request(reader)
            writer.write(kit.answer("200 OK", ACCEPTED))

    async def run() -> None:
        async with kit.serve(talk) as peer, Fax4AClient(kit.account(peer.port), kit.quick()) as client:
            await client.submit(kit.fax(), before_first_byte=opened)
            await asyncio.sleep(0.1)
            await client.submit(kit.fax(), before_first_byte=opened)
            assert peer.connections == 2

    asyncio.run(run())


@pytest.mark.parametrize("reused", [False, True])
def test_a_gate_that_stays_shut_sends_nothing(kit: Any, reused: bool) -> None:
    received = bytearray()

    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reused:
            await peer.read_request(reader)
            writer.write(kit.answer("200 OK", ACCEPTED))
        received.extend(await reader.read())

    async def shut() -> None:
        raise LookupError("the job was held")

    async def run() -> None:
        async with kit.serve(talk) as peer, Fax4AClient(kit.account(peer.port), kit.quick()) as client:
            if reused:
                await client.submit(kit.fax(), before_first_byte=opened)
            with pytest.raises(LookupError, match="held"):
                await client.submit(kit.fax(), before_first_byte=shut)
            assert peer.connections == 1
            await asyncio.sleep(0.05)  # so that the server sees the end
        assert bytes(received) == b""

    asyncio.run(run())


def test_a_slow_gate_is_under_no_deadline(kit: Any) -> None:
    async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.read_request(reader)
        writer.write(kit.answer("200 OK", ACCEPTED))
        await writer.drain()

    async def slow() -> None:
        await asyncio.sleep(0.5)

    async def run() -> Outcome:
        limits = kit.quick(connect_timeout=timedelta(seconds=0.2), total_timeout=timedelta(seconds=0.4))
        async with kit.serve(talk) as peer, Fax4AClient(kit.account(peer.port), limits) as client:
            return await client.submit(kit.fax(), before_first_byte=slow)

    assert isinstance(asyncio.run(run()), Accepted)


@pytest.mark.parametrize("in_gate", [False, True])
def test_cancelling_closes_the_socket(kit: Any, in_gate: bool) -> None:
    async def run() -> None:
        closed, started = asyncio.Event(), asyncio.Event()

        async def talk(_peer: Any, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            if not in_gate:
                await reader.readexactly(10)
                started.set()
            try:
                while await reader.read(65536):
                    pass
            finally:
                closed.set()

        async def gate() -> None:
            if in_gate:
                started.set()
                await asyncio.sleep(30)

        async with kit.serve(talk) as peer, Fax4AClient(kit.account(peer.port), kit.quick()) as client:
            task = asyncio.create_task(client.submit(kit.fax(LARGE), before_first_byte=gate))
            await asyncio.wait_for(started.wait(), 3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(closed.wait(), 3)

    asyncio.run(run())


def test_requests_at_a_time_are_limited(kit: Any) -> None:
    async def run() -> None:
        together = most = 0

        async def talk(peer: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal together, most
            while True:
                await peer.read_request(reader)
                together += 1
                most = max(most, together)
                await asyncio.sleep(0.02)
                together -= 1
                writer.write(kit.answer("200 OK", ACCEPTED))

        async with kit.serve(talk) as peer, Fax4AClient(kit.account(peer.port), kit.quick(concurrency=2)) as client:
            await asyncio.gather(*(client.submit(kit.fax(), before_first_byte=opened) for _ in range(8)))
        assert most == 2

    asyncio.run(run())
