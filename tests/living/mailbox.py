"""A mail server that takes what the sandbox and the daemon send to senders and to the postmaster."""

import time
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller

from tests.living.process import PATIENCE, free_port


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 thank you"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def wait_for(self, forward_path: str, text: str = "") -> bytes:
        """The first mail to `forward_path` that holds `text`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for _, forward_paths, content in list(self.mails):
                if forward_path in forward_paths and text.encode() in content:
                    return content
            time.sleep(0.02)
        pytest.fail(f"no mail to {forward_path} with {text!r}; there are {self.mails}")
