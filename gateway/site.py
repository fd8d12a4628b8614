"""Where an HTTP server of ours listens: at an address of the configuration, or at a socket that systemd holds."""

import socket
from dataclasses import replace

import structlog
from aiohttp import web

from gateway.config import ListenAddress

log = structlog.get_logger()


class Site:
    """Closed at first. As a text it is the address, with the real port where 0 was asked for."""

    def __init__(self, address: ListenAddress, inherited: socket.socket | None = None) -> None:
        self._address = address
        self._inherited = inherited
        self._runner: web.AppRunner | web.ServerRunner | None = None
        self.port: int | None = None

    async def open(self, runner: web.AppRunner | web.ServerRunner) -> None:
        """Raises OSError where the address can't be had; then nothing is left open."""
        await runner.setup()
        try:
            await self._listening(runner).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = int(runner.addresses[0][1])

    async def open_or_do_without(self, runner: web.AppRunner | web.ServerRunner, name: str, *, key: str) -> None:
        """As ``open``; where the address can't be had the log says so, and that is all: mail goes first.

        `name` begins the events; `key` is that of the configuration.
        """
        listening, not_listening = f"{name}_listening", f"{name}_not_listening"
        try:
            await self.open(runner)
        except OSError as error:
            log.error(not_listening, address=str(self), error=str(error), hint=key)  # noqa: TRY400 - its text says all
        else:
            log.info(listening, address=str(self))

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def __str__(self) -> str:
        return str(self._address if self.port is None else replace(self._address, port=self.port))

    def _listening(self, runner: web.AppRunner | web.ServerRunner) -> web.BaseSite:
        if self._inherited is not None:
            return web.SockSite(runner, self._inherited)
        return web.TCPSite(runner, self._address.host, self._address.port)
