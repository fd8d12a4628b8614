"""`[quotas]`: what fits, what doesn't, and from when on it does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.quotas import Amount, Measure, Quota, Used, exceeds, opens_at, refusal

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TWENTY = Quota(Measure.FAXES, "day", 20)
ONE = Amount(faxes=1, recipients=1, pages=3)


@pytest.mark.parametrize(
    ("quota", "used", "wanted", "is_too_much"),
    [
        (TWENTY, Amount(faxes=19), ONE, False),
        (TWENTY, Amount(faxes=20), ONE, True),
        (Quota(Measure.PAGES, "hour", 10), Amount(pages=7), ONE, False),
        (Quota(Measure.PAGES, "hour", 10), Amount(pages=8), ONE, True),
        (Quota(Measure.PAGES, "hour", 10), Amount(pages=10), Amount(faxes=1), True),
        (Quota(Measure.RECIPIENTS, "day", 5), Amount(recipients=2), Amount(recipients=4), True),
    ],
)
def test_what_is_too_much(quota: Quota, used: Amount, wanted: Amount, is_too_much: bool) -> None:
    assert exceeds(quota, used, wanted) is is_too_much


def test_the_refusal_says_how_much_was_used_and_when_it_opens_again() -> None:
    uses = [Used(NOW - timedelta(hours=number), Amount(faxes=1)) for number in range(20, 0, -1)]
    opens = opens_at(TWENTY, uses, ONE)
    assert opens == NOW + timedelta(hours=4)
    # Seconds aren't told: the next whole minute is late enough.
    verdict = refusal(TWENTY, Amount(faxes=20), ONE, opens - timedelta(seconds=59), "Europe/Berlin")
    assert (verdict.code, verdict.enhanced_code, verdict.rule) == (452, "4.7.0", "quotas.faxes_per_day 20")
    assert verdict.sentence == (
        "this sender has used 20 of 20 faxes of the last 24 hours (quotas.faxes_per_day); "
        "try again from Thu 2026-11-26 17:00 CET on."
    )


def test_what_never_fits_is_refused_for_good() -> None:
    quota = Quota(Measure.RECIPIENTS, "hour", 10, of_all=True)
    wanted = Amount(faxes=1, recipients=11)
    assert opens_at(quota, [], wanted) is None
    verdict = refusal(quota, Amount(), wanted, None, "UTC")
    assert (verdict.code, verdict.enhanced_code) == (550, "5.7.1")
    assert verdict.sentence == "11 recipients at once are more than 10 in an hour (quotas.total_recipients_per_hour)."


@given(st.lists(st.integers(1, 20)), st.integers(1, 30), st.integers(1, 30))
def test_at_the_moment_that_is_named_it_fits_and_a_moment_before_it_did_not(
    pages: list[int], most: int, wanted: int
) -> None:
    quota, want = Quota(Measure.PAGES, "hour", most), Amount(pages=wanted)
    uses = [Used(NOW + timedelta(minutes=number), Amount(pages=each)) for number, each in enumerate(pages)]

    def used_at(moment: datetime) -> Amount:
        return Amount(pages=sum(use.amount.pages for use in uses if use.at > moment - quota.lasts))

    end = uses[-1].at if uses else NOW
    if not exceeds(quota, used_at(end), want):
        return
    opens = opens_at(quota, uses, want)
    if opens is None:
        assert wanted > most
        return
    assert not exceeds(quota, used_at(opens), want)
    assert exceeds(quota, used_at(opens - timedelta(seconds=1)), want)
