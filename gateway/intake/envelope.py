"""The SMTP envelope as intake sees it (RFC 5321 §2.3.1): who sends, from where, to which fax numbers."""

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Self

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
class PostmasterRecipient:
    """RFC 5321 §4.5.1: a mail to `postmaster` is taken, whoever sends it; it is no fax."""

    address: str


Recipient = FaxRecipient | PostmasterRecipient


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
    def faxes(self) -> dict[str, tuple[ForwardPath, ...]]:
        """By number, in the order of RCPT: a number that a mail names twice is faxed once."""
        found: dict[str, tuple[ForwardPath, ...]] = {}
        for recipient in self.recipients:
            if isinstance(recipient, FaxRecipient):
                found[recipient.number] = (*found.get(recipient.number, ()), recipient.path)
        return found

    def without_faxes(self) -> Self:
        return replace(self, recipients=tuple(r for r in self.recipients if not isinstance(r, FaxRecipient)))

    @property
    def for_postmaster(self) -> bool:
        return any(isinstance(recipient, PostmasterRecipient) for recipient in self.recipients)
