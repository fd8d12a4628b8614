"""The fax service in memory: what it accepts, faxes, reports and tells, and what it says of that, which may be less.

It keeps the promises that Fax4A makes and no others: a job is faxed once for each time it is accepted, by its
jobValid.end or never; its report stands at one data centre once every recipient is final.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.fax4a import (
    Accepted,
    AcceptedEarlier,
    Account,
    FaxJobRequest,
    FaxReport,
    JobDeleteReport,
    Misconfigured,
    NotArrived,
    Outcome,
    PerhapsArrived,
    Rejected,
    ReportMail,
    Unreachable,
)
from gateway.fax4a.report import LARGEST_BULK, Listed
from gateway.fax4a.status import delivered
from tests.laws.mortal import Fuse

NOT_DIALLED = "CANCELLED"  # of what had not begun by jobValid.end


class Fault(StrEnum):
    """What may happen to a send, from its connection to its answer."""

    NONE = "none"
    NO_CONNECTION = "no connection"
    BROKEN = "the connection breaks before the last piece"
    BUSY = "503"
    REFUSED = "413"
    BAD_REQUEST = "400"
    FORBIDDEN = "401"
    ERROR = "500"
    ERROR_AFTER = "500, and it was accepted"
    LOST = "no answer, and it was accepted"
    OUR_BUG = "an error of ours, and it was accepted"


SURELY_NOT = frozenset({Fault.BROKEN, Fault.BUSY, Fault.REFUSED, Fault.BAD_REQUEST, Fault.FORBIDDEN, Fault.ERROR})
ANSWERS: dict[Fault, Outcome] = {
    Fault.NO_CONNECTION: NotArrived("no connection"),
    Fault.BROKEN: NotArrived("the connection broke before the request was sent whole"),
    Fault.BUSY: NotArrived("503"),
    Fault.REFUSED: Rejected(413, "too large"),
    Fault.BAD_REQUEST: Rejected(400, "No number available for rcpt"),
    Fault.FORBIDDEN: Misconfigured(401, "Authentication failed"),
    Fault.ERROR: PerhapsArrived("500"),
    Fault.ERROR_AFTER: PerhapsArrived("500"),
    Fault.LOST: PerhapsArrived("no readable answer to the whole request"),
}


@dataclass
class Fax:
    """One request that was accepted."""

    wire_id: str
    job_id: str  # reference.customerDefinedId
    datacenter: str
    numbers: tuple[str, ...]
    ends: datetime  # jobValid.end
    mail: ReportMail | None
    statuses: dict[str, str] = field(default_factory=dict)  # by number; empty until every one is final
    deleted: bool = False

    @property
    def report(self) -> FaxReport:
        return FaxReport.model_validate(
            {
                "jobId": self.wire_id,
                "pages": 2,
                "recipientStatus": [{"number": number, "status": status} for number, status in self.statuses.items()],
                "reference": {"customerDefinedId": self.job_id},
            }
        )


class FaxService:
    """Stands where Fax4AClient stands. `clock` is its own, which nobody sets; `mailed` gets each ReportMail."""

    def __init__(
        self, account: Account, clock: Callable[[], datetime], mailed: Callable[[Fax], None], *, refuses_doubles: bool
    ) -> None:
        self.account = account
        self.fuse = Fuse()
        self.faxes: list[Fax] = []
        self.faults: list[Fault] = []  # of the next sends
        self.down: set[str] = set()  # data centres
        self.foreign: dict[str, int] = dict.fromkeys(account.datacenters, 0)  # reports that hide ours in the list
        self._clock = clock
        self._mailed = mailed
        self._refuses_doubles = refuses_doubles

    # Sends

    async def submit(self, request: FaxJobRequest, *, before_first_byte: Callable[[], Awaitable[None]]) -> Outcome:
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        await self.fuse.step()
        if fault is Fault.NO_CONNECTION:
            return ANSWERS[fault]
        await before_first_byte()
        await self.fuse.step()
        if fault in SURELY_NOT:
            return ANSWERS[fault]
        answer = self._accept(request)
        await self.fuse.step()  # it is there, and the daemon may never learn it
        if fault is Fault.OUR_BUG:
            raise LookupError("a bug of ours")
        return ANSWERS.get(fault, answer)

    def _accept(self, request: FaxJobRequest) -> Outcome:
        assert request.reference is not None
        assert request.meta is not None
        assert request.meta.job_valid is not None
        job_id, ends = request.reference.customer_defined_id, request.meta.job_valid.end
        assert job_id is not None
        assert isinstance(ends, datetime)
        if ends <= self._clock():
            return Rejected(400, "Job Expiration: the end of jobValid is past")
        if self._refuses_doubles and any(fax.job_id == job_id for fax in self.faxes):
            return AcceptedEarlier("there is a job with this customerDefinedId")
        options = request.status_report_options
        wire_id = f"FJJ{len(self.faxes) + 1}"
        datacenter = sorted(self.account.datacenters)[len(self.faxes) % 2]
        numbers = tuple(recipient.number for recipient in request.recipients)
        self.faxes.append(
            Fax(wire_id, job_id, datacenter, numbers, ends, options.report_mail if options is not None else None)
        )
        return Accepted(wire_id)

    # Faxes

    @property
    def unfinished(self) -> list[Fax]:
        return [fax for fax in self.faxes if not fax.statuses]

    def finish(self, fax: Fax, status: str) -> None:
        """The first number's outcome is `status`, the others' are OK."""
        if fax.ends <= self._clock():
            status, others = NOT_DIALLED, NOT_DIALLED
        else:
            others = "OK"
        fax.statuses = dict.fromkeys(fax.numbers, others) | {fax.numbers[0]: status}
        self._mailed(fax)

    def _let_end(self) -> None:
        """A report stands by jobValid.end."""
        for fax in self.unfinished:
            if fax.ends <= self._clock():
                self.finish(fax, NOT_DIALLED)

    def mail_address(self, fax: Fax) -> str | None:
        """Whom ReportMail tells of it."""
        if fax.mail is None:
            return None
        return fax.mail.success_address if all(map(delivered, fax.statuses.values())) else fax.mail.failure_address

    # Reports

    async def get_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[FaxReport]:
        wanted = set(job_ids)
        await self._answer(datacenter)
        return [fax.report for fax in self._standing(datacenter) if fax.wire_id in wanted]

    async def list_reports(self, datacenter: str) -> Listed:
        await self._answer(datacenter)
        foreign = [FaxReport(job_id=f"X{number}") for number in range(self.foreign[datacenter])]
        ours = [fax.report for fax in self._standing(datacenter)]
        return Listed(tuple([*foreign, *ours][:LARGEST_BULK]), 0, self._clock())

    async def delete_reports(self, datacenter: str, job_ids: Iterable[str]) -> list[JobDeleteReport]:
        wanted = list(job_ids)
        await self._answer(datacenter)
        standing = {fax.wire_id: fax for fax in self._standing(datacenter)}
        done = []
        for wire_id in wanted:
            if wire_id in standing:
                standing[wire_id].deleted = True
                done.append(JobDeleteReport(job_id=wire_id))
            else:
                done.append(JobDeleteReport(job_id=wire_id, deleted=False, reason="NOT_FOUND"))
        await self.fuse.step()
        return done

    def _standing(self, datacenter: str) -> list[Fax]:
        return [fax for fax in self.faxes if fax.datacenter == datacenter and fax.statuses and not fax.deleted]

    async def _answer(self, datacenter: str) -> None:
        await self.fuse.step()
        self._let_end()
        if datacenter in self.down:
            raise Unreachable(datacenter, "connection refused")
