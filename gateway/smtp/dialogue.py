"""The dialogue of a session but for its mails: who may speak, who does, for how long, how it ends (RFC 5321 §3)."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address

import structlog

from gateway.intake.acceptance import Intake
from gateway.intake.envelope import Client
from gateway.intake.reply import Reply
from gateway.smtp.admission import Admission, Draining, TooMany
from gateway.smtp.connection import ClientGone, Connection, Leaving, LineTooLong
from gateway.smtp.extensions import extensions
from gateway.smtp.login import MECHANISMS, Credentials, credentials_of
from gateway.smtp.parameters import BadParameter
from gateway.smtp.proxy_header import BadProxyHeader
from gateway.smtp.rules import Protocol, SessionRules
from gateway.smtp.transaction import Transaction

log = structlog.get_logger()

# RFC 4954 §4: commands that need no login.
WITHOUT_LOGIN = frozenset({"HELO", "EHLO", "LHLO", "STARTTLS", "AUTH", "NOOP", "RSET", "QUIT", "HELP"})
# So many commands without a mail among them, then the session has no purpose.
MOST_IDLE_COMMANDS = 1000

OK = Reply(250, "2.0.0", "ok")
BROKEN = Reply(451, "4.3.0", "the gateway can't do this now, nothing was accepted; try again later")
LEAVING = Reply(421, "4.3.2", "the gateway is being stopped; try again later")
IDLE = Reply(421, "4.4.2", "you have taken too long, nothing was accepted")
# To whom a reply to its mail is due.
SLOW = Reply(451, "4.4.2", "the mail has taken too long to come, nothing was accepted; send it again")


class Dialogue(Connection):
    """``commands`` are what a client may say; a subclass adds those of the mail transaction."""

    def __init__(
        self,
        *,
        intake: Intake,
        rules: SessionRules,
        admission: Admission,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(rules.hostname, loop)
        self.intake = intake
        self.rules = rules
        self._admission = admission
        self._client_address: IPv4Address | IPv6Address | None = None
        self.helo = ""
        self._auth_user: str | None = None
        self.transaction: Transaction | None = None
        self.mail_began = time.monotonic()  # or the reply to the one before was given
        self._errors = 0
        self.idle_commands = 0
        self._leaving = False
        self._ended = False
        self.commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "RSET": self._rset,
            "NOOP": self._noop,
            "QUIT": self._quit,
            "VRFY": self._vrfy,
            "HELP": self._help,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "PROXY": self._proxy,
        }
        if rules.protocol is Protocol.LMTP:
            self.commands["LHLO"] = self._ehlo  # RFC 2033 §4.1: and neither of the others
        else:
            self.commands |= {"HELO": self._helo, "EHLO": self._ehlo}

    # The conversation

    async def _handle_client(self) -> None:
        """From the first byte to the last; aiosmtpd starts it as a task."""
        try:
            await self._admit()
        except (ClientGone, ConnectionError, ssl.SSLError):
            pass  # nothing was accepted: nobody has to be told
        except TimeoutError:
            self.reply(SLOW if self.transaction is not None and self.transaction.arrival is not None else IDLE)
        except Leaving:
            self.reply(LEAVING)
        except asyncio.CancelledError:
            raise  # the connection is lost, or the daemon ends
        except Exception:
            log.exception("session_broken", client=str(self._client_address))
            self.reply(Reply(421, "4.3.0", BROKEN.text))
        finally:
            if self.transaction is not None:
                await self.transaction.discard()
            await self.hang_up()

    async def _admit(self) -> None:
        self._client_address = peer = self.peer
        asks = False  # a balancer of ours speaks for itself: it asks whether we live
        if peer is not None and any(peer in network for network in self.rules.proxy_networks):
            try:
                self._client_address = await self.read_proxy_header()
            except BadProxyHeader as error:
                log.warning("proxy_header_missing", balancer=str(peer), reason=str(error))
                self.reply(Reply(421, "4.7.0", "a PROXY header is expected from this address"))
                return
            asks = self._client_address is None
        try:
            if asks:
                # It has its greeting, takes nobody's place, and is a session only from its first command on.
                await self._greet()
                self.unread(await self.read_piece(self.patience()))
            with self._admission.admitted(self, self._client_address):
                if not asks:
                    await self._greet()
                await self._converse()
        except Draining:
            if self.tls or not self.rules.implicit_tls:  # else nobody would understand it
                self.reply(LEAVING)
        except TooMany as refusal:
            log.warning("session_refused", client=str(self._client_address), reason=str(refusal))
            if self.tls or not self.rules.implicit_tls:  # else nobody would understand it
                self.reply(Reply.of(421, "4.7.0", str(refusal)))

    async def _greet(self) -> None:
        if self.rules.implicit_tls and self.rules.certificate is not None:
            await self.begin_with_tls(self.rules.certificate.context)
        service = "LMTP" if self.rules.protocol is Protocol.LMTP else "ESMTP"
        self.reply(f"220 {self.rules.hostname} fax-gateway {service}")

    async def _converse(self) -> None:
        while not self._ended:
            if self._leaving and self.transaction is None:
                self.end(LEAVING)
                return
            try:
                line = await self.read_line(self.patience())
            except LineTooLong:
                self.refuse(Reply(500, "5.5.2", "the line is too long"))
                continue
            await self._obey(line)

    async def _obey(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        command = word.decode("ascii", "replace").upper()
        # RFC 6531 §3.3: addresses may be UTF-8; what isn't, is refused where it stands.
        argument = rest.decode("utf-8", "surrogateescape").strip()
        obey = self.commands.get(command)
        if obey is None:
            self.refuse(Reply(500, "5.5.2", "this command is not known here"))
            return
        if self.rules.auth_required and self._auth_user is None and command not in WITHOUT_LOGIN:
            self.refuse(Reply(530, "5.7.0", "log in first (AUTH)"))
            return
        self.idle_commands += 1
        if self.idle_commands > MOST_IDLE_COMMANDS:
            self.end(Reply(421, "4.7.0", "too many commands and no mail"))
            return
        try:
            await obey(argument)
        except BadParameter as bad:
            self.refuse(bad.reply)

    def client(self) -> Client:
        """Who speaks, for the envelope; the protocol as RFC 3848 names it."""
        family = "LMTP" if self.rules.protocol is Protocol.LMTP else "ESMTP"
        secured, known = ("S" if self.tls else ""), ("A" if self._auth_user else "")
        return Client(
            address=self._client_address,
            helo=self.helo,
            protocol=family + secured + known,
            auth_user=self._auth_user,
            trusted=self.rules.trusted,
        )

    def patience(self) -> float:
        """Seconds that the client may take for what comes next."""
        left = self.rules.mail_time.total_seconds() - (time.monotonic() - self.mail_began)
        return min(self.rules.idle.total_seconds(), left)

    def refuse(self, reply: Reply) -> None:
        """A reply that counts as an error of the client's."""
        self._errors += 1
        self.reply(reply)
        if self._errors >= self.rules.most_errors:
            log.info("session_ended", client=str(self._client_address), reason="too many errors")
            self.end(Reply(421, "4.7.0", "too many errors"))

    def end(self, reply: Reply) -> None:
        self.reply(reply)
        self._ended = True

    def leave(self) -> None:
        """The daemon stops: a mail in hand is still answered, then the session ends (RFC 5321 §3.8, 421)."""
        self._leaving = True
        if self.transaction is None:
            self.interrupt()

    # Who speaks

    async def _helo(self, name: str) -> None:
        """RFC 5321 §4.1.1.1: one line and no extension; those that are used all the same are known."""
        if await self._greeted(name):
            self.reply(f"250 {self.rules.hostname}")

    async def _ehlo(self, name: str) -> None:
        """EHLO, LHLO."""
        if await self._greeted(name):
            lines = [self.rules.hostname, *self._offers()]
            self.reply(*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}")

    async def _greeted(self, name: str) -> bool:
        if not name:
            self.refuse(Reply(501, "5.5.4", "your host name is missing"))
            return False
        await self.reset()  # §4.1.4
        self.helo = name
        return True

    def _offers(self) -> list[str]:
        starttls = self.rules.certificate is not None and self.tls is None
        return extensions(self.rules, now=self.intake.now(), starttls=starttls, auth=self._may_log_in())

    def _may_log_in(self) -> bool:
        return self.rules.logins is not None and (self.tls is not None or self.rules.auth_without_tls)

    async def _starttls(self, argument: str) -> None:
        """RFC 3207 §4."""
        if self.rules.certificate is None or self.tls is not None:
            self.refuse(Reply(503, "5.5.1", "TLS can't be started here"))
            return
        if argument:
            self.refuse(Reply(501, "5.5.4", "STARTTLS has no parameters"))
            return
        self.reply(Reply(220, "2.0.0", "ready to start TLS"))
        await self.start_tls(self.rules.certificate.context)
        await self.reset()  # §4.2: nothing that was said before counts
        self.helo = ""
        self._auth_user = None

    async def _auth(self, argument: str) -> None:
        """RFC 4954 §4."""
        words = argument.split()
        refusal = self._auth_refusal(words)
        if refusal is not None or self.rules.logins is None:
            self.refuse(refusal or Reply(502, "5.5.1", "there are no logins here"))
            return
        given = await credentials_of(words[0].upper(), words[1] if len(words) > 1 else None, self._challenge)
        if isinstance(given, Credentials):
            reply = await self.rules.logins.check(given, str(self._client_address))
            if reply is None:
                self._auth_user = given.user.casefold()
                log.info("logged_in", client=str(self._client_address), user=self._auth_user)
                self.reply(Reply(235, "2.7.0", "logged in"))
                return
            given = reply
        self.refuse(given)

    def _auth_refusal(self, words: list[str]) -> Reply | None:
        if not words or len(words) > 2:  # noqa: PLR2004 - mechanism and initial response
            return Reply(501, "5.5.4", "write AUTH <mechanism>")
        if not self.helo:
            return Reply(503, "5.5.1", "EHLO comes first")
        if self._auth_user is not None or self.transaction is not None:
            return Reply(503, "5.5.1", "not now: a session has one login, and it stands before MAIL")
        if self.rules.logins is not None and not self._may_log_in():
            return Reply(538, "5.7.11", "a login needs TLS: STARTTLS comes first")
        if words[0].upper() not in MECHANISMS:
            return Reply(504, "5.5.4", f"write AUTH {' or AUTH '.join(MECHANISMS)}")
        return None

    async def _challenge(self, challenge: str) -> str:
        self.reply(f"334 {challenge}")
        try:
            return (await self.read_line(self.patience())).decode("ascii", "replace")
        except LineTooLong:
            return "*"

    async def _proxy(self, _: str) -> None:
        """Only a load balancer of ours may say who the client is."""
        log.warning("proxy_header_refused", client=str(self._client_address))
        self.end(Reply(421, "4.7.0", "this address may not send a PROXY header"))

    async def _noop(self, _: str) -> None:
        self.reply(OK)

    async def _rset(self, argument: str) -> None:
        if argument:
            self.refuse(Reply(501, "5.5.4", "RSET has no parameters"))
            return
        await self.reset()
        self.reply(OK)

    async def reset(self) -> None:
        if self.transaction is not None:
            await self.transaction.discard()
        self.transaction = None

    async def _vrfy(self, _: str) -> None:
        """RFC 5321 §3.5.3: we don't tell, and we would take it."""
        self.reply(Reply(252, "2.1.5", "send the mail, then you will see"))

    async def _help(self, _: str) -> None:
        self.reply("214 2.0.0 faxes go to <number>@<fax domain>; see the documentation of fax-gateway")

    async def _quit(self, _: str) -> None:
        self.end(Reply(221, "2.0.0", "goodbye"))
