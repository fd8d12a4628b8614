"""What the session relies on in aiosmtpd, asyncio and their private names: a new release that drops one fails here."""

import asyncio
import inspect
from asyncio.sslproto import SSLProtocol
from importlib.metadata import version

from aiosmtpd.smtp import SMTP

from gateway.smtp.connection import Connection


def test_the_release_is_the_one_that_was_read() -> None:
    assert version("aiosmtpd") == "1.4.6"


def test_the_names_that_are_overridden_or_used_are_there() -> None:
    for name in (
        "_handle_client",
        "_timeout_cb",
        "_reset_timeout",
        "connection_made",
        "connection_lost",
        "eof_received",
    ):
        assert callable(getattr(SMTP, name))
    source = inspect.getsource(SMTP)
    for name in ("self._handler_coroutine", "self._timeout_handle", "self._reader", "self._writer", "self.transport"):
        assert name in source


def test_the_transport_of_asyncio_streams_stands_where_tls_puts_it() -> None:
    async def scenario() -> None:
        reader = asyncio.StreamReader()
        assert isinstance(reader._buffer, bytearray)  # type: ignore[attr-defined]
        assert hasattr(reader, "_transport")
        connection = Connection("fax.example.com", asyncio.get_running_loop())
        assert hasattr(connection, "_over_ssl")

    asyncio.run(scenario())
    wanted = {"server_side", "call_connection_made", "ssl_handshake_timeout"}
    assert wanted <= set(inspect.signature(SSLProtocol.__init__).parameters)
    assert hasattr(SSLProtocol, "_get_app_transport")
