"""One upload by aiohttp: the gate before its first byte, and whether its last piece left.

Both decide what an answer, or none, means (docs/architecture.md, "Answers to a send").
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import NoReturn

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_writer import StreamWriter
from aiohttp.payload import Payload

from gateway.fax4a.body import body_length, body_parts, pieces
from gateway.fax4a.model import FaxJobRequest
from gateway.fax4a.outcome import Phase


class NotOpened(Exception):
    """The gate stayed shut: nothing may be sent."""


class Upload(Payload):
    """The body of one send, and how far it has come."""

    def __init__(
        self,
        request: FaxJobRequest,
        *,
        before_first_byte: Callable[[], Awaitable[None]],
        deadline: asyncio.Timeout,
        progress_seconds: float,
        total_seconds: float,
    ) -> None:
        parts = body_parts(request)
        super().__init__(parts, content_type="application/json")
        self._parts = parts
        self._size = self._length = body_length(parts)
        self._before_first_byte = before_first_byte
        self._deadline = deadline
        self._progress_seconds = progress_seconds
        self._total_seconds = total_seconds
        self._transport: asyncio.Transport | None = None
        self._gate_passed = False
        self.phase = Phase.CONNECTING
        self.refusal: BaseException | None = None  # why the gate stayed shut

    async def pass_gate(self) -> None:
        """Called when the connection stands. Never raises: a trace that does leaves its connection open and unowned.

        A shut gate is kept in `refusal`, and nothing is written: the headers wait for the first piece of the body.
        """
        if self._gate_passed or self.refusal is not None:
            return
        # A commit takes as long as it takes: no deadline of the network may cut it in two.
        self._deadline.reschedule(None)
        try:
            await self._before_first_byte()
        except BaseException as error:  # noqa: BLE001 - CancelledError too; it is raised again in `submit`
            self.refusal = error
            return
        self._gate_passed = True
        self._deadline.reschedule(asyncio.get_running_loop().time() + self._total_seconds)

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Writes the body; raises whatever breaks, which aiohttp hands on to the waiting `submit`."""
        if not self._gate_passed:
            raise NotOpened
        assert content_length in {None, self._size}
        assert isinstance(writer, StreamWriter)
        self._transport = writer.transport
        self.phase = Phase.SENDING
        written = 0
        async with aclosing(pieces(self._parts)) as body:
            async for piece in body:
                written += len(piece)
                if written == self._length:
                    await self._write_last(writer, piece)
                async with asyncio.timeout(self._progress_seconds):
                    if written < self._length:
                        await writer.write(piece)
                    await writer.drain()
                if written == self._length:
                    # Asking for a piece after the last would take a thread's time, in which the answer may come:
                    # aiohttp doesn't reuse a connection whose answer was there before its body was done.
                    return

    async def _write_last(self, writer: StreamWriter, piece: bytes) -> None:
        """Without draining, a write either hands its piece over or finds the transport closed; it doesn't wait."""
        self.phase = Phase.SENT
        try:
            await writer.write(piece, drain=False)
        except aiohttp.ClientConnectionResetError:
            self.phase = Phase.SENDING
            raise

    def abort(self) -> None:
        """Closes the socket without sending what is still buffered."""
        if self._transport is not None:
            self._transport.abort()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> NoReturn:  # noqa: ARG002 - the base class's signature
        raise TypeError("an upload is never in memory whole")
