"""All that a fax meets, as rules that may come in any order (``test_machine.py``), or in one that a test tells."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from gateway.delivery.doubt import OnDoubt
from gateway.documents.assembly import Assembled, Made
from gateway.documents.unfaxable import Unfaxable
from gateway.fax4a import Account
from gateway.fax4a.report import LARGEST_BULK
from gateway.spool import jobs, mails, operations, pauses, schema
from gateway.spool.content import ContentStore
from gateway.spool.forward_path import ForwardPath, Notify, report_wish
from gateway.spool.job import Job, JobOptions, Mail, Timing
from gateway.spool.jobs import Note, new_id
from gateway.spool.mails import NewJob, NewRecipient, Taking, handover_key
from gateway.spool.pauses import Activity
from gateway.spool.states import FINAL
from gateway.tracking.watch import LIST_INTERVAL
from tests.laws.clock import Clock
from tests.laws.daemon import HOUR, Daemon, Surroundings
from tests.laws.mailbox import Mailbox
from tests.laws.mortal import Crash, Disk, Inline
from tests.laws.promises import Facts, Line, broken_at_the_end, broken_now
from tests.laws.service import Fault, FaxService

UNFAXABLE = "unfaxable"  # the subject of such a mail
PATIENCE = 150  # hours

NOTIFY = (None, None, *map(frozenset, ((), {Notify.SUCCESS}, {Notify.FAILURE}, {Notify.FAILURE, Notify.DELAY})))
WHENS = ("at once", "at once", "at once", "later", "until", "late by")

datacenters = st.sampled_from(["dc1", "dc2"])
statuses = st.sampled_from(["OK", "OK", "BUSY", "EOD_FAILED"])
# Steps that the daemon still takes; mostly it lives.
lives = st.one_of(st.none(), st.none(), st.integers(0, 25))


@dataclass(frozen=True)
class Handover:
    """A mail as its sender would hand it over again."""

    sender: str
    message_id: str
    numbers: tuple[str, ...]
    notify: frozenset[Notify] | None
    report_by: str
    subject: str
    when: str


class World(RuleBasedStateMachine):
    account: Account
    template: Path
    begins: Any
    on_doubt: OnDoubt

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(self.begins)
        self.mailbox = Mailbox()
        self.service = FaxService(
            self.account,
            self.clock.true,
            lambda fax: self.mailbox.take_report_mail(fax, self.service.mail_address(fax)),
            refuses_doubles=self.on_doubt is OnDoubt.ASK,
        )
        self.directory = Path(tempfile.mkdtemp())
        self.around = Surroundings(self.directory, Disk(self.template), self.clock, self.service, self.mailbox)
        self.handovers: list[Handover] = []
        self.lines: dict[tuple[str, str], Line] = {}  # by job and number
        self.made_at: dict[Line, Any] = {}
        self.runner = asyncio.Runner()
        self.runner.get_loop().set_default_executor(Inline())
        self.restarts()

    def teardown(self) -> None:
        try:
            self.settles()
        finally:
            self.around.disk.close()
            self.runner.close()
            shutil.rmtree(self.directory)

    # The daemon

    def does(self, work: Callable[[Daemon], Coroutine[Any, Any, Any]], life: int | None = None) -> None:
        """Unless it dies within it; then another one begins."""
        daemon = self.daemon
        daemon.fuse.steps = life
        try:
            self.runner.run(_to_the_end(work(daemon)))
        except (OperationalError, Crash, BaseExceptionGroup) as error:
            if not daemon.fuse.blown and not _only(OperationalError, error):
                raise
        daemon.fuse.steps = None
        if daemon.fuse.blown:
            self.restarts()

    @rule()
    def restarts(self) -> None:
        self.daemon = Daemon(self.around, self.on_doubt)
        self.does(Daemon.begin)

    @rule(life=st.integers(0, 4))
    def dies_while_it_starts(self, life: int) -> None:
        self.daemon = Daemon(self.around, self.on_doubt)
        self.does(Daemon.begin, life)

    @rule(life=lives, faults=st.lists(st.sampled_from(Fault), max_size=4))
    def submits(self, life: int | None, faults: list[Fault]) -> None:
        self.service.faults = faults
        self.does(Daemon.submit, life)

    @rule(life=lives)
    def prepares(self, life: int | None) -> None:
        self.does(lambda daemon: daemon.preparer.look(), life)

    @rule(life=lives)
    def looks_for_reports(self, life: int | None) -> None:
        self.does(lambda daemon: daemon.tracker.look(), life)

    @rule(life=lives)
    def judges_by_time(self, life: int | None) -> None:
        self.does(lambda daemon: daemon.deadlines.look(), life)

    @rule(life=lives)
    def tells(self, life: int | None) -> None:
        self.does(lambda daemon: daemon.outbox.look(), life)

    @rule(life=lives)
    def keeps_house(self, life: int | None) -> None:
        self.does(lambda daemon: daemon.housekeeping.look(), life)

    @rule(life=lives, faults=st.lists(st.sampled_from(Fault), max_size=4))
    def does_everything_at_once(self, life: int | None, faults: list[Fault]) -> None:
        self.service.faults = faults
        self.does(Daemon.everything, life)

    # Mails

    @rule(
        recipients=st.integers(1, 3),
        notify=st.sampled_from(NOTIFY),
        report_by=st.sampled_from(["retarus", "gateway"]),
        subject=st.sampled_from(["Angebot", "Angebot", "Angebot", UNFAXABLE]),
        when=st.sampled_from(WHENS),
    )
    def a_mail_comes(
        self, recipients: int, notify: frozenset[Notify] | None, report_by: str, subject: str, when: str
    ) -> None:
        number = len(self.handovers) + 1
        numbers = tuple(f"+4989{number:04}{place}" for place in range(recipients))
        mail = Handover(
            f"sender-{number}@example.com", f"<{number}@example.com>", numbers, notify, report_by, subject, when
        )
        self.handovers.append(mail)
        self.take(mail)

    @precondition(lambda self: self.handovers)
    @rule(data=st.data())
    def a_mail_comes_again(self, data: Any) -> None:
        self.take(data.draw(st.sampled_from(self.handovers)))

    @precondition(lambda self: self.handovers)
    @rule(data=st.data())
    def a_relay_tries_some_recipients_again(self, data: Any) -> None:
        mail = data.draw(st.sampled_from(self.handovers))
        some = data.draw(st.lists(st.sampled_from(mail.numbers), min_size=1, unique=True))
        self.take(replace(mail, numbers=tuple(some)))

    def take(self, mail: Handover) -> None:
        """What the mail front does before the 250."""
        now = self.clock()
        raw = self.runner.run(ContentStore(self.directory).keep(new_id(), b"Subject: x\r\n\r\nbody"))
        taking = Taking(
            mail=Mail(
                id=new_id(),
                received_at=now,
                reverse_path=mail.sender,
                report_to=mail.sender,
                client="127.0.0.1",
                helo="client.example.com",
                queue_id=None,
                message_id=mail.message_id,
                subject=mail.subject,
                language="en",
                numbers=len(mail.numbers),
                content_id=raw.id,
            ),
            raw=raw,
            jobs=(_new_job(mail, now),),
        )
        try:
            (taken,) = self.around.disk.write(lambda c: mails.take(c, [taking]))
        except OperationalError:
            return  # 451
        (made,) = taking.jobs
        for number in mail.numbers:
            job_id = taken.job_of[number]
            assert self.load(job_id) is not None, "answered 250 for nothing"
            if job_id == made.id:
                self.lines[job_id, number] = self.line(mail, number, now)
                self.lines[job_id, number].job_ids.append(job_id)

    def line(self, mail: Handover, number: str, now: Any) -> Line:
        """That of an earlier handover in the window; what comes later is another fax."""
        for line, at in self.made_at.items():
            if line.number == number and now - at < mails.HANDOVER_WINDOW:
                self.made_at[line] = now
                return line
        line = Line(number)
        self.made_at[line] = now
        return line

    # The world

    @precondition(lambda self: self.service.unfinished)
    @rule(data=st.data(), status=statuses)
    def a_fax_goes_out(self, data: Any, status: str) -> None:
        self.service.finish(data.draw(st.sampled_from(self.service.unfinished)), status)

    @precondition(lambda self: self.finished())
    @rule(data=st.data(), life=lives)
    def a_report_is_pushed(self, data: Any, life: int | None) -> None:
        """Before or after anybody has looked, and perhaps not for the first time."""
        fax = data.draw(st.sampled_from(self.finished()))
        self.does(lambda daemon: daemon.tracker.filing.file_pushed(fax.job_id, fax.report), life)

    @rule(datacenter=datacenters)
    def a_data_centre_goes_down(self, datacenter: str) -> None:
        self.service.down.add(datacenter)

    @rule(datacenter=datacenters)
    def a_data_centre_comes_back(self, datacenter: str) -> None:
        self.service.down.discard(datacenter)

    @rule(datacenter=datacenters, many=st.sampled_from([0, LARGEST_BULK]))
    def strangers_fill_a_list(self, datacenter: str, many: int) -> None:
        self.service.foreign[datacenter] = many

    @rule(down=st.booleans(), refuses=st.booleans())
    def the_smarthost_changes(self, down: bool, refuses: bool) -> None:
        self.mailbox.down, self.mailbox.refuses = down, refuses

    @rule(transactions=st.integers(1, 4))
    def the_disk_is_full(self, transactions: int) -> None:
        self.around.disk.full_for = transactions

    @rule(time=st.sampled_from([timedelta(seconds=2), timedelta(minutes=1), LIST_INTERVAL, HOUR, 3 * HOUR, 9 * HOUR]))
    def time_goes_by(self, time: timedelta) -> None:
        self.clock.wait(time)

    @rule(wrong_by=st.sampled_from([-20 * HOUR, -3 * HOUR, HOUR * 0, HOUR * 0, 3 * HOUR, 20 * HOUR]))
    def the_clock_is_set(self, wrong_by: timedelta) -> None:
        self.clock.wrong_by = wrong_by

    # The operator

    @precondition(lambda self: self.lines)
    @rule(data=st.data(), operation=st.sampled_from([operations.hold, operations.release, operations.cancel]))
    def an_operator_acts(self, data: Any, operation: Any) -> None:
        job_id, _ = data.draw(st.sampled_from(list(self.lines)))
        self.operate(self.load(job_id), operation)

    @precondition(lambda self: self.ended())
    @rule(
        data=st.data(),
        operation=st.sampled_from([operations.retry, operations.retry, operations.retry_though_it_may_duplicate]),
    )
    def an_operator_sends_again(self, data: Any, operation: Any) -> None:
        job = data.draw(st.sampled_from(self.ended()))
        done = self.operate(job, operation)
        if operation is operations.retry_though_it_may_duplicate and done is not None and not done.refused:
            for recipient in self.load(done.said.rpartition(" ")[2]).recipients:
                self.lines[job.id, recipient.number].may_be_faxed += 1

    def operate(self, job: Job, operation: operations.Operation) -> operations.Done | None:
        """None: the disk is full."""
        note = Note("operator jana", self.clock())
        try:
            return self.around.disk.write(lambda c: operation(c, job, note))  # type: ignore[no-any-return] # as the operation does
        except OperationalError:
            return None

    def ended(self) -> list[Job]:
        return [job for job in self.facts().jobs.values() if job.state in FINAL]

    @rule(paused=st.booleans())
    def an_operator_pauses_or_resumes(self, paused: bool) -> None:
        change = pauses.pause if paused else pauses.resume
        try:
            self.around.disk.write(lambda c: change(c, Activity.SUBMIT, "operator jana", self.clock()))
        except OperationalError:
            return

    # What must hold

    @invariant()
    def every_promise_is_kept(self) -> None:
        assert list(broken_now(self.facts())) == []

    def settles(self) -> None:
        """The faults are over, every fax goes out, and time runs."""
        self.service.down.clear()
        self.service.foreign = dict.fromkeys(self.service.foreign, 0)
        self.service.faults = []
        self.around.disk.full_for = 0
        self.mailbox.down, self.mailbox.refuses = False, False
        self.an_operator_pauses_or_resumes(paused=False)
        for wait in (timedelta(seconds=2), timedelta(minutes=1), LIST_INTERVAL, *[HOUR] * PATIENCE):
            self.clock.wait(wait)
            self.does(Daemon.everything)
            for fax in self.service.unfinished:
                self.service.finish(fax, "OK")
            if self.is_quiet():
                break
        for _ in range(3):
            self.clock.wait(HOUR)
            self.does(Daemon.everything)
        facts = self.facts()
        assert [*broken_now(facts), *broken_at_the_end(facts)] == []
        assert self.around.disk.read(lambda c: c.execute(select(schema.deletion)).all()) == []
        assert all(fax.deleted for fax in self.service.faxes if fax.wire_id in self.known(facts))

    def is_quiet(self) -> bool:
        return all(job.state in FINAL for job in self.facts().jobs.values())

    def known(self, facts: Facts) -> set[str]:
        return {job.wire_id for job in facts.jobs.values() if job.wire_id is not None}

    def finished(self) -> list[Any]:
        return [fax for fax in self.service.faxes if fax.statuses]

    def load(self, job_id: str) -> Any:
        return self.around.disk.read(lambda c: jobs.load(c, job_id))

    def facts(self) -> Facts:
        def read(connection: Connection) -> tuple[list[Job], frozenset[str]]:
            split = select(schema.event.c.job_id).where(schema.event.c.name == "split")
            return jobs.load_all(connection, jobs.query()), frozenset(connection.execute(split).scalars())

        found, split = self.around.disk.read(read)
        for job in sorted(found, key=lambda job: job.created_at):
            for recipient in job.recipients:
                self._inherit(job, recipient.number, {each.id: each for each in found})
        lines = list(dict.fromkeys(self.lines.values()))
        return Facts({job.id: job for job in found}, lines, self.service.faxes, self.mailbox.words, split)

    def _inherit(self, job: Job, number: str, by_id: dict[str, Job]) -> Line:
        """A split or retried job belongs to its parent's line."""
        if (job.id, number) not in self.lines:
            assert job.parent_id is not None, "a job that no mail made"
            line = self._inherit(by_id[job.parent_id], number, by_id)
            line.job_ids.append(job.id)
            self.lines[job.id, number] = line
        return self.lines[job.id, number]


async def _to_the_end(work: Coroutine[Any, Any, Any]) -> None:
    """Nothing of it is left when it is over, however it ends."""
    try:
        await work
    finally:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)


def _only(kind: type[BaseException], error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_only(kind, each) for each in error.exceptions)
    return isinstance(error, kind)


def _new_job(mail: Handover, now: Any) -> NewJob:
    paths = {number: (ForwardPath(address=f"{number}@fax.local", notify=mail.notify),) for number in mail.numbers}
    wish = report_wish(paths[mail.numbers[0]], "always")
    by_retarus = mail.report_by == "retarus"
    options = JobOptions(
        report_by=mail.report_by,  # type: ignore[arg-type] # one of two
        success_address=mail.sender if by_retarus and wish.success else None,
        failure_address=mail.sender if by_retarus and wish.failure else None,
    )
    recipients = tuple(
        NewRecipient(number, paths[number], handover_key(mail.sender, mail.message_id, number, "body"))
        for number in mail.numbers
    )
    return NewJob(new_id(), options, recipients, _timing(mail.when, now))


def _timing(when: str, now: Any) -> Timing:
    match when:
        case "later":
            return Timing(now + 3 * HOUR)
        case "until":
            return Timing(now, ends_by=now + 2 * HOUR)
        case "late by":
            return Timing(now, late_by=now + HOUR / 4)
        case _:
            return Timing(now)


def documents_of(job: Job, *_: object) -> Assembled | Unfaxable:
    """Stands where ``intake.preparation.documents_of`` stands."""
    if job.mail.subject == UNFAXABLE:
        return Unfaxable("Fotos.zip is a ZIP archive, which can't be faxed", "5.6.1")
    return Assembled((Made("cover.html", "UTF-8", b"<p>Guten Tag</p>"),))
