"""Quotas as the spool counts them: in the transaction that takes a mail, over sessions, daemons and restarts."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from gateway.policy import Denied
from gateway.policy.quotas import Amount, Measure, Quota
from gateway.spool import quota_use, schema
from gateway.spool.jobs import new_id
from gateway.spool.mails import Taken, Taking, take
from gateway.spool.quota_use import Claim

TWO_A_DAY = Quota(Measure.FAXES, "day", 2)


def claim(*quotas: Quota, sender: str = "jana@example.com", pages: int = 1) -> Claim:
    return Claim(sender, quotas or (TWO_A_DAY,), pages, "UTC")


async def taken(spool: Any, samples: Any, wanted: Claim | None, *numbers: str, **mail: Any) -> Taken:
    """One mail, unlike every other unless it says its Message-ID."""
    message_id = mail.setdefault("message_id", f"<{new_id()}@example.com>")
    kept = await spool.contents.keep(new_id(), b"Subject: x\r\n\r\nx")
    job = samples.job(*numbers, message_id=message_id)
    taking = Taking(mail=samples.mail(kept.id, **mail), raw=kept, jobs=(job,), claim=wanted)
    found: Taken = await spool.database.write_together(take, taking)
    return found


def test_mails_of_a_day_count_and_one_too_many_leaves_nothing(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            for _ in range(2):
                assert (await taken(spool, samples, claim())).refused is None
        async with open_spool() as spool:  # after a restart
            refused = (await taken(spool, samples, claim())).refused
            assert isinstance(refused, Denied)
            assert refused.rule == "quotas.faxes_per_day 2"
            assert (await taken(spool, samples, claim(sender="max@example.com"))).refused is None
            assert (await taken(spool, samples, None)).refused is None
            rows = await spool.database.read(
                lambda c: c.execute(select(func.count()).select_from(schema.mail)).scalar()
            )
            assert rows == 4

    asyncio.run(run())


def test_the_window_slides(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            wanted = claim(Quota(Measure.FAXES, "hour", 1))
            assert (await taken(spool, samples, wanted)).refused is None
            at = samples.now + timedelta(minutes=59, seconds=59)
            refused = (await taken(spool, samples, wanted, received_at=at)).refused
            assert refused is not None
            assert f"try again from {samples.now + timedelta(hours=1):%a %Y-%m-%d %H:%M} UTC" in refused.sentence
            at = samples.now + timedelta(hours=1)
            assert (await taken(spool, samples, wanted, received_at=at)).refused is None
            await spool.database.write(lambda c: quota_use.forget(c, samples.now + timedelta(days=1)))
            left = await spool.database.read(lambda c: list(c.execute(select(schema.quota_use.c.at)).scalars()))
            assert left == [at]

    asyncio.run(run())


def test_recipients_and_pages_are_counted_and_all_senders_together(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            two = ("+4989123456", "+4989123457")
            total = Quota(Measure.PAGES, "hour", 10, of_all=True)
            assert (await taken(spool, samples, claim(total, pages=3), *two)).refused is None
            assert (await taken(spool, samples, claim(total, sender="max", pages=4))).refused is None
            refused = (await taken(spool, samples, claim(total, sender="eva"))).refused
            assert refused is not None
            assert "all senders have used 10 of 10 pages of the last hour" in refused.sentence
            of_one = Quota(Measure.RECIPIENTS, "day", 3)
            assert (await taken(spool, samples, claim(of_one))).refused is None
            assert (await taken(spool, samples, claim(of_one))).refused is not None
            looks = await spool.database.read(
                lambda c: quota_use.looks(c, claim(of_one, total), Amount(1, 1, 1), samples.now)
            )
            assert [look.found for look in looks] == [
                "3 of 3 used in the last 24 hours",
                "11 of 10 used in the last hour",
            ]

    asyncio.run(run())


def test_sessions_at_the_same_moment_do_not_slip_under_a_limit_together(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            found = await asyncio.gather(*(taken(spool, samples, claim()) for _ in range(12)))
            assert sum(each.refused is None for each in found) == 2

    asyncio.run(run())


def test_daemons_of_one_spool_do_not_either(open_spool: Any, samples: Any, place: Any) -> None:
    if not hasattr(place, "url"):
        pytest.skip("a SQLite spool has one daemon")

    async def run() -> None:
        async with open_spool() as one, open_spool() as other:
            found = await asyncio.gather(*(taken(spool, samples, claim()) for _ in range(12) for spool in (one, other)))
            assert sum(each.refused is None for each in found) == 2

    asyncio.run(run())


def test_a_mail_that_is_handed_over_again_counts_once_and_is_not_refused(open_spool: Any, samples: Any) -> None:
    async def run() -> None:
        async with open_spool() as spool:
            wanted = claim(Quota(Measure.FAXES, "day", 1))
            first = await taken(spool, samples, wanted, message_id="<1@example.com>")
            again = await taken(spool, samples, wanted, message_id="<1@example.com>")
            assert again.refused is None
            assert again.repeated == first.job_ids

    asyncio.run(run())


def test_counting_reads_an_index_and_no_rows(open_spool: Any, samples: Any, place: Any) -> None:
    if hasattr(place, "url"):
        pytest.skip("how SQLite says it")

    async def run() -> None:
        async with open_spool() as spool:
            plan = "EXPLAIN QUERY PLAN SELECT count(*), sum(recipients), sum(pages) FROM quota_use WHERE at > 'x'{}"
            for more, index in ((" AND sender = 'x'", "ix_quota_use_sender"), ("", "ix_quota_use_at")):
                found = await spool.database.read(lambda c, m=more: c.execute(text(plan.format(m))).all())
                assert f"COVERING INDEX {index}" in str(found)

    asyncio.run(run())
