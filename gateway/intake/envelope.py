"""The SMTP envelope as intake sees it (RFC 5321 §2.3.1): who sends, from where, to which fax numbers."""

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Self, assert_never

from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Ret


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The host at the other end of the session."""

    address: IPv4Address | IPv6Address | None  # None: a unix socket, or a load balancer that did not say
    helo: str
    protocol: str = "ESMTP"  # RFC 3848, for the Received line
    auth_user: str | None = None
    trusted: bool = False  # it may send whatever its address: the file mode of a unix socket has let it in

    def __str__(self) -> str:
        return str(self.address) if self.address is not None else "local"


@dataclass(frozen=True, slots=True)
class FaxRecipient:
    number: str  # E.164
    path: ForwardPath


@dataclass(frozen=True, slots=True)
class GroupRecipient:
    """A name of the address book that stands for several numbers: each gets the fax, one RCPT has one reply."""

    numbers: tuple[str, ...]  # E.164, each once
    path: ForwardPath


@dataclass(frozen=True, slots=True)
class PostmasterRecipient:
    """RFC 5321 §4.5.1: a mail to `postmaster` is taken, whoever sends it; it is no fax."""

    address: str


Recipient = FaxRecipient | GroupRecipient | PostmasterRecipient


def numbers_of(recipient: Recipient) -> tuple[str, ...]:
    """The numbers that a recipient stands for; the postmaster for none."""
    match recipient:
        case FaxRecipient():
            return (recipient.number,)
        case GroupRecipient():
            return recipient.numbers
        case PostmasterRecipient():
            return ()
        case _:
            assert_never(recipient)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    client: Client
    reverse_path: str  # empty: the null reverse-path
    recipients: tuple[Recipient, ...]  # as RCPT named them
    envid: str | None = None  # RFC 3461 §4.4, xtext
    ret: Ret | None = None  # RFC 3461 §4.3
    release_at: datetime | None = None  # RFC 4865
    ends_by: datetime | None = None  # RFC 2852, by-mode R
    late_by: datetime | None = None  # RFC 2852, by-mode N

    @property
    def sender(self) -> str:
        """Who is held to a quota: the AUTH user, else the reverse-path; neither knows case in practice."""
        return (self.client.auth_user or self.reverse_path).casefold()

    @property
    def faxes(self) -> dict[str, tuple[ForwardPath, ...]]:
        """By number, in the order of RCPT: a number that a mail names twice is faxed once."""
        found: dict[str, tuple[ForwardPath, ...]] = {}
        for recipient in self.recipients:
            if not isinstance(recipient, PostmasterRecipient):
                for number in numbers_of(recipient):
                    found[number] = (*found.get(number, ()), recipient.path)
        return found

    def without_faxes(self) -> Self:
        return replace(self, recipients=tuple(r for r in self.recipients if not numbers_of(r)))

    @property
    def for_postmaster(self) -> bool:
        return any(isinstance(recipient, PostmasterRecipient) for recipient in self.recipients)
