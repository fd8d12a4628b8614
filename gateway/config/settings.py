"""Every section of the configuration, in the order of docs/configuration.md, which is made from these descriptions."""

from typing import Self

from pydantic import Field, model_validator

from gateway.config.mail_front import Lmtp, Smtp, Submission, Tls
from gateway.config.profile import Profile
from gateway.config.retarus import Retarus
from gateway.config.sections import (
    Control,
    Cover,
    Database,
    Delivery,
    Limits,
    Log,
    Metrics,
    Notify,
    Numbers,
    Push,
    Report,
    Web,
)
from gateway.config.values import Section


class Settings(Section):
    hostname: str = Field(
        "localhost",
        description="Name of this gateway in the SMTP greeting, in Message-IDs and in DSNs.",
        examples=["fax.example.com"],
    )
    smtp: Smtp = Smtp()
    lmtp: Lmtp = Lmtp()
    submission: Submission = Submission()
    tls: Tls = Tls()
    limits: Limits = Limits()
    numbers: Numbers = Numbers()
    cover: Cover = Cover()
    retarus: Retarus = Retarus()
    delivery: Delivery = Delivery()
    report: Report = Report()
    notify: Notify = Notify()
    database: Database = Database()
    web: Web = Web()
    metrics: Metrics = Metrics()
    push: Push = Push()
    control: Control = Control()
    log: Log = Log()
    profile: tuple[Profile, ...] = Field(
        (),
        description="Who is treated how; the first profile that matches the reverse-path counts.",
        examples=[[{"match": "*@sales.example.com", "csid": "+49 89 1234560"}]],
    )

    @model_validator(mode="after")
    def _addresses_are_distinct(self) -> Self:
        taken: dict[str, str] = {}
        listeners = {
            "smtp.listen": self.smtp.listen,
            "smtp.listen_legacy_tls": self.smtp.listen_legacy_tls,
            "lmtp.listen": self.lmtp.listen,
            "submission.listen": self.submission.listen,
            "submission.listen_tls": self.submission.listen_tls,
        }
        for key, addresses in listeners.items():
            for address in map(str, addresses):
                if address in taken and not address.endswith(":0"):
                    raise ValueError(f"{key} and {taken[address]} both have {address}")
                taken[address] = key
        return self
