"""The sections around the fax service: delivery, reports, storage, operation."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from gateway.config.values import (
    ConfigPath,
    Duration,
    Flag,
    Listen,
    ListenAddress,
    Mailbox,
    Network,
    Peer,
    PositiveDuration,
    Section,
    StatePath,
    parse_duration,
)

Language = Literal["en", "de"]


def _report_to(text: str) -> str:
    if text not in ("sender", "from", "reply-to") and ("@" not in text or any(c.isspace() or c in "<>," for c in text)):
        raise ValueError('write "sender", "from", "reply-to" or a mail address')
    return text


def _database(url: str) -> str:
    """RFC 3986; sqlite:///relative, sqlite:////absolute."""
    if re.fullmatch(r"sqlite:///[^?#:]+|postgresql://[^/]*/.+", url) is None:
        raise ValueError('write "sqlite:///spool.db" or "postgresql://user@host/database"')
    return url


def _public_url(url: str) -> str:
    if url and re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url) is None:
        raise ValueError('write a URL without login and query: "https://fax.example.com"')
    return url


def _header_name(name: str) -> str:
    """RFC 9110 §5.1."""
    if name and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) is None:
        raise ValueError('write the name of a header: "X-Forwarded-User"')
    if name.casefold() in {"x-fax-gateway-secret", "cookie", "host"}:
        raise ValueError("this header has another meaning here")
    return name


ReportTo = Annotated[str, AfterValidator(_report_to)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]


class Delivery(Section):
    """When jobs go out, and when they are given up."""

    paused: Flag = Field(False, description="Take mail, but send nothing.", examples=[False])
    warn_after: Duration = Field(
        parse_duration("1h"), description="When the sender is told that a fax waits.", examples=["1h"]
    )
    expire_after: PositiveDuration = Field(
        parse_duration("24h"), description="When a fax that could not be submitted is given up.", examples=["24h"]
    )


class Report(Section):
    """The status that returns to the sender (docs/reports.md)."""

    by: Literal["retarus", "gateway"] = Field(
        "retarus", description="The service's ReportMail, or mails of our own.", examples=["retarus"]
    )
    to: ReportTo = Field(
        "sender", description="The reverse-path, header From, header Reply-To, or an address.", examples=["sender"]
    )
    on: Literal["always", "failure", "never"] = Field(
        "always", description="Which results are told.", examples=["always"]
    )
    language: Language = Field("en", description="Language of covers and of our own mails.", examples=["de"])
    image: Literal["never", "success", "failure", "always"] = Field(
        "never", description="When the ReportMail has the fax attached.", examples=["never"]
    )
    image_format: Literal["tiff", "pdf", "pdf_with_ocr"] = Field("tiff", description="As what.", examples=["pdf"])


class Notify(Section):
    """How mails of ours leave."""

    smarthost: Peer = Field(
        ListenAddress("127.0.0.1", 25), description="The mail server that takes them.", examples=["127.0.0.1:25"]
    )
    smarthost_tls: Literal["none", "starttls", "tls"] = Field(
        "none", description="No TLS, STARTTLS, or TLS from the first byte.", examples=["starttls"]
    )
    smarthost_username: str = Field("", description="Login there; empty: none.", examples=["fax-gateway"])
    smarthost_password: SecretStr = Field(SecretStr(""), description="Its password.", examples=["secret"])
    sender: Mailbox = Field(
        "postmaster@fax.example.com", description="Header From of our mails.", examples=["postmaster@fax.example.com"]
    )
    postmaster: Mailbox = Field(
        "root@localhost", description="Where mail to postmaster goes (RFC 5321 §4.5.1).", examples=["it@example.com"]
    )


class Database(Section):
    """The spool."""

    url: Annotated[str, AfterValidator(_database)] = Field(
        "sqlite:///spool.db",
        repr=False,  # may hold a password
        description=(
            "The database; a relative path is below $STATE_DIRECTORY (for commands of a packaged one: "
            "/var/lib/fax-gateway), else beside the configuration file. Several daemons may share one of PostgreSQL."
        ),
        examples=["sqlite:///spool.db", "postgresql://fax@db.example.com/fax"],
    )
    content: Literal["auto", "files", "database"] = Field(
        "auto",
        description="Where content above 256 KB stands; auto: in files on SQLite, in the database on PostgreSQL.",
        examples=["auto"],
    )
    content_dir: StatePath | None = Field(
        None,
        description="The directory of those files, else content/ beside the database; a relative path as with url.",
        examples=["/srv/fax/content"],
    )


class Web(Section):
    """The dashboard."""

    listen: Listen = Field(
        ListenAddress("127.0.0.1", 8080), description="Where it is served.", examples=["127.0.0.1:8080"]
    )
    public_url: PublicUrl = Field("", description="Its URL behind a proxy.", examples=["https://fax.example.com"])
    trusted_proxies: tuple[Network, ...] = Field(
        (), description="Only these may send X-Forwarded-* and user_header.", examples=[["192.0.2.10/32"]]
    )
    user_header: Annotated[str, AfterValidator(_header_name)] = Field(
        "",
        description="Single sign-on: the header in which an authenticating proxy names the user; empty: none.",
        examples=["X-Forwarded-User"],
    )
    proxy_secret: SecretStr = Field(
        SecretStr(""),
        description="What that proxy sends in the header X-Fax-Gateway-Secret, so that nobody else can name a user.",
        examples=["a long random text"],
    )

    @model_validator(mode="after")
    def _a_proxy_proves_itself(self) -> Self:
        if self.user_header and not self.proxy_secret.get_secret_value():
            raise ValueError("user_header needs proxy_secret: without it anybody behind the proxy's address is anybody")
        if self.user_header and not self.trusted_proxies:
            raise ValueError("user_header needs trusted_proxies: the networks of the proxy that sends it")
        return self


class Metrics(Section):
    """/metrics, /healthz and /readyz, without login."""

    listen: Listen = Field(
        ListenAddress("127.0.0.1", 9108), description="Where they are served.", examples=["127.0.0.1:9108"]
    )


class Control(Section):
    """The socket for the command line."""

    socket: ConfigPath | None = Field(
        None,
        description="Its path, else control.sock in $RUNTIME_DIRECTORY or beside the configuration file.",
        examples=["/run/fax-gateway/control.sock"],
    )


class Retention(Section):
    """What is kept for how long, after a job has ended and its sender has been told."""

    content: PositiveDuration = Field(
        timedelta(days=7), description="The bytes of mails and documents.", examples=["7d"]
    )
    rows: PositiveDuration = Field(
        timedelta(days=90),
        description="What `fax-gateway jobs` shows: numbers, addresses, subjects, outcomes.",
        examples=["90d"],
    )
    audit: PositiveDuration = Field(
        timedelta(days=365),
        description="The audit log: who looked at what and did what. Counts from the deed.",
        examples=["365d"],
    )

    @model_validator(mode="after")
    def _rows_outlive_content(self) -> Self:
        if self.rows < self.content:
            raise ValueError("rows are kept at least as long as the content that they tell of")
        return self


class Log(Section):
    """One line per event, on standard error."""

    format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: JSON unless it is a terminal.", examples=["json"]
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level shown.", examples=["info"]
    )
    mask: bool = Field(
        True,
        description="Numbers and addresses of people are shortened in every line (`+4989123***`, `j***@example.com`); "
        "ids stay whole.",
        examples=[False],
    )
