"""The sender's mailbox of the demo: a small SMTP server that keeps what the status mails say."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP


class Mailbox:
    """Takes any mail on a free port of 127.0.0.1; ``next`` waits for one."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[EmailMessage] = asyncio.Queue()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="mailbox.example.com"), "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._arrived.put_nowait(message_from_bytes(envelope.content, policy=policy.default))
        return "250 2.0.0 thank you"

    async def next(self) -> EmailMessage:
        return await self._arrived.get()
