"""``[quotas]``: how much may be faxed in an hour and in a day."""

from pydantic import Field

from gateway.config.values import Count, Section


class Quotas(Section):
    """How much may be faxed in any hour and in any 24 hours, by one sender and by all of them (docs/policy.md).

    0: no limit. A fax is a mail that is taken, however many recipients it has; pages are counted for each recipient.
    A sender is the AUTH user, else the reverse-path.
    """

    faxes_per_hour: Count = Field(0, ge=0, description="Faxes of one sender in an hour.", examples=[20])
    faxes_per_day: Count = Field(0, ge=0, description="Faxes of one sender in 24 hours.", examples=[100])
    recipients_per_hour: Count = Field(0, ge=0, description="Recipients of one sender in an hour.", examples=[100])
    recipients_per_day: Count = Field(0, ge=0, description="Recipients of one sender in 24 hours.", examples=[500])
    pages_per_hour: Count = Field(0, ge=0, description="Pages of one sender in an hour.", examples=[200])
    pages_per_day: Count = Field(0, ge=0, description="Pages of one sender in 24 hours.", examples=[1000])
    total_faxes_per_hour: Count = Field(0, ge=0, description="Faxes of all senders in an hour.", examples=[1000])
    total_faxes_per_day: Count = Field(0, ge=0, description="Faxes of all senders in 24 hours.", examples=[5000])
    total_recipients_per_hour: Count = Field(0, ge=0, description="Recipients of all in an hour.", examples=[2000])
    total_recipients_per_day: Count = Field(0, ge=0, description="Recipients of all in 24 hours.", examples=[10000])
    total_pages_per_hour: Count = Field(0, ge=0, description="Pages of all in an hour.", examples=[5000])
    total_pages_per_day: Count = Field(0, ge=0, description="Pages of all in 24 hours.", examples=[20000])


class ProfileQuotas(Section):
    """What a profile sets of [quotas] for each of its senders; unset: as there, 0: no limit."""

    faxes_per_hour: Count | None = Field(None, ge=0)
    faxes_per_day: Count | None = Field(None, ge=0)
    recipients_per_hour: Count | None = Field(None, ge=0)
    recipients_per_day: Count | None = Field(None, ge=0)
    pages_per_hour: Count | None = Field(None, ge=0)
    pages_per_day: Count | None = Field(None, ge=0)
