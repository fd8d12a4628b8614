"""One SMTP session (RFC 5321): aiosmtpd reads the commands, intake gives the verdicts.

Only what aiosmtpd leaves open or gets wrong for us is overridden: enhanced status codes on every reply (RFC 2034), and
what a client is told when something of ours breaks.
"""

import asyncio
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as AiosmtpdEnvelope
from aiosmtpd.smtp import Session as AiosmtpdSession

from gateway.intake.acceptance import Intake
from gateway.intake.envelope import Client, Envelope, Recipient
from gateway.intake.reply import Reply
from gateway.smtp.replies import with_enhanced_code

log = structlog.get_logger()

# RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes for the next command.
IDLE_SECONDS = 300
BROKEN = Reply(451, "4.3.0", "the gateway can't take this now, nothing was accepted; try again later")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    hostname: str
    max_message_bytes: int
    most_recipients: int


class FaxSession(SMTP):
    """An SMTP connection. aiosmtpd makes one per client."""

    def __init__(self, intake: Intake, rules: SessionRules, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            Hooks(intake, rules),
            hostname=rules.hostname,
            ident="fax-gateway ESMTP",
            data_size_limit=rules.max_message_bytes,
            enable_SMTPUTF8=True,
            timeout=IDLE_SECONDS,
            auth_require_tls=True,
            loop=loop,
        )
        self._greeting = True

    async def push(self, status: str | bytes) -> None:
        line = status.decode() if isinstance(status, bytes) else status
        await super().push(line if self._greeting else with_enhanced_code(line))

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd finds commands by these names
        await self._greet(super().smtp_HELO, hostname)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        await self._greet(super().smtp_EHLO, hostname)

    async def _greet(self, command: Any, hostname: str) -> None:
        self._greeting = bool(hostname)  # an error in it has a code again
        await command(hostname)
        self._greeting = False

    async def smtp_HELP(self, arg: str) -> None:  # noqa: ARG002, N802 - aiosmtpd's own text lists what we don't offer
        await self.push("214 2.0.0 see the documentation of fax-gateway; faxes go to <number>@<fax domain>")

    async def handle_exception(self, error: Exception) -> str:
        """RFC 5321 §4.2.4.2: whatever breaks here is our fault and passes; the client keeps the mail."""
        peer = self.session.peer if self.session is not None else None
        log.error("session_broken", exc_info=error, client=str(peer))
        return str(BROKEN)


class Hooks:
    """aiosmtpd's handler: each hook turns a command into a question to intake and its answer into a reply."""

    def __init__(self, intake: Intake, rules: SessionRules) -> None:
        self._intake = intake
        self._rules = rules
        self._recipients: list[Recipient] = []

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: AiosmtpdSession, _envelope: AiosmtpdEnvelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # Each extension on a line of its own; the last line has a space after its code (RFC 5321 §4.1.1.1).
        offered = [line for line in responses if not line[4:].startswith(("AUTH", "HELP"))]
        return [*offered, "250 ENHANCEDSTATUSCODES"]

    async def handle_MAIL(  # noqa: N802
        self,
        _server: SMTP,
        _session: AiosmtpdSession,
        envelope: AiosmtpdEnvelope,
        address: str,
        mail_options: list[str],
    ) -> str:
        envelope.mail_from = address  # aiosmtpd wants it truthy: the null reverse-path stands there as <>
        envelope.mail_options.extend(mail_options)
        self._recipients = []
        return "250 2.1.0 sender ok"

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        session: AiosmtpdSession,
        envelope: AiosmtpdEnvelope,
        address: str,
        _options: list[str],
    ) -> str:
        if len(self._recipients) >= self._rules.most_recipients:
            # RFC 5321 §4.5.3.1.10: the client sends the rest in another transaction.
            return f"452 4.5.3 at most {self._rules.most_recipients} recipients in one mail"
        answer = self._intake.recipient(_client(session), _reverse_path(envelope), address)
        if isinstance(answer, Reply):
            log.info("recipient_refused", client=str(_client(session).address), recipient=address, reply=str(answer))
            return str(answer)
        self._recipients.append(answer)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, session: AiosmtpdSession, envelope: AiosmtpdEnvelope
    ) -> str:
        recipients = tuple(self._recipients)
        self._recipients = []
        raw = envelope.content
        if not isinstance(raw, bytes):
            raise TypeError("aiosmtpd gave decoded text; decode_data must be off")
        taken = Envelope(client=_client(session), reverse_path=_reverse_path(envelope), recipients=recipients)
        return str(await self._intake.accept(taken, raw))


def _client(session: AiosmtpdSession) -> Client:
    return Client(address=_address(session.peer), helo=session.host_name or "")


def _address(peer: Any) -> IPv4Address | IPv6Address:
    address = ip_address(str(peer[0]).partition("%")[0])  # fe80::1%eth0
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _reverse_path(envelope: AiosmtpdEnvelope) -> str:
    path = str(envelope.mail_from or "")
    return "" if path == "<>" else path
