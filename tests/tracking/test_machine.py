"""The tracker against two data centres by chance: faults, pushes, crashes, holds, clocks that are set, in any order.

After every step: nothing foreign is deleted, no report is deleted before its job has ended by it, and no job ends by
another report than its own. When the faults are over and time has run: every job that was faxed has ended as its report
says, nothing of ours is left at the data centres, and every second fax was found out once.

``STORIES=2000 python -m pytest tests/tracking/test_machine.py -n 0`` tells that many.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gateway.delivery.deadlines import DeadlineRules, Deadlines
from gateway.delivery.doubt import DoubtRules, OnDoubt
from gateway.fax4a import FaxReport
from gateway.spool import jobs, operations
from gateway.spool.bell import Bell
from gateway.spool.content import ContentStore
from gateway.spool.database import Database
from gateway.spool.jobs import Note
from gateway.spool.lease import Lease
from gateway.spool.states import State
from gateway.tracking.watch import DELETION_RETRY, LIST_INTERVAL

HOUR = timedelta(hours=1)
DOUBT = DoubtRules(on_doubt=OnDoubt.FAIL, in_doubt_after=HOUR * 2, expire_after=HOUR * 24)
RULES = DeadlineRules(warn_after=HOUR, expire_after=HOUR * 24, doubt=DOUBT)
ENDS = {"OK": State.SENT, "BUSY": State.FAILED, "EOD_FAILED": State.PARTLY_SENT}

STORIES = int(os.environ.get("STORIES", "0"))
IN_CI = 20  # new ones each time

datacenters = st.sampled_from(["dc1", "dc2"])
statuses = st.sampled_from(sorted(ENDS))


class Crash(Exception):
    pass


@dataclass
class Fax:
    """What the service has of one of our jobs."""

    wire_id: str
    datacenter: str
    status: str
    report: FaxReport | None = None


@dataclass
class Sent:
    """One of our jobs; `faxes` is empty where it never arrived."""

    job_id: str
    number: str
    faxes: list[Fax] = field(default_factory=list)


class World(RuleBasedStateMachine):
    make_tracking: Callable[[], Any]
    samples: Any
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.directory / "spool.db")
        self.tracking = self.make_tracking()
        self.centres, self.clock = self.tracking.centres, self.tracking.clock
        self.sent: list[Sent] = []
        self.foreign: list[tuple[str, str]] = []
        self.count = 0
        self.runner = asyncio.Runner()
        self.open()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def open(self) -> None:
        @asynccontextmanager
        async def opened() -> Any:
            async with Database.open(self.directory / "spool.db") as database:
                lease = Lease(database, host="fax.example.com", schema=1)
                contents = ContentStore(self.directory / "content")
                yield SimpleNamespace(database=database, contents=contents, lease=lease)

        self.stack = AsyncExitStack()
        self.spool = self.run(self.stack.enter_async_context(opened()))
        self.tracker = self.tracking.tracker(self.spool)
        self.deadlines = Deadlines(
            database=self.spool.database, rules=RULES, said=Bell(), clock=self.clock, steady=self.clock.steady
        )

    def teardown(self) -> None:
        try:
            if self.sent:
                self.settle()
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.directory)

    # What happens

    def new(self) -> str:
        self.count += 1
        return f"+4989{self.count:06}"

    @rule(datacenter=datacenters, status=statuses)
    def is_submitted(self, datacenter: str, status: str) -> None:
        number, wire_id = self.new(), f"FJJ{self.count}"
        job = self.run(self.samples.submitted(self.spool, number, wire_id=wire_id))
        self.sent.append(Sent(job.id, number, [Fax(wire_id, datacenter, status)]))

    @rule(datacenter=datacenters, status=statuses, arrived=st.booleans())
    def comes_in_doubt(self, datacenter: str, status: str, arrived: bool) -> None:
        number, wire_id = self.new(), f"FJJ{self.count}"
        job = self.run(self.samples.in_doubt(self.spool, number))
        self.sent.append(Sent(job.id, number, [Fax(wire_id, datacenter, status)] if arrived else []))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), datacenter=datacenters, status=statuses)
    def is_faxed_a_second_time(self, data: Any, datacenter: str, status: str) -> None:
        """Something between us and the API repeats a request."""
        sent = data.draw(st.sampled_from(self.sent))
        if sent.faxes:
            self.count += 1
            sent.faxes.append(Fax(f"FJJ{self.count}", datacenter, status))

    @precondition(lambda self: self.unreported())
    @rule(data=st.data())
    def is_reported(self, data: Any) -> None:
        self.report(*data.draw(st.sampled_from(self.unreported())))

    @precondition(lambda self: self.faxed())
    @rule(data=st.data())
    def is_pushed(self, data: Any) -> None:
        """Once more, or before anybody has looked."""
        sent, fax = data.draw(st.sampled_from(self.faxed()))
        if fax.report is None:
            self.report(sent, fax)
        self.run(self.tracker.filing.file_pushed(sent.job_id, fax.report))

    @precondition(lambda self: self.faxed() and len(self.sent) > 1)
    @rule(data=st.data())
    def is_pushed_to_the_url_of_another_job(self, data: Any) -> None:
        sent, fax = data.draw(st.sampled_from(self.faxed()))
        other = data.draw(st.sampled_from([each for each in self.sent if each is not sent]))
        report = self.tracking.report(fax.wire_id, sent.job_id, number=sent.number)
        self.run(self.tracker.filing.file_pushed(other.job_id, report))

    @rule(datacenter=datacenters, customer_id=st.sampled_from([None, "of somebody else"]))
    def a_foreign_report_appears(self, datacenter: str, customer_id: str | None) -> None:
        self.count += 1
        self.foreign.append((datacenter, f"X{self.count}"))
        self.centres.put(datacenter, self.tracking.report(f"X{self.count}", customer_id))

    @rule(datacenter=datacenters)
    def goes_down(self, datacenter: str) -> None:
        self.centres.fail(datacenter)

    @rule(datacenter=datacenters)
    def comes_back(self, datacenter: str) -> None:
        self.centres.down.pop(datacenter, None)

    @rule(waits=st.sampled_from([timedelta(seconds=2), timedelta(minutes=1), LIST_INTERVAL, HOUR]))
    def time_goes_by(self, waits: timedelta) -> None:
        self.clock.wait(waits)

    @rule(change=st.sampled_from([HOUR * -20, HOUR * -3, HOUR * 3, HOUR * 20]))
    def the_clock_is_set(self, change: timedelta) -> None:
        self.clock.set_by(change)

    @rule()
    def looks(self) -> None:
        self.run(self.tracker.look())

    @rule()
    def judges(self) -> None:
        self.run(self.deadlines.look())

    @rule()
    def crashes_before_a_deletion(self) -> None:
        async def crash(_: list[str]) -> None:
            raise Crash

        self.centres.on_delete = [crash]
        try:
            self.run(self.tracker.look())
        except Crash:
            pass
        finally:
            self.centres.on_delete = []
        self.restarts()

    @rule()
    def restarts(self) -> None:
        self.run(self.stack.aclose())
        self.open()

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), operation=st.sampled_from([operations.hold, operations.release]))
    def an_operator_acts(self, data: Any, operation: Any) -> None:
        sent = data.draw(st.sampled_from(self.sent))
        note = Note("operator", self.clock.now)
        job = self.load(sent)
        self.run(self.spool.database.write(lambda c: operation(c, job, note)))

    # What must hold

    def faxed(self) -> list[tuple[Sent, Fax]]:
        return [(sent, fax) for sent in self.sent for fax in sent.faxes]

    def unreported(self) -> list[tuple[Sent, Fax]]:
        return [(sent, fax) for sent, fax in self.faxed() if fax.report is None]

    def report(self, sent: Sent, fax: Fax) -> None:
        fax.report = self.tracking.report(fax.wire_id, sent.job_id, status=fax.status, number=sent.number)
        self.centres.put(fax.datacenter, fax.report)

    def load(self, sent: Sent) -> Any:
        return self.run(self.spool.database.read(lambda c: jobs.load(c, sent.job_id)))

    @invariant()
    def nothing_foreign_is_deleted(self) -> None:
        for datacenter, wire_id in self.foreign:
            assert wire_id in self.centres.ids(datacenter)

    @invariant()
    def a_job_ends_by_its_own_report_or_as_unknown(self) -> None:
        for sent in self.sent:
            job = self.load(sent)
            if job.state in ENDS.values():
                (fax,) = [each for each in sent.faxes if each.wire_id == job.wire_id]
                assert fax.report is not None
                assert job.state is ENDS[fax.status]
            else:
                assert job.state in {State.SUBMITTED, State.IN_DOUBT, State.HELD, State.UNKNOWN}

    @invariant()
    def no_report_is_deleted_before_its_job_has_ended_by_it(self) -> None:
        by_wire_id = {fax.wire_id: sent for sent in self.sent for fax in sent.faxes}
        for _, wire_id in self.centres.deleted:
            job = self.load(by_wire_id[wire_id])
            assert (job.wire_id, job.state in ENDS.values()) == (wire_id, True)

    def settle(self) -> None:
        """The faults are over, everything is faxed, and time runs."""
        self.centres.down.clear()
        for sent, fax in self.unreported():
            self.report(sent, fax)
        for _ in range(3):
            self.clock.wait(max(LIST_INTERVAL, DELETION_RETRY, HOUR))
            self.run(self.tracker.look())
        assert self.run(self.tracking.deletions(self.spool)) == set()
        for sent in self.sent:
            job = self.load(sent)
            assert (job.state in ENDS.values()) == bool(sent.faxes), job
            second = {fax.wire_id for fax in sent.faxes} - {job.wire_id}
            left = {fax.wire_id for fax in sent.faxes if fax.wire_id in self.centres.ids(fax.datacenter)}
            assert left == second
            alerts = self.run(self.tracking.story(self.spool, sent.job_id, "faxed_twice"))
            assert sorted(line.detail.split()[-1] for line in alerts) == sorted(second)


@pytest.mark.timeout(0 if STORIES else 300)
def test_whatever_happens_each_job_ends_as_its_report_says(
    new_spool: Path, samples: Any, account: Any, tracking: Any
) -> None:

    def make() -> Any:
        """A world of its own for each story."""
        return type(tracking)(account, type(tracking.centres)(account), type(tracking.clock)(samples.now))

    class Story(World):
        make_tracking = staticmethod(make)

    Story.samples, Story.template = samples, new_spool
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=STORIES or IN_CI,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
