"""The smarthost: one connection for all words that are due at the moment (RFC 5321 §3.3)."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Literal, Self

import aiosmtplib

from gateway.spool.outbox import Letter

PERMANENT = 500  # RFC 5321 §4.2.1: 5yz


@dataclass(frozen=True, slots=True, kw_only=True)
class Smarthost:
    """The mail server that takes our words; `tls`: none, starttls, or tls from the first byte."""

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: timedelta = timedelta(seconds=60)


class RefusedForGood(Exception):
    """The smarthost has answered 5yz to RCPT or to the mail itself: the same letter will not be taken later either.

    A 5yz before (greeting, TLS, login, MAIL) is a fault of the smarthost or of our settings, and says nothing of it.
    """


class SmarthostSession:
    """A context; it connects with the first letter, and again after a fault."""

    def __init__(self, smarthost: Smarthost) -> None:
        self._smarthost = smarthost
        self._connection: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.quit()
            except (aiosmtplib.SMTPException, OSError):
                connection.close()  # every letter has its answer

    async def send(self, letter: Letter, message: bytes) -> None:
        """Raises RefusedForGood; aiosmtplib.SMTPException or OSError where it may be taken later."""
        try:
            connection = await self._connected()
            options = _mail_options(letter, message, connection)
            # Not aiosmtplib.send: it refuses the null reverse-path.
            await connection.sendmail(letter.reverse_path, [letter.forward_path], message, mail_options=options)
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refusal.code >= PERMANENT for refusal in error.recipients):
                raise RefusedForGood("; ".join(str(refusal) for refusal in error.recipients)) from error
            raise
        except aiosmtplib.SMTPDataError as error:
            if error.code >= PERMANENT:
                raise RefusedForGood(f"{error.code} {error.message}") from error
            raise
        except BaseException:
            self._drop()
            raise

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._connection is not None and self._connection.is_connected:
            return self._connection
        host = self._smarthost
        connection = aiosmtplib.SMTP(
            hostname=host.host,
            port=host.port,
            use_tls=host.tls == "tls",
            start_tls=host.tls == "starttls",
            username=host.username or None,
            password=host.password or None,
            timeout=host.timeout.total_seconds(),
        )
        self._connection = connection
        await connection.connect()
        return connection

    def _drop(self) -> None:
        """Where the dialogue stands is not certain any more."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _mail_options(letter: Letter, message: bytes, smarthost: aiosmtplib.SMTP) -> list[str]:
    """RFC 6531 §3.4 for an address beyond ASCII, RFC 6152 for a body beyond it."""
    options = []
    if not (letter.forward_path + letter.reverse_path).isascii():
        options.append("SMTPUTF8")
    if not message.isascii() and smarthost.supports_extension("8bitmime"):
        options.append("BODY=8BITMIME")
    return options
