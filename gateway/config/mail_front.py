"""``[smtp]``, ``[lmtp]``, ``[submission]``, ``[tls]``: who hands mail in, and how."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.config.values import (
    ConfigPath,
    Count,
    Flag,
    Listen,
    ListenAddress,
    ListenOrPath,
    MailDomains,
    Network,
    PositiveDuration,
    Section,
    matching,
    no_longer_than,
)

AuthservId = Annotated[str, matching(re.compile(r"[A-Za-z0-9._:/-]{1,253}"), "write an authserv-id: mx.example.com")]


class Smtp(Section):
    """For relays and MFPs."""

    listen: tuple[Listen, ...] = Field(
        (ListenAddress("127.0.0.1", 8025),),
        description="Where SMTP is spoken.",
        examples=[["127.0.0.1:8025", "[::1]:8025"]],
    )
    domains: MailDomains = Field(
        ("fax.local",),
        description="The domains whose local parts are fax numbers.",
        examples=[["fax.local", "fax.example.com"]],
    )
    relay_networks: tuple[Network, ...] = Field(
        ("127.0.0.0/8", "::1/128"),  # as in a file: validated
        validate_default=True,
        description="Networks that may send without AUTH; anyone else gets 550 5.7.1.",
        examples=[["127.0.0.0/8", "192.0.2.0/24"]],
    )
    proxy_networks: tuple[Network, ...] = Field(
        (),
        description="Load balancers: these must send a PROXY header, and nobody else may.",
        examples=[["192.0.2.10/32"]],
    )
    listen_legacy_tls: tuple[Listen, ...] = Field(
        (),
        description="A listener with STARTTLS for old MFPs that know only TLS 1.0 or 1.1.",
        examples=[["192.0.2.10:2525"]],
    )
    max_message_bytes: Count = Field(
        36_700_160,
        ge=1024,
        le=100 * 1024 * 1024,
        description="Largest mail in bytes, as it is on the wire (base64 adds a third); more is 552 5.3.4.",
        examples=[36_700_160],
    )
    max_sessions: Count = Field(
        200, ge=1, le=10_000, description="Sessions at a time, over all listeners; more get 421.", examples=[200]
    )
    max_sessions_per_address: Count = Field(
        100, ge=1, le=10_000, description="Sessions at a time from one address.", examples=[100]
    )
    max_errors: Count = Field(
        20,
        ge=1,
        le=1000,
        description="Refused commands of one session; then it ends with 421. "
        "Wrong numbers of a client that may send are none.",
        examples=[20],
    )
    idle_timeout: PositiveDuration = Field(
        timedelta(minutes=5),
        description="Longest wait for a client's next bytes (RFC 5321 asks for 5 minutes).",
        examples=["5m"],
    )
    # Files without a row are swept after a day: no mail in hand may come near that.
    mail_timeout: Annotated[PositiveDuration, no_longer_than(timedelta(hours=1))] = Field(
        timedelta(minutes=30),
        description="Longest time from one mail's reply to the end of the next: a slow client can't hold a place. "
        "One hour at most.",
        examples=["30m"],
    )
    parallel_parses: Count = Field(
        2, ge=1, le=64, description="Large mails that stand in memory whole, at a time.", examples=[2]
    )
    auth_without_tls: Flag = Field(
        False, description="Offer AUTH without TLS too, on every listener; for old MFPs alone.", examples=[False]
    )
    sender_check: Literal["off", "reverse-path", "auth-user"] = Field(
        "off",
        description="What the header From must be: anything; the reverse-path; or of a client that has logged in its"
        " user, else the reverse-path. Others get 550 5.7.1 (docs/policy.md).",
        examples=["auth-user"],
    )
    authserv_ids: tuple[AuthservId, ...] = Field(
        (),
        description="The authserv-ids (RFC 8601) of relays whose Authentication-Results say who sends, too; only the"
        " topmost of a mail counts, and only from relay_networks.",
        examples=[["mx.example.com"]],
    )
    verdict_seconds: Count = Field(
        10,
        ge=1,
        le=600,
        description="Longest look at a mail's content before the 250; what is undecided then is judged later.",
        examples=[10],
    )


class Lmtp(Section):
    """For a mail server on the same machine or in the same network."""

    listen: tuple[ListenOrPath, ...] = Field(
        (),
        description="Where LMTP is spoken: host:port follows relay_networks, a unix socket path its file mode (0660).",
        examples=[["/run/fax-gateway/lmtp.sock"]],
    )


class Submission(Section):
    """For mail clients; AUTH is required."""

    listen: tuple[Listen, ...] = Field((), description="With STARTTLS.", examples=[["0.0.0.0:587"]])
    listen_tls: tuple[Listen, ...] = Field((), description="With implicit TLS.", examples=[["0.0.0.0:465"]])


class Tls(Section):
    """The certificate of the mail front."""

    certificate: ConfigPath | None = Field(
        None, description="PEM file with the certificate chain.", examples=["/etc/fax-gateway/tls/fullchain.pem"]
    )
    private_key: ConfigPath | None = Field(
        None, description="PEM file with the private key.", examples=["/etc/fax-gateway/tls/privkey.pem"]
    )
    min_version: Literal["1.2", "1.3"] = Field(
        "1.2", description="Oldest TLS version that is spoken.", examples=["1.2"]
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key belong together: set both or neither")
        return self
