"""The sockets of the mail front."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import structlog

from gateway.config import ListenAddress
from gateway.intake.acceptance import Intake
from gateway.smtp.session import FaxSession, SessionRules

log = structlog.get_logger()


class SmtpListener:
    """Listens on one address; an async context manager, after which nobody is listened to any more."""

    def __init__(self, address: ListenAddress, *, intake: Intake, rules: SessionRules) -> None:
        self._address = address
        self._factory: Callable[[], FaxSession] = lambda: FaxSession(intake, rules, asyncio.get_running_loop())
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._factory, self._address.host, self._address.port)
        log.info("listening", protocol="smtp", address=str(replace(self._address, port=self.port)))
        return self

    @property
    def port(self) -> int:
        """The real one, where port 0 was asked for."""
        if self._server is None:
            raise RuntimeError("not listening yet")
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
