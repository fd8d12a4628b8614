"""The rules of policy for one profile: what it leaves out is as in the sections of the configuration. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TypeVar

from gateway.config.numbers import ProfileNumbers
from gateway.config.quotas import ProfileQuotas, Quotas
from gateway.config.times import ProfileTimes
from gateway.policy import NumberPolicy
from gateway.policy.quotas import PERIODS, Measure, Quota
from gateway.policy.times import TimesPolicy

T = TypeVar("T")


def number_policy(usual: NumberPolicy, numbers: ProfileNumbers) -> NumberPolicy:
    """Nobody's profile takes a number off the list of denied ones."""
    return replace(
        usual,
        allow=usual.allow if numbers.allow is None else numbers.allow,
        deny=usual.deny if numbers.deny is None else numbers.deny,
        allow_countries=_set(numbers.allow_countries, usual.allow_countries),
        deny_countries=_set(numbers.deny_countries, usual.deny_countries),
        allow_types=_set(numbers.allow_types, usual.allow_types),
        deny_types=_set(numbers.deny_types, usual.deny_types),
    )


def _set(own: tuple[T, ...] | None, usual: frozenset[T]) -> frozenset[T]:
    return usual if own is None else frozenset(own)


def quotas(usual: Sequence[Quota], profile: ProfileQuotas) -> tuple[Quota, ...]:
    """The limits that there are, in the order of the configuration; the profile's are for each sender."""
    limits = {(quota.measure, quota.period): quota for quota in usual if not quota.of_all}
    for quota in quotas_of(profile):
        limits[quota.measure, quota.period] = quota
    of_sender = [limits[each] for each in product(Measure, PERIODS) if each in limits and limits[each].most]
    return (*of_sender, *(quota for quota in usual if quota.of_all))


def quotas_of(section: Quotas | ProfileQuotas) -> Iterator[Quota]:
    """Those that are written; 0 is no limit, which a profile may need to say."""
    for of_all, (measure, period) in product((False, True), product(Measure, PERIODS)):
        quota = Quota(measure, period, 0, of_all)
        most = getattr(section, quota.key.removeprefix("quotas."), None)
        if most is not None:
            yield replace(quota, most=most)


def times(usual: TimesPolicy, own: ProfileTimes, timezone: str) -> TimesPolicy:
    """`timezone`: the profile's, where neither says which zone the hours are of."""
    return TimesPolicy(
        allow=usual.allow if own.allow is None else own.allow,
        outside=own.outside or usual.outside,
        timezone=own.timezone or usual.timezone or timezone,
    )
