"""The PROXY protocol (haproxy, proxy-protocol.txt, versions 1 and 2): a load balancer tells who the client is."""

import asyncio
from ipaddress import IPv4Address, IPv6Address

from aiosmtpd.proxy_protocol import get_proxy

from gateway.smtp.address import address_of
from gateway.smtp.arrivals import Arrivals

SECONDS = 10.0
LONGEST_LINE = 107  # octets, of version 1 (§2.1)


class BadProxyHeader(Exception):
    """A load balancer's connection does not begin with a PROXY header."""


async def read_proxy_header(arrivals: Arrivals) -> IPv4Address | IPv6Address | None:
    """The client's address; None: LOCAL or UNKNOWN, the balancer speaks for itself. Raises BadProxyHeader.

    Not a byte more is read than the header has: behind it TLS may begin.
    """
    try:
        async with asyncio.timeout(SECONDS):
            header = await get_proxy(_Reader(arrivals))
    except asyncio.IncompleteReadError as error:
        if not error.partial:  # a balancer that asks whether we live
            raise ConnectionAbortedError from error
        raise BadProxyHeader("the connection ended within it") from error
    except (TimeoutError, OSError) as error:
        raise BadProxyHeader(str(error) or "it did not come in time") from error
    if not header.valid:
        raise BadProxyHeader(header.error)
    local = header.version == 2 and not header.command  # noqa: PLR2004 - §2.2: with LOCAL, addresses mean nothing
    return (
        address_of(str(header.src_addr))
        if isinstance(header.src_addr, IPv4Address | IPv6Address) and not local
        else None
    )


class _Reader:
    """What has arrived, as aiosmtpd reads it (its AsyncReader)."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def read(self, n: int = -1) -> bytes:
        await self._arrivals.until()
        return self._arrivals.take(n if n >= 0 else None)

    async def readexactly(self, n: int) -> bytes:
        await self._arrivals.until(n)
        data = self._arrivals.take(n)
        if len(data) < n:
            raise asyncio.IncompleteReadError(data, n)
        return data

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        line = b""
        while not line.endswith(separator):
            if len(line) == LONGEST_LINE:
                raise asyncio.LimitOverrunError("a header is shorter", len(line))
            line += await self.readexactly(1)
        return line
