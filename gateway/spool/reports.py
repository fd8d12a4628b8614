"""Reports of the data centres in the spool: stored, and only then deleted there.

A deletion is a committed to-do, sent to every data centre until it says deleted or NOT_FOUND. The same report twice
changes nothing.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, or_, select, update

from gateway.fax4a import FaxReport
from gateway.fax4a.report import FaxRecipientWithStatus
from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.spool import schema
from gateway.spool.job import Job
from gateway.spool.jobs import Note, advance, say
from gateway.spool.outbox import DOUBT, withdraw
from gateway.spool.states import Event, State, Transition
from gateway.spool.told import told
from gateway.spool.upsert import Upsert

log = structlog.get_logger()

UNSENT = frozenset({State.RECEIVED, State.PREPARED})
FARTHEST_RETRY = timedelta(hours=1)  # no deletion waits longer for its next try


@dataclass(frozen=True, slots=True)
class Deletion:
    account_id: str
    datacenter: str
    wire_id: str


def verdict(job: Job, report: FaxReport) -> Event:
    """All OK: sent. All surely not delivered: failed. Everything else, perhaps-delivered and unnamed ones: partly."""
    outcomes = outcomes_of(job, report)
    statuses = [outcome.status if outcome is not None else None for outcome in outcomes]
    if all(status is not None and delivered(status) for status in statuses):
        return Event.REPORTED_SENT
    if all(status is not None and not delivered(status) and not perhaps_delivered(status) for status in statuses):
        return Event.REPORTED_FAILED
    return Event.REPORTED_PARTLY


def outcomes_of(job: Job, report: FaxReport) -> list[FaxRecipientWithStatus | None]:
    """For each recipient of the job what the report says of it; None where it doesn't name it. Pure."""
    by_number = {_international(outcome.number): outcome for outcome in report.recipient_status}
    found = [by_number.get(recipient.number) for recipient in job.recipients]
    if found == [None] and len(report.recipient_status) == 1:
        return [report.recipient_status[0]]  # the service may write the only number in its own way
    return found


def _international(number: str) -> str:
    """0049... is +49... (Fax4A, recipients[].number)."""
    digits = re.sub(r"[^0-9+]", "", number)
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def store(
    connection: Connection,
    job: Job,
    report: FaxReport,
    note: Note,
    *,
    datacenter: str | None,
    all_datacenters: Iterable[str],
    account_id: str | None = None,
) -> Transition:
    """Ends `job` by its report and notes the deletion to do at the account that showed it, else the job's own.

    `datacenter` is where it was found; None where the service pushed it.

    ReportMail is the word; ours comes on top where a status leaves room for doubt, and where RCPT asked for one.
    """
    waited = job
    if job.state in UNSENT:
        # An answer that said "not arrived" was wrong: before the fax goes out twice, the job stops waiting.
        stopped = advance(connection, job, Event.HELD, replace(note, detail=f"it has been sent already: {note.detail}"))
        waited = replace(job, standing=stopped.standing)
    outcomes = outcomes_of(job, report)
    changes = {"wire_id": report.job_id, "datacenter": datacenter, "pages": report.pages}
    transition = advance(connection, waited, verdict(job, report), note, changes=changes)
    _store_outcomes(connection, job, outcomes)
    ended = _with_outcomes(job, outcomes)
    _tell(connection, job, ended, transition.standing.state, note)
    at_account = account_id or job.account_id
    if at_account is not None:
        note_deletion(connection, at_account, all_datacenters, report.job_id, note.at)
    return transition


_NOTE_DELETION = Upsert.or_nothing(schema.deletion)


def _tell(connection: Connection, before: Job, ended: Job, state: State, note: Note) -> None:
    """`before`: the job as the report found it."""
    # A doubt that still waits for the smarthost would come after what is certain.
    doubted = before.state is State.UNKNOWN and not withdraw(connection, before.id, DOUBT)
    if before.options.report_by == "gateway":
        # "May have gone out" must not be the last word, whatever report.on says.
        say(connection, ended, "resolved" if doubted else "result", note)
        return
    doubtful = [r.number for r in ended.recipients if r.status is not None and perhaps_delivered(r.status)]
    if doubtful:
        say(connection, ended, "perhaps", Note(note.actor, note.at, ", ".join(doubtful)))
    if doubted and not _mailed(before, state):
        say(connection, ended, "resolved", note)  # as above
    elif told(ended.recipients, "outcome"):
        say(connection, ended, "outcome", note)


def note_deletion(
    connection: Connection, account_id: str, datacenters: Iterable[str], wire_id: str, at: datetime
) -> None:
    """A to-do for each data centre; one that stands already is left as it is."""
    rows = [{"account_id": account_id, "datacenter": name, "wire_id": wire_id, "due_at": at} for name in datacenters]
    if rows:
        connection.execute(_NOTE_DELETION.for_(connection), rows)


def _mailed(job: Job, state: State) -> bool:
    """Whether ReportMail tells this outcome."""
    address = job.options.success_address if state is State.SENT else job.options.failure_address
    return address is not None


def _with_outcomes(job: Job, outcomes: Sequence[FaxRecipientWithStatus | None]) -> Job:
    """The job as its recipients' rows now say."""
    recipients = tuple(
        recipient if outcome is None else replace(recipient, status=outcome.status, reason=outcome.reason)
        for recipient, outcome in zip(job.recipients, outcomes, strict=True)
    )
    return replace(job, recipients=recipients)


# A statement that is made once: ten thousand reports may come in one cycle.
_UPDATE_RECIPIENT = (
    update(schema.recipient)
    .where(schema.recipient.c.job_id == bindparam("of_job"), schema.recipient.c.position == bindparam("at_position"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("status", "reason", "sent_at", "duration_seconds", "sent_to_number", "remote_csid")
        }
    )
)


def _store_outcomes(connection: Connection, job: Job, outcomes: Sequence[FaxRecipientWithStatus | None]) -> None:
    rows: list[dict[str, Any]] = []
    for recipient, outcome in zip(job.recipients, outcomes, strict=True):
        if outcome is None:
            log.error("recipient_without_status", job_id=job.id, number=recipient.number, hint="the report lacks it")
            continue
        is_erased = job.erased_at is not None
        rows.append(
            {
                "of_job": job.id,
                "at_position": recipient.position,
                "new_status": outcome.status,
                "new_reason": outcome.reason if not is_erased else None,
                "new_sent_at": outcome.sent_ts,
                "new_duration_seconds": outcome.duration_in_secs,
                "new_sent_to_number": outcome.sent_to_number if not is_erased else None,
                "new_remote_csid": outcome.remote_csid if not is_erased else None,
            }
        )
    if rows:
        connection.execute(_UPDATE_RECIPIENT, rows)


def deletions_due(
    connection: Connection, account_id: str, at: datetime, limit: int, *, datacenter: str | None = None
) -> list[Deletion]:
    """At one data centre, or at all of the account; one due far ahead was set before the clock was set back."""
    table = schema.deletion.c
    query = select(schema.deletion).where(
        table.account_id == account_id, or_(table.due_at <= at, table.due_at > at + FARTHEST_RETRY)
    )
    if datacenter is not None:
        query = query.where(table.datacenter == datacenter)
    return [Deletion(r.account_id, r.datacenter, r.wire_id) for r in connection.execute(query.limit(limit))]


def deletions_done(connection: Connection, account_id: str, datacenter: str, wire_ids: Collection[str]) -> None:
    if wire_ids:
        connection.execute(delete(schema.deletion).where(_at(account_id, datacenter, wire_ids)))


def deletions_postponed(
    connection: Connection, account_id: str, datacenter: str, wire_ids: Collection[str], due_at: datetime
) -> None:
    if wire_ids:
        statement = update(schema.deletion).where(_at(account_id, datacenter, wire_ids))
        connection.execute(statement.values(due_at=due_at))


def _at(account_id: str, datacenter: str, wire_ids: Collection[str]) -> ColumnElement[bool]:
    table = schema.deletion.c
    return and_(table.account_id == account_id, table.datacenter == datacenter, table.wire_id.in_(wire_ids))
