"""The SMTP envelope as intake sees it (RFC 5321 §2.3.1): who sends, from where, to which fax numbers."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The host at the other end of the session."""

    address: IPv4Address | IPv6Address
    helo: str
    auth_user: str | None = None


@dataclass(frozen=True, slots=True)
class FaxRecipient:
    address: str  # the forward-path as it came
    number: str  # E.164


@dataclass(frozen=True, slots=True)
class PostmasterRecipient:
    """RFC 5321 §4.5.1: a mail to `postmaster` is taken, whoever sends it; it is no fax."""

    address: str


Recipient = FaxRecipient | PostmasterRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    client: Client
    reverse_path: str  # empty: the null reverse-path
    recipients: tuple[Recipient, ...]

    @property
    def faxes(self) -> tuple[FaxRecipient, ...]:
        """One entry a number, the first address that named it: a number that a mail names twice is faxed once."""
        first: dict[str, FaxRecipient] = {}
        for recipient in self.recipients:
            if isinstance(recipient, FaxRecipient):
                first.setdefault(recipient.number, recipient)
        return tuple(first.values())

    @property
    def for_postmaster(self) -> bool:
        return any(isinstance(recipient, PostmasterRecipient) for recipient in self.recipients)
