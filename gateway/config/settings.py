"""Every section of the configuration, in the order of docs/configuration.md, which is made from these descriptions."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Self

from pydantic import Field, PrivateAttr, model_validator

from gateway.config.aliases import Aliases
from gateway.config.fax import Cover, Directives, Documents, Limits
from gateway.config.mail_front import Lmtp, Smtp, Submission, Tls
from gateway.config.numbers import Numbers
from gateway.config.profile import Profile
from gateway.config.push import Push
from gateway.config.quotas import Quotas
from gateway.config.retarus import Retarus
from gateway.config.sections import (
    Control,
    Database,
    Delivery,
    Log,
    Metrics,
    Notify,
    Report,
    Retention,
    Web,
)
from gateway.config.times import Times
from gateway.config.values import Hostname, ListenAddress, Section


class Settings(Section):
    hostname: Hostname = Field(
        "localhost",
        description="Name of this gateway in the SMTP greeting, in Message-IDs and in DSNs.",
        examples=["fax.example.com"],
    )
    aliases: Aliases = Field(
        {},
        description="Names that stand for numbers, as a table of its own: labor@fax.local is faxed to them. A list is a"
        " group: each of its numbers gets the fax.",
        examples=[{"labor": "+4989123456", "wards": ["+4989123457", "labor"]}],
    )
    smtp: Smtp = Smtp()
    lmtp: Lmtp = Lmtp()
    submission: Submission = Submission()
    tls: Tls = Tls()
    limits: Limits = Limits()
    numbers: Numbers = Numbers()
    quotas: Quotas = Quotas()
    times: Times = Times()
    cover: Cover = Cover()
    documents: Documents = Documents()
    directives: Directives = Directives()
    retarus: Retarus = Retarus()
    delivery: Delivery = Delivery()
    report: Report = Report()
    notify: Notify = Notify()
    database: Database = Database()
    web: Web = Web()
    metrics: Metrics = Metrics()
    push: Push = Push()
    control: Control = Control()
    retention: Retention = Retention()
    log: Log = Log()
    profile: tuple[Profile, ...] = Field(
        (),
        description="Who is treated how; the first profile that matches counts.",
        examples=[[{"match": "*@sales.example.com", "csid": "+49 89 1234560"}]],
    )

    _origins: Mapping[tuple[str, ...], str] = PrivateAttr(default_factory=dict)

    @property
    def origins(self) -> Mapping[tuple[str, ...], str]:
        """Which source has the last word about a key, where any says something; no values."""
        return self._origins

    def remember(self, origins: Mapping[tuple[str, ...], str]) -> None:
        """Where the settings were read from; who reads them says so once."""
        self._origins = origins

    @model_validator(mode="after")
    def _addresses_are_distinct(self) -> Self:
        conflicts = [
            f"{key} and {other} both have {address}"
            if address == taken
            else f"{key} has {address}, {other} has {taken}"
            for (other, taken), (key, address) in combinations(self.listeners(), 2)
            if _overlap(taken, address)
        ]
        if conflicts:
            raise ValueError("; ".join(conflicts))
        return self

    def listeners(self) -> Iterator[tuple[str, ListenAddress]]:
        """Each address that is listened on, with its key."""
        yield from (("smtp.listen", each) for each in self.smtp.listen)
        yield from (("smtp.listen_legacy_tls", each) for each in self.smtp.listen_legacy_tls)
        yield from (("lmtp.listen", each) for each in self.lmtp.listen if isinstance(each, ListenAddress))
        yield from (("submission.listen", each) for each in self.submission.listen)
        yield from (("submission.listen_tls", each) for each in self.submission.listen_tls)
        yield "web.listen", self.web.listen
        yield "metrics.listen", self.metrics.listen
        if self.push.listen is not None:
            yield "push.listen", self.push.listen


def _overlap(one: ListenAddress, other: ListenAddress) -> bool:
    """Whether a second listener would be refused; 0.0.0.0 and :: each take all addresses of their family, no more."""
    if one.port != other.port or one.port == 0:
        return False
    if one.host == other.host:
        return True
    every, each = (one.host, other.host) if one.host in ("0.0.0.0", "::") else (other.host, one.host)  # noqa: S104 - compared, not listened on
    return (every == "0.0.0.0" and ":" not in each) or (every == "::" and ":" in each)  # noqa: S104 - as above
