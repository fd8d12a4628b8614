"""A reader is woken when there is enough for it, and the client is held when there is too much."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.smtp.arrivals import Arrivals

WINDOW = 100


class Client(asyncio.ReadTransport):
    def __init__(self) -> None:
        super().__init__()
        self.held = False

    def pause_reading(self) -> None:
        self.held = True

    def resume_reading(self) -> None:
        self.held = False


def run(scenario: Callable[[Arrivals, Client], Awaitable[None]]) -> None:
    async def within() -> None:
        await scenario(Arrivals(asyncio.get_running_loop(), WINDOW), Client())

    asyncio.run(within())


async def is_waiting(reading: "asyncio.Task[None]") -> bool:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return not reading.done()


def test_a_reader_is_woken_once_for_many_pieces() -> None:
    async def scenario(arrivals: Arrivals, client: Client) -> None:
        reading = asyncio.ensure_future(arrivals.until(6))
        for piece in (b"ab", b"cd"):
            arrivals.feed(piece, client)
            assert await is_waiting(reading)
        arrivals.feed(b"ef", client)
        await reading
        assert arrivals.take() == b"abcdef"
        assert arrivals.take() == b""

    run(scenario)


def test_the_mark_wakes_it_before() -> None:
    async def scenario(arrivals: Arrivals, client: Client) -> None:
        reading = asyncio.ensure_future(arrivals.until(1000, mark=b"."))
        arrivals.feed(b"ab", client)
        assert await is_waiting(reading)
        arrivals.feed(b"c.d", client)
        await reading
        await arrivals.until(1000, mark=b".")  # it is still there
        assert arrivals.take() == b"abc.d"

    run(scenario)


def test_the_end_and_whoever_wakes_it_give_it_what_there_is() -> None:
    async def scenario(arrivals: Arrivals, client: Client) -> None:
        for end in (arrivals.wake, arrivals.end):
            reading = asyncio.ensure_future(arrivals.until(1000))
            arrivals.feed(b"ab", client)
            assert await is_waiting(reading)
            end()
            await reading
            assert arrivals.take() == b"ab"
        await arrivals.until(1000)  # nothing more to wait for

    run(scenario)


def test_an_error_is_the_readers_and_nobody_elses() -> None:
    async def scenario(arrivals: Arrivals, client: Client) -> None:
        arrivals.fail(TimeoutError())
        arrivals.feed(b"ab", client)
        await arrivals.until(1)
        reading = asyncio.ensure_future(arrivals.until(1000))
        assert await is_waiting(reading)
        arrivals.fail(TimeoutError())
        with pytest.raises(TimeoutError):
            await reading

    run(scenario)


def test_a_client_that_is_faster_than_its_reader_is_held() -> None:
    async def scenario(arrivals: Arrivals, client: Client) -> None:
        arrivals.feed(b"x" * 2 * WINDOW, client)
        assert not client.held
        arrivals.feed(b"y", client)
        assert client.held
        assert arrivals.take(WINDOW) == b"x" * WINDOW
        assert client.held
        assert arrivals.take() == b"x" * WINDOW + b"y"
        assert not client.held

    run(scenario)
