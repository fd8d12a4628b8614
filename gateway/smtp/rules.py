"""What a listener of the mail front speaks, and its limits."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from ipaddress import IPv4Network, IPv6Network

from gateway.smtp.login import Logins
from gateway.smtp.tls import Certificate


class Protocol(Enum):
    SMTP = "smtp"  # for relays and MFPs
    LMTP = "lmtp"  # RFC 2033, for a mail server nearby
    SUBMISSION = "submission"  # RFC 6409, for mail clients


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    protocol: Protocol
    hostname: str
    max_message_bytes: int
    certificate: Certificate | None  # None: no TLS
    implicit_tls: bool  # from the first byte (RFC 8314 §3)
    logins: Logins | None  # None: no AUTH
    auth_required: bool
    auth_without_tls: bool
    trusted: bool  # a unix socket: its file mode has let the client in
    proxy_networks: tuple[IPv4Network | IPv6Network, ...]  # they must send a PROXY header, nobody else may
    idle: timedelta  # longest wait for the next command (RFC 5321 §4.5.3.2.7)
    mail_time: timedelta  # from one mail's reply to the end of the next: a slow client can't hold a slot for ever
    most_errors: int  # refused commands of one session

    @property
    def timed(self) -> bool:
        """Whether FUTURERELEASE and DELIVERBY are offered: relays and MFPs submit too, a delivering server doesn't."""
        return self.protocol is not Protocol.LMTP
