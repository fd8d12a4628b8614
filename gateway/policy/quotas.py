"""May a sender fax so much? `[quotas]`: faxes, recipients and pages in any hour and any 24 hours. Pure.

What was used is counted elsewhere (gateway/spool/quota_use.py). A window slides: nothing begins anew at midnight, and
nobody gets twice the amount around it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from gateway.policy.times import shown_moment
from gateway.policy.verdict import Denied, Look

# RFC 3463 §3.8: 5.7.1's "not authorized" is for good only, X.7.0 fits a rule that opens again by itself.
LATER = (452, "4.7.0")
NEVER = (550, "5.7.1")


Period = Literal["hour", "day"]
PERIODS: Final[tuple[Period, ...]] = ("hour", "day")


_PERIODS: Final[Mapping[Period, str]] = {"hour": "an hour", "day": "24 hours"}
_SINCE: Final[Mapping[Period, str]] = {"hour": "hour", "day": "24 hours"}


class Measure(StrEnum):
    FAXES = "faxes"  # mails
    RECIPIENTS = "recipients"
    PAGES = "pages"  # for each recipient


@dataclass(frozen=True, slots=True)
class Amount:
    """What was used, or is wanted."""

    faxes: int = 0
    recipients: int = 0
    pages: int = 0

    def of(self, measure: Measure) -> int:
        match measure:
            case Measure.FAXES:
                return self.faxes
            case Measure.RECIPIENTS:
                return self.recipients
            case Measure.PAGES:
                return self.pages

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.faxes + other.faxes, self.recipients + other.recipients, self.pages + other.pages)


@dataclass(frozen=True, slots=True)
class Used:
    """What one mail used, and when."""

    at: datetime
    amount: Amount


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit: `most` of `measure` in any `period`, for each sender or for all together."""

    measure: Measure
    period: Period
    most: int
    of_all: bool = False

    @property
    def key(self) -> str:
        return f"quotas.{'total_' if self.of_all else ''}{self.measure}_per_{self.period}"

    @property
    def lasts(self) -> timedelta:
        return timedelta(hours=1) if self.period == "hour" else timedelta(days=1)


def exceeds(quota: Quota, used: Amount, wanted: Amount) -> bool:
    """Whether `wanted` is too much beside what was `used` in the period."""
    # A mail may want nothing of a measure: who has used up the pages has used up everything.
    return used.of(quota.measure) + max(wanted.of(quota.measure), 1) > quota.most


def opens_at(quota: Quota, uses: Iterable[Used], wanted: Amount) -> datetime | None:
    """When enough of the `uses`, the oldest first, will have left the period; None: `wanted` alone is too much."""
    least = max(wanted.of(quota.measure), 1)
    listed = list(uses)
    left = sum(use.amount.of(quota.measure) for use in listed)
    if least > quota.most:
        return None
    for use in listed:
        left -= use.amount.of(quota.measure)
        if left + least <= quota.most:
            return use.at + quota.lasts
    return None


def refusal(quota: Quota, used: Amount, wanted: Amount, opens: datetime | None, timezone: str) -> Denied:
    """`opens`: see ``opens_at``."""
    whose = "all senders have" if quota.of_all else "this sender has"
    amount, rule = wanted.of(quota.measure), f"{quota.key} {quota.most}"
    if opens is None and amount > quota.most:
        sentence = (
            f"{amount} {quota.measure} at once are more than {quota.most} in {_PERIODS[quota.period]} ({quota.key})."
        )
        return Denied(rule, sentence, NEVER[1], NEVER[0])
    share = f"{used.of(quota.measure)} of {quota.most} {quota.measure} of the last {_SINCE[quota.period]}"
    again = f" from {shown_moment(_whole_minute(opens), timezone)} on" if opens is not None else " later"
    return Denied(rule, f"{whose} used {share} ({quota.key}); try again{again}.", LATER[1], LATER[0])


def _whole_minute(moment: datetime) -> datetime:
    """The first one that isn't before it: seconds aren't told."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


def look(quota: Quota, used: Amount, denied: Denied | None) -> Look:
    """For people: what a quota found."""
    found = f"{used.of(quota.measure)} of {quota.most} used in the last {_SINCE[quota.period]}"
    return Look(f"{quota.key} {quota.most}", found, denied)
