"""One session of the mail front: SMTP (RFC 5321), LMTP (RFC 2033) or submission (RFC 6409), with its mail transactions.

It knows the dialogue and no fax: what a recipient or a mail is worth is intake's verdict.
"""

import asyncio
import re
import time
from collections.abc import Callable

import structlog

from gateway.intake.acceptance import Intake
from gateway.intake.envelope import numbers_of
from gateway.intake.reply import Reply
from gateway.intake.verdict import Verdict
from gateway.smtp.admission import Admission
from gateway.smtp.dialogue import Dialogue
from gateway.smtp.parameters import mail_parameters, rcpt_parameters
from gateway.smtp.paths import BadPath, Path, parse_path
from gateway.smtp.pressure import Pressure
from gateway.smtp.rules import Protocol, SessionRules
from gateway.smtp.transaction import Transaction
from gateway.smtp.transfer import Arrival, receive_chunk, receive_data, too_large
from gateway.spool.forward_path import ForwardPath

log = structlog.get_logger()

_CHUNK = re.compile(r"(\d{1,12})(?:\s+(LAST))?", re.IGNORECASE)  # RFC 3030 §2

NO_MAIL = Reply(503, "5.5.1", "MAIL comes first")
NO_RECIPIENTS = Reply(554, "5.5.1", "no valid recipients")
# RFC 3463 §3.4, X.3.2: the system accepts no network messages; RFC 5321 §4.3.2 lets MAIL answer 451.
PAUSED = Reply(451, "4.3.2", "the gateway is paused by its operator, nothing was accepted; try again later")


class FaxSession(Dialogue):
    def __init__(
        self,
        *,
        intake: Intake,
        rules: SessionRules,
        admission: Admission,
        pressure: Pressure,
        paused: Callable[[], bool],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(intake=intake, rules=rules, admission=admission, loop=loop)
        self._pressure = pressure
        self._paused = paused
        self.commands |= {"MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data, "BDAT": self._bdat}

    async def _mail(self, argument: str) -> None:
        if not self.helo:
            self.refuse(Reply(503, "5.5.1", "say who you are first"))
            return
        if self.transaction is not None:
            self.refuse(Reply(503, "5.5.1", "one mail at a time: RSET ends the one before"))
            return
        try:
            path = parse_path("FROM", argument)
        except BadPath as bad:
            self.refuse(Reply.of(501, "5.1.7", str(bad)))
            return
        parameters = mail_parameters(path.parameters, self.intake.now(), timed=self.rules.timed)
        size = parameters.size or 0
        if size > self.rules.max_message_bytes:
            self.refuse(too_large(self.rules.max_message_bytes))
            return
        refusal = (
            _needs_smtputf8(path, smtputf8=parameters.smtputf8)
            or (PAUSED if self._paused() else None)
            or self._pressure.refusal(size)
        )
        if refusal is not None:
            log.info("sender_refused", client=str(self.client()), sender=path.address, reply=str(refusal))
            self.reply(refusal)
            return
        self.transaction = Transaction(path.address, parameters)
        self.reply(Reply(250, "2.1.0", "sender ok"))

    async def _rcpt(self, argument: str) -> None:
        transaction = self.transaction
        if transaction is None or transaction.arrival is not None:
            self.refuse(NO_MAIL)
            return
        most = self.intake.most_recipients(self.client(), transaction.reverse_path)
        if transaction.recipient_count >= most:
            # RFC 5321 §4.5.3.1.10: the client sends the rest in another transaction.
            self.reply(Reply.of(452, "4.5.3", f"at most {most} recipients in one mail"))
            return
        try:
            path = parse_path("TO", argument)
        except BadPath as bad:
            self.refuse(Reply.of(501, "5.1.3", str(bad)))
            return
        wanted = rcpt_parameters(path.parameters)
        answer = _needs_smtputf8(path, smtputf8=transaction.parameters.smtputf8) or self.intake.recipient(
            self.client(),
            transaction.reverse_path,
            ForwardPath(address=path.address, notify=wanted.notify, orcpt=wanted.orcpt),
        )
        if isinstance(answer, Reply):
            log.info("recipient_refused", client=str(self.client()), recipient=path.address, reply=str(answer))
            # A relay with a long list of old numbers does nothing wrong: its other recipients must not wait for ever.
            say = self.reply if self.intake.may_send(self.client()) else self.refuse
            say(answer)
            return
        wanted_count = transaction.recipient_count + max(len(numbers_of(answer)), 1)
        if wanted_count > most:
            self.reply(Reply.of(452, "4.5.3", f"at most {most} recipients in one mail; this one stands for several"))
            return
        transaction.recipients.append(answer)
        self.reply(Reply(250, "2.1.5", "recipient ok"))

    async def _data(self, argument: str) -> None:
        transaction = self.transaction
        refusal = self._data_refusal(transaction, argument)
        if refusal is not None or transaction is None:
            self.refuse(refusal or NO_MAIL)
            return
        self.reply("354 end the mail with <CR><LF>.<CR><LF>")
        transaction.arrival = Arrival(self.intake.writer(), self.rules.max_message_bytes)
        await receive_data(self, transaction.arrival, self.patience)
        await self._conclude(transaction, transaction.arrival)

    def _data_refusal(self, transaction: Transaction | None, argument: str) -> Reply | None:
        if argument:
            return Reply(501, "5.5.4", "DATA has no parameters")
        if transaction is None:
            return NO_MAIL
        if transaction.arrival is not None or transaction.parameters.body == "BINARYMIME":
            return Reply(503, "5.5.1", "this mail comes by BDAT (RFC 3030)")
        if not transaction.recipients:
            return NO_RECIPIENTS
        return None

    async def _bdat(self, argument: str) -> None:
        """RFC 3030 §2: the octets come at once, wanted or not."""
        match = _CHUNK.fullmatch(argument)
        if match is None:
            self.end(Reply(501, "5.5.4", "write BDAT <octets> [LAST]; where the next command begins is not certain"))
            return
        transaction, size, last = self.transaction, int(match[1]), match[2] is not None
        if transaction is None or not transaction.recipients:
            await receive_chunk(self, None, size, self.patience)
            self.refuse(NO_MAIL if transaction is None else NO_RECIPIENTS)
            return
        if transaction.arrival is None:
            transaction.arrival = Arrival(self.intake.writer(), self.rules.max_message_bytes)
        arrival = transaction.arrival
        await receive_chunk(self, arrival, size, self.patience)
        if last:
            await self._conclude(transaction, arrival)
        elif arrival.refusal is not None:
            self._say_refused(arrival.refusal)
            self.refuse(arrival.refusal)
            await self.reset()
        else:
            self.reply(Reply(250, "2.0.0", f"{size} octets received"))

    def _say_refused(self, reply: Reply) -> None:
        log.info("mail_refused", client=str(self.client()), reply=str(reply))

    async def _conclude(self, transaction: Transaction, arrival: Arrival) -> None:
        """The mail has arrived whole: the verdict, once or per recipient (RFC 2033 §4.2)."""
        self.transaction = None
        self.idle_commands = 0
        per_recipient = self.rules.protocol is Protocol.LMTP
        if arrival.refusal is not None:
            self._say_refused(arrival.refusal)
            verdict = Verdict(arrival.refusal)
        else:
            envelope = transaction.envelope(self.client())
            verdict = await self.intake.accept(envelope, arrival.writer, per_recipient=per_recipient)
        if per_recipient:
            self.reply(*(verdict.of(recipient) for recipient in transaction.recipients))
        else:
            self.reply(verdict.reply)
        self.mail_began = time.monotonic()


def _needs_smtputf8(path: Path, *, smtputf8: bool) -> Reply | None:
    """RFC 6531 §3.5: an address beyond ASCII is announced."""
    if path.address.isascii() or smtputf8:
        return None
    return Reply.of(553, "5.6.7", f"{path.address} is not ASCII; send SMTPUTF8 with MAIL")
