"""The bytes of one session: lines and pieces in, replies out, TLS, patience.

aiosmtpd owns the connection's life (RFC 5321 on asyncio); its reading of commands and of DATA, a readuntil per line, is
replaced: at 256 KB a piece a mail arrives ten times as fast. tests/smtp/test_aiosmtpd.py holds what is relied upon.
"""

import asyncio
import ssl
from asyncio.sslproto import SSLProtocol
from ipaddress import IPv4Address, IPv6Address
from math import inf
from typing import cast

import structlog
from aiosmtpd.smtp import SMTP

from gateway.intake.reply import Reply
from gateway.smtp.address import address_of
from gateway.smtp.arrivals import Arrivals
from gateway.smtp.proxy_header import read_proxy_header

log = structlog.get_logger()

# RFC 4954 §4 asks for 12,288 octets with AUTH; RFC 5321 §4.5.3.1.4 for 512 else.
LONGEST_LINE = 12_288
PIECE = 256 * 1024  # read at once, at most
WORTH_WAKING = 64 * 1024  # less of a mail's text is left to grow while it comes
HANDSHAKE_SECONDS = 30
WRITE_SECONDS = 60
# How long a client that is told 421 may take to read it.
FAREWELL_SECONDS = 5.0


class LineTooLong(Exception):
    """The line was read to its end and thrown away."""


class ClientGone(Exception):
    """No more will come: the client has closed, or broken off."""


class Leaving(Exception):
    """The daemon stops while the client has nothing under way."""


class _NoHandler:
    """Aiosmtpd's hooks: none."""

    def __dir__(self) -> list[str]:
        return []


class Connection(SMTP):
    """`_handle_client` is the session's conversation; a subclass writes it."""

    def __init__(self, hostname: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(_NoHandler(), hostname=hostname, ident="ESMTP", loop=loop, enable_SMTPUTF8=True)
        self._arrivals = Arrivals(loop, PIECE)
        self._pending = b""
        self._unsent: list[bytes] = []
        self._deadline = 0.0  # of who waits for bytes
        self._rings_at = inf  # when the timer looks at it
        self._over_tls: ssl.SSLObject | None = None

    def __dir__(self) -> list[str]:
        """What aiosmtpd searches for its commands, for 130 us a connection; a session here has a table of its own."""
        return []

    @property
    def tls(self) -> ssl.SSLObject | None:
        return self._over_tls

    @property
    def peer(self) -> IPv4Address | IPv6Address | None:
        """The other end of the socket; None for a unix socket."""
        peer = self._writer.get_extra_info("peername")
        return address_of(peer[0]) if isinstance(peer, tuple) else None

    def data_received(self, data: bytes) -> None:
        self._arrivals.feed(data, cast("asyncio.ReadTransport", self.transport))

    def eof_received(self) -> bool:
        """RFC 9293 §3.6: a client that has said all may still read; aiosmtpd would break off a commit."""
        self._arrivals.end()
        return self._over_tls is None

    async def read_line(self, patience: float) -> bytes:
        """The next line without its end; raises LineTooLong, ClientGone, and TimeoutError after `patience` seconds."""
        searched = 0
        while (end := self._pending.find(b"\n", searched)) < 0:
            if len(self._pending) > LONGEST_LINE:
                await self._skip_line(patience)
                raise LineTooLong
            searched = len(self._pending)
            self._pending += await self._arriving(patience)
        line, self._pending = self._pending[:end], self._pending[end + 1 :]
        if end > LONGEST_LINE:
            raise LineTooLong
        return line.removesuffix(b"\r")

    async def _skip_line(self, patience: float) -> None:
        while (end := self._pending.find(b"\n")) < 0:
            self._pending = await self._arriving(patience)
        self._pending = self._pending[end + 1 :]

    async def read_piece(
        self, patience: float, most: int = PIECE, *, least: int = 1, mark: bytes | None = None
    ) -> bytes:
        """What there is, at least one byte, `most` at most; raises ClientGone and TimeoutError.

        Waits while it is less than `least` bytes without a `mark`, and more may come in time.
        """
        if not self._pending:
            self._pending = await self._arriving(patience, least, mark)
        piece, self._pending = self._pending[:most], self._pending[most:]
        return piece

    def unread(self, data: bytes) -> None:
        """Gives back what stands behind the end of a mail: the next commands (RFC 2920 §3.1)."""
        self._pending = data + self._pending

    async def _arriving(self, patience: float, least: int = 1, mark: bytes | None = None) -> bytes:
        await self.flush()  # RFC 2920 §3.2: replies go out together, when there is nothing more to read
        if patience <= 0:
            raise TimeoutError
        self._reset_timeout(patience)
        await self._arrivals.until(least, mark)
        data = self._arrivals.take()
        if not data:
            raise ClientGone
        return data

    def _reset_timeout(self, duration: float | None = None) -> None:
        """From now on. A timer that rings before is left to ring: a new one for each line costs more than the line."""
        self._deadline = self.loop.time() + (duration or self._timeout_duration)
        if self._deadline < self._rings_at:
            if self._timeout_handle is not None:
                self._timeout_handle.cancel()
            self._ring_at_deadline()

    def _ring_at_deadline(self) -> None:
        self._rings_at = self._deadline
        self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def _timeout_cb(self) -> None:
        """Who has waited for bytes until now gets what there is, or a TimeoutError."""
        self._rings_at = inf
        if not self._arrivals.is_awaited:
            return
        if self.loop.time() < self._deadline:
            self._ring_at_deadline()
        elif self._arrivals:
            self._arrivals.wake()
        else:
            self._arrivals.fail(TimeoutError())

    def interrupt(self) -> None:
        """Who waits for bytes gets Leaving instead."""
        self._arrivals.fail(Leaving())

    def reply(self, *replies: Reply | str) -> None:
        """Queues replies; a string is a line of its own making (the greeting, EHLO's)."""
        self._unsent += [f"{reply}\r\n".encode() for reply in replies]

    async def flush(self) -> None:
        if self._unsent:
            data, self._unsent = b"".join(self._unsent), []
            self._writer.write(data)
            if self._writer.transport.get_write_buffer_size():  # the client reads slowly
                async with asyncio.timeout(WRITE_SECONDS):
                    await self._writer.drain()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """RFC 3207 §4, once 220 is on its way; raises ssl.SSLError, ConnectionError or TimeoutError."""
        await self.flush()
        # §5: what came in clear text may not be taken for what comes under TLS.
        self._take_arrived()
        await self._secure(context, b"")

    async def begin_with_tls(self, context: ssl.SSLContext) -> None:
        """RFC 8314 §3: what has arrived already belongs to the handshake; raises as ``start_tls``."""
        await self._secure(context, self._take_arrived())

    def _take_arrived(self) -> bytes:
        arrived, self._pending = self._pending + self._arrivals.take(), b""
        return arrived

    async def _secure(self, context: ssl.SSLContext, arrived: bytes) -> None:
        """Puts TLS between the transport and this protocol, as ``loop.start_tls`` does, which can't be given bytes."""
        shaken = self.loop.create_future()
        layer = SSLProtocol(
            self.loop,
            self,
            context,
            shaken,
            server_side=True,
            call_connection_made=False,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
        )
        transport = cast("asyncio.Transport", self.transport)
        transport.set_protocol(layer)
        layer.connection_made(transport)
        if arrived:
            layer.get_buffer(len(arrived))[: len(arrived)] = arrived
            layer.buffer_updated(len(arrived))
        await shaken
        # Where asyncio's streams keep their transport.
        secured = layer._get_app_transport()  # type: ignore[attr-defined] # noqa: SLF001
        self.transport = self._writer._transport = self._reader._transport = secured  # type: ignore[attr-defined] # noqa: SLF001
        self._over_ssl = True
        self._over_tls = secured.get_extra_info("ssl_object")

    async def read_proxy_header(self) -> IPv4Address | IPv6Address | None:
        """Who the client is, before anything else is read; raises BadProxyHeader."""
        return await read_proxy_header(self._arrivals)

    async def hang_up(self) -> None:
        """Closes once the last reply is out, or when the client takes too long to read it."""
        transport = cast("asyncio.Transport | None", self.transport)
        if transport is None:
            return
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.flush()
                transport.close()
                if self._has_to_wait(transport):
                    await self._writer.wait_closed()
        except (OSError, TimeoutError, ssl.SSLError):
            transport.abort()

    def _has_to_wait(self, transport: asyncio.Transport) -> bool:
        """Whether the kernel hasn't got all yet; TLS says goodbye (RFC 8446 §6.1)."""
        return self._over_tls is not None or transport.get_write_buffer_size() > 0
