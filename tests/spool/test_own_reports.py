"""`report.by = "gateway"`: no ReportMail is asked for, and every outcome is told by a mail of ours."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from gateway.fax4a import FaxReport
from gateway.spool import jobs, reports, schema
from gateway.spool.forward_path import ForwardPath, Notify
from gateway.spool.job import Recipient
from gateway.spool.jobs import Note
from gateway.spool.states import Event
from gateway.spool.told import told

NEVER: frozenset[Notify] = frozenset()


def report(status: str) -> FaxReport:
    recipient = {"number": "+4989123456", "status": status, "reason": status}
    return FaxReport.model_validate({"jobId": "FJJ1", "pages": 2, "recipientStatus": [recipient]})


def words_after(
    open_spool: Any,
    samples: Any,
    status: str,
    *,
    report_on: str = "always",
    unknown: bool = False,
    told: bool = True,
) -> list[str]:
    """Those that wait after a report; of an `unknown` job, whose sender was `told` that it may have gone out."""

    async def scenario() -> list[str]:
        async with open_spool() as spool:
            job = await (samples.in_doubt if unknown else samples.submitted)(spool)
            options = job.options.to_row() | {"report_by": "gateway", "report_on": report_on}
            change = update(schema.job).where(schema.job.c.id == job.id).values(options=options)
            note = Note("test", samples.now)
            await spool.database.write(lambda c: c.execute(change) and None)
            if unknown:
                await spool.database.write(lambda c: jobs.advance(c, job, Event.REPORT_OVERDUE, note))
            if told:
                await samples.tell(spool)
            found = await samples.load(spool, job.id)
            await spool.database.write(
                lambda c: reports.store(c, found, report(status), note, datacenter="dc1", all_datacenters=("dc1",))
            )
            return [letter.word for letter in await samples.letters(spool)]

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "report_on", "words"),
    [
        ("OK", "always", ["result"]),
        ("BUSY", "always", ["result"]),
        ("EOD_FAILED", "always", ["result"]),  # one mail, not an explaining one beside it
        ("OK", "failure", []),
        ("BUSY", "failure", ["result"]),
        ("EOD_FAILED", "failure", ["result"]),
        ("BUSY", "never", []),
    ],
)
def test_every_outcome_is_told_once_as_report_on_says(
    open_spool: Any, samples: Any, status: str, report_on: str, words: list[str]
) -> None:
    assert words_after(open_spool, samples, status, report_on=report_on) == words


@pytest.mark.parametrize("by", ["gateway", "retarus"])
def test_a_final_state_without_a_report_is_told_whatever_report_on_says(open_spool: Any, samples: Any, by: str) -> None:
    async def scenario() -> list[str]:
        async with open_spool() as spool:
            job = await samples.prepared(spool)
            options = job.options.to_row() | {"report_by": by, "report_on": "never"}
            change = update(schema.job).where(schema.job.c.id == job.id).values(options=options)
            await spool.database.write(lambda c: c.execute(change) and None)
            await spool.database.write(lambda c: jobs.advance(c, job, Event.EXPIRED, Note("test", samples.now)))
            return [letter.word for letter in await samples.letters(spool)]

    assert asyncio.run(scenario()) == ["expired"]


def test_a_doubt_that_we_told_of_is_resolved_whatever_report_on_says(open_spool: Any, samples: Any) -> None:
    words = words_after(open_spool, samples, "OK", report_on="failure", unknown=True)
    assert words == ["resolved"]


@pytest.mark.parametrize(("status", "words"), [("OK", []), ("BUSY", ["result"])])
def test_a_doubt_that_nobody_was_told_of_is_not_told_after_the_report(
    open_spool: Any, samples: Any, status: str, words: list[str]
) -> None:
    assert words_after(open_spool, samples, status, report_on="failure", unknown=True, told=False) == words


@pytest.mark.parametrize(
    ("notify", "status", "hears"),
    [
        (frozenset({Notify.SUCCESS}), "OK", True),
        (frozenset({Notify.SUCCESS}), "BUSY", False),
        (frozenset({Notify.FAILURE}), "BUSY", True),
        (frozenset({Notify.FAILURE}), "EOD_FAILED", True),
        (frozenset({Notify.FAILURE}), "OK", False),
        (frozenset({Notify.DELAY}), "BUSY", False),
        (NEVER, "BUSY", False),
    ],
)
def test_notify_beats_report_on(notify: frozenset[Notify], status: str, hears: bool) -> None:
    path = ForwardPath(address="+4989123456@fax.local", notify=notify)
    recipient = Recipient(position=0, number="+4989123456", forward_paths=(path,), status=status)
    for report_on in ("always", "failure", "never"):
        assert bool(told([recipient], "result", report_on)) is hears
