"""One mail transaction (RFC 5321 §3.3): from MAIL to the reply that ends it."""

from dataclasses import dataclass, field

from gateway.intake.envelope import Client, Envelope, Recipient, numbers_of
from gateway.smtp.parameters import MailParameters
from gateway.smtp.transfer import Arrival


@dataclass(slots=True)
class Transaction:
    reverse_path: str  # empty: <>
    parameters: MailParameters
    recipients: list[Recipient] = field(default_factory=list)  # those that were accepted
    arrival: Arrival | None = None  # from the first BDAT on

    @property
    def recipient_count(self) -> int:
        """A group counts as many as it has numbers."""
        return sum(max(len(numbers_of(recipient)), 1) for recipient in self.recipients)

    def envelope(self, client: Client) -> Envelope:
        wanted, deliver_by = self.parameters, self.parameters.deliver_by
        return Envelope(
            client=client,
            reverse_path=self.reverse_path,
            recipients=tuple(self.recipients),
            envid=wanted.envid,
            ret=wanted.ret,
            release_at=wanted.release_at,
            ends_by=deliver_by.moment if deliver_by is not None and deliver_by.returns else None,
            late_by=deliver_by.moment if deliver_by is not None and not deliver_by.returns else None,
        )

    async def discard(self) -> None:
        if self.arrival is not None:
            await self.arrival.writer.discard()
