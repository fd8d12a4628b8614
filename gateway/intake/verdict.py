"""What the end of a mail is answered: once for all of its recipients (SMTP), or for each of them (LMTP)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.intake.envelope import Recipient, numbers_of
from gateway.intake.reply import Reply


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reply` is positive only when every recipient's copy is on disk."""

    reply: Reply
    job_of: Mapping[str, str] = field(default_factory=dict)  # by number
    letter: str | None = None  # the outbox row of the postmaster's copy
    faxes_refused: Reply | None = None  # where only the postmaster's copy was taken (LMTP)

    def of(self, recipient: Recipient) -> Reply:
        """RFC 2033 §4.2: the reply for one recipient; a positive one names the job or jobs that have it."""
        numbers = numbers_of(recipient)
        if self.faxes_refused is not None and numbers:
            return self.faxes_refused
        if not self.reply.positive:
            return self.reply
        held_as = dict.fromkeys(self.job_of[number] for number in numbers) or (self.letter,)
        return Reply.of(250, "2.0.0", f"queued as {', '.join(map(str, held_as))}")
