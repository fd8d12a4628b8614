"""The sockets of the mail front."""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from gateway.config import ListenAddress
from gateway.smtp.rules import Protocol
from gateway.smtp.session import FaxSession
from gateway.systemd.inherited import shown_address

log = structlog.get_logger()

# A unix socket is its owner's and its group's: who may write to it may send (docs/configuration.md, [lmtp]).
SOCKET_MODE = 0o660
BACKLOG = 512


class Listener:
    """Listens on one address; an async context manager, after which nobody is listened to any more.

    `inherited` is a socket that somebody else holds too: it is listened on in place of one of our own, and outlives us.
    """

    def __init__(
        self,
        address: ListenAddress | Path,
        protocol: Protocol,
        make_session: Callable[[], FaxSession],
        inherited: socket.socket | None = None,
    ) -> None:
        self._address = address
        self._inherited = inherited
        self._inherited_as = shown_address(inherited) if inherited is not None else ""
        self._protocol = protocol
        self._make_session = make_session
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if self._inherited is not None:
            self._server = await self._listen_on_inherited(loop, self._inherited)
        elif isinstance(self._address, Path):
            self._server = await self._listen_on_path(loop, self._address)
        else:
            host, port = self._address.host, self._address.port
            self._server = await loop.create_server(self._make_session, host, port, backlog=BACKLOG)
        inherited = self._inherited is not None
        log.info("listening", protocol=self._protocol.value, address=self.shown, inherited=inherited)
        return self

    async def _listen_on_inherited(self, loop: asyncio.AbstractEventLoop, ours: socket.socket) -> asyncio.Server:
        if ours.family == socket.AF_UNIX:
            return await loop.create_unix_server(self._make_session, sock=ours, backlog=BACKLOG)
        return await loop.create_server(self._make_session, sock=ours, backlog=BACKLOG)

    async def _listen_on_path(self, loop: asyncio.AbstractEventLoop, path: Path) -> asyncio.Server:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_socket():
            path.unlink()  # of a daemon that was killed; a second one is kept out by the spool's lock
        before = os.umask(0o777 & ~SOCKET_MODE)
        try:
            return await loop.create_unix_server(self._make_session, str(path), backlog=BACKLOG)
        finally:
            os.umask(before)

    @property
    def shown(self) -> str:
        """As in the configuration, with the real port where 0 was asked for."""
        if self._inherited is not None:
            return self._inherited_as
        if isinstance(self._address, Path) or self._server is None:
            return str(self._address)
        return str(replace(self._address, port=int(self._server.sockets[0].getsockname()[1])))

    def hand_over(self) -> None:
        """Of an inherited socket: whoever connects from now on waits for the next daemon. Others still listen."""
        if self._inherited is not None and self._server is not None:
            self._server.close()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        if isinstance(self._address, Path) and self._inherited is None:
            with suppress(OSError):
                self._address.unlink()
