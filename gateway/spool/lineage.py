"""Jobs that come from jobs: a split after a 400, an operator's retry.

A child shares its parent's documents, and takes over the handover rows of its recipients: what keeps a mail from coming
twice asks the newest job of the line.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, and_, insert, or_, select, update

from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.spool import schema
from gateway.spool.job import Job, Recipient, Timing
from gateway.spool.jobs import Note, advance, new_id, record, reload
from gateway.spool.locks import handovers_exclusively
from gateway.spool.states import FINAL, Event, State

NONE: Mapping[str, Sequence["Other"]] = MappingProxyType({})


class NotRetried(Exception):
    """Why an operator's retry makes no job; the text is for the operator."""


def split(connection: Connection, job: Job, note: Note, *, due_at: datetime) -> tuple[str, ...]:
    """A 400 on several recipients: one new job for each, so that only the bad one fails. Returns the new ids.

    The old job ends as failed without a word.
    """
    advance(connection, job, Event.SPLIT, note)
    return tuple(
        _child(connection, job, [recipient], Note(note.actor, due_at, job.id), "split_from", job.timing)
        for recipient in job.recipients
    )


def retry(connection: Connection, job: Job, note: Note, *, may_duplicate: bool) -> str:
    """A new job for those recipients who did not get the fax; returns its id. Raises NotRetried."""
    _have_alone(connection, job)
    job = reload(connection, job)
    wanted = retried(job, _others(connection, job), may_duplicate=may_duplicate)
    if purged(connection, job):
        raise NotRetried("its documents have been purged: ask its sender for the mail")
    child = _child(connection, job, wanted, replace(note, detail=job.id), "retry_of", Timing(note.at))
    record(connection, job.id, "retried", replace(note, detail=child))
    return child


def _have_alone(connection: Connection, job: Job) -> None:
    """Until this is committed nobody else retries a job of the mail, and no relay hands the mail over again."""
    mail, recipient = schema.mail.c, schema.recipient.c
    connection.execute(select(mail.id).where(mail.id == job.mail.id).with_for_update(key_share=True))
    keys = select(recipient.dedupe_key).where(recipient.job_id == job.id, recipient.dedupe_key.is_not(None))
    handovers_exclusively(connection, [key for key in connection.execute(keys).scalars() if key])


@dataclass(frozen=True, slots=True)
class Other:
    """Another job that faxes the same mail to the same number: a split's, a retry's, or the mail came once more."""

    job_id: str
    state: State
    status: str | None  # of that number there

    @property
    def has_it(self) -> bool:
        return delivered(self.status or "")

    @property
    def perhaps(self) -> bool:
        if self.status is not None:
            return perhaps_delivered(self.status)
        return self.state in {State.UNKNOWN, State.SENT, State.PARTLY_SENT}

    @property
    def is_coming(self) -> bool:
        return self.status is None and self.state not in FINAL


def retried(job: Job, others: Mapping[str, Sequence[Other]] = NONE, *, may_duplicate: bool) -> list[Recipient]:
    """Whom a retry faxes: nobody who has the fax, and nobody who perhaps has it unless told so. Raises NotRetried.

    `others` by number: whoever has or gets the fax by one of them has it, or gets it, whatever is said.
    """
    if job.state not in FINAL:
        raise NotRetried(f"it is {job.state.value}: only a job that has ended can be retried")
    without = [recipient for recipient in job.recipients if not delivered(recipient.status or "")]
    if not without:
        raise NotRetried("every recipient has the fax")
    served = {r.number: each for r in without for each in others.get(r.number, ()) if each.has_it or each.is_coming}
    missing = [recipient for recipient in without if recipient.number not in served]
    if not missing:
        raise NotRetried(
            f"it has been sent again already: see {', '.join(sorted({o.job_id for o in served.values()}))}"
        )
    uncertain = [
        recipient.number
        for recipient in missing
        if _perhaps(job, recipient) or any(each.perhaps for each in others.get(recipient.number, ()))
    ]
    if uncertain and not may_duplicate:
        why = " (it may have been sent again after the backup)" if job.perhaps_sent_again else ""
        who = f"{', '.join(uncertain)} perhaps has the fax{why}"
        raise NotRetried(f"{who}: ask there first, then say --may-duplicate to send it again")
    return missing


def _others(connection: Connection, job: Job) -> Mapping[str, Sequence[Other]]:
    """By number: of the same mail, and the newest of the same mail that came once more."""
    found: dict[str, list[Other]] = defaultdict(list)
    numbers = [recipient.number for recipient in job.recipients]
    table, of_job, handover = schema.recipient.c, schema.job.c, schema.handover.c
    keys = select(table.dedupe_key).where(table.job_id == job.id, table.dedupe_key.is_not(None))
    again = select(handover.job_id).where(handover.key.in_(keys))
    query = (
        select(table.number, of_job.id, of_job.state, table.status)
        .join(schema.job, of_job.id == table.job_id)
        .where(or_(of_job.mail_id == job.mail.id, of_job.id.in_(again)), of_job.id != job.id, table.number.in_(numbers))
        .order_by(of_job.created_at)
    )
    for row in connection.execute(query):
        found[row.number].append(Other(row.id, State(row.state), row.status))
    return found


def purged(connection: Connection, job: Job) -> bool:
    """Whether the mail or a document of it is gone."""
    documents = select(schema.document.c.content_id).where(schema.document.c.job_id == job.id)
    needed = or_(schema.content.c.id == job.mail.content_id, schema.content.c.id.in_(documents))
    query = select(schema.content.c.purged_at).where(needed).with_for_update(read=True)  # none of them goes meanwhile
    return any(moment is not None for moment in connection.execute(query).scalars())


def _perhaps(job: Job, recipient: Recipient) -> bool:
    if job.perhaps_sent_again:
        return True
    if recipient.status is not None:
        return perhaps_delivered(recipient.status)
    return job.state is State.UNKNOWN or job.standing.perhaps_there


@dataclass(frozen=True, slots=True)
class _Kin:
    """What a child takes over."""

    recipient: Recipient
    dedupe_key: str | None


def _child(
    connection: Connection, job: Job, recipients: Sequence[Recipient], note: Note, story: str, timing: Timing
) -> str:
    """A job of `recipients` that is due at the note's moment, with its first line."""
    child = new_id()
    documents = connection.execute(select(schema.document).where(schema.document.c.job_id == job.id)).mappings()
    shared = [dict(row) | {"job_id": child} for row in documents]
    connection.execute(
        insert(schema.job).values(
            id=child,
            mail_id=job.mail.id,
            parent_id=job.id,
            options=job.options.to_row(),
            state=State.PREPARED if shared else State.RECEIVED,
            perhaps_arrived=False,
            created_at=job.created_at if story == "split_from" else note.at,
            start_at=timing.start_at,
            ends_by=timing.ends_by,
            late_by=timing.late_by,
            due_at=note.at,
            warned_at=job.warned_at if story == "split_from" else None,
            late_told_at=job.late_told_at if story == "split_from" else None,
            attempts=0,
        )
    )
    for position, kin in enumerate(_kin(connection, job, recipients)):
        row = {"job_id": child, "position": position, "number": kin.recipient.number, "dedupe_key": kin.dedupe_key}
        paths = [path.to_row() for path in kin.recipient.forward_paths]
        connection.execute(insert(schema.recipient).values(row | {"forward_paths": paths}))
        moved = and_(schema.handover.c.key == kin.dedupe_key, schema.handover.c.job_id == job.id)
        connection.execute(update(schema.handover).where(moved).values(job_id=child))
    if shared:
        connection.execute(insert(schema.document), shared)
    record(connection, child, story, note)
    return child


def _kin(connection: Connection, job: Job, recipients: Sequence[Recipient]) -> list[_Kin]:
    table = schema.recipient.c
    rows = connection.execute(select(table.position, table.dedupe_key).where(table.job_id == job.id))
    keys = {row.position: row.dedupe_key for row in rows}
    return [_Kin(recipient, keys[recipient.position]) for recipient in recipients]
