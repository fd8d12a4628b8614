"""Sorts what a data centre shows into what ends a job of ours, what is an alert, and what is foreign. Pure.

A job is known by its customerDefinedId, which is our own random id, or by the jobId that the service gave it. Both must
not name two jobs (docs/architecture.md, "Doubt" and "Reports").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.fax4a import FaxReport
from gateway.spool.states import FINAL, State
from gateway.spool.tracked import Known


class Alarm(StrEnum):
    """What must never happen; the names stand in the job's story and in the log."""

    FAXED_TWICE = "faxed_twice"  # a second jobId for one customerDefinedId
    FAXED_UNAWARES = "faxed_unawares"  # a report of a job that we told was never sent
    CONTRADICTORY = "report_contradictory"  # its two ids are those of two jobs


@dataclass(frozen=True, slots=True)
class Alert:
    job_id: str
    alarm: Alarm
    detail: str  # the same each time it is seen


@dataclass(slots=True)
class Sorted:
    ours: dict[str, FaxReport] = field(default_factory=dict)  # by the id of the job that it ends
    stored: list[FaxReport] = field(default_factory=list)  # earlier, and not deleted there yet
    alerts: list[Alert] = field(default_factory=list)
    foreign: list[FaxReport] = field(default_factory=list)
    unfiled: set[str] = field(default_factory=set)  # jobs whose report is not stored yet: they look unreported


def sort_out(reports: Sequence[FaxReport], known: Iterable[Known]) -> Sorted:
    """`known`: the jobs of the spool that `reports` name, by either id."""
    jobs = list(known)
    by_id = {job.id: job for job in jobs}
    by_wire_id = {job.wire_id: job for job in jobs if job.wire_id is not None}
    found = Sorted()
    for report in reports:
        named, numbered = by_id.get(customer_id(report) or ""), by_wire_id.get(report.job_id)
        job = named or numbered
        if job is None:
            found.foreign.append(report)
        elif numbered is not None and numbered is not job:
            detail = f"{report.job_id} is the jobId of {numbered.id}"
            found.alerts.append(Alert(job.id, Alarm.CONTRADICTORY, detail))
            found.unfiled.add(job.id)  # it may be that one's all the same: nobody may say that the list hasn't it
        else:
            _sort(found, job, report)
    return found


def sort_pushed(job: Known, known: Iterable[Known], report: FaxReport) -> Sorted:
    """A report that was pushed with the token of `job`, which it must not contradict; `known` as in ``sort_out``."""
    found = Sorted()
    named = customer_id(report)
    others = [each for each in known if each.id != job.id and (each.id == named or each.wire_id == report.job_id)]
    if others:
        found.alerts.append(Alert(job.id, Alarm.CONTRADICTORY, f"its push has an id of {others[0].id}"))
    elif named and named != job.id and report.job_id != job.wire_id:
        # Not in its words: they may be anything, and would make a line of the story each time they change.
        found.alerts.append(Alert(job.id, Alarm.CONTRADICTORY, "its push has another customerDefinedId"))
    else:
        _sort(found, job, report)
    return found


def _sort(found: Sorted, job: Known, report: FaxReport) -> None:
    """A report of `job`."""
    first = found.ours[job.id].job_id if job.id in found.ours else job.wire_id
    if first is not None and first != report.job_id:
        found.alerts.append(Alert(job.id, Alarm.FAXED_TWICE, f"second jobId {report.job_id}"))
    elif job.state in FINAL and first is not None and job.state is not State.UNKNOWN:
        found.stored.append(report)
    elif job.state in FINAL and job.state is not State.UNKNOWN:
        found.alerts.append(Alert(job.id, Alarm.FAXED_UNAWARES, f"{report.job_id}, though it is {job.state.value}"))
    elif job.state is State.SUBMITTING:  # its answer is on its way, or lost; the report stays for the next round
        found.unfiled.add(job.id)
    else:
        found.ours[job.id] = report


def customer_id(report: FaxReport) -> str | None:
    return report.reference.customer_defined_id if report.reference is not None else None
