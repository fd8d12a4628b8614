"""Jobs in the database: find what is due, take it in hand, move it along the edges of ``states``.

Every function works in the caller's transaction. A transition is conditional on the state and the attempt that the
caller saw, so that two who act on one job at the same moment can't both win.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, and_, bindparam, func, insert, select, update

from gateway.spool import schema
from gateway.spool.forward_path import ForwardPath
from gateway.spool.job import Job, JobOptions, Mail, Recipient, Timing
from gateway.spool.outbox import DELAYED, withdraw
from gateway.spool.states import FINAL, Event, Standing, State, Transition, step
from gateway.spool.told import told

# job.mail_id is mail.id already
_MAIL_COLUMNS = tuple(column.label(f"mail_{column.name}") for column in schema.mail.c if column.name != "id")


INSERT_EVENT = insert(schema.event)
_DUE = (
    select(schema.job.c.id)
    .where(schema.job.c.state.in_(bindparam("states", expanding=True)), schema.job.c.due_at <= bindparam("at"))
    .order_by(schema.job.c.due_at, schema.job.c.created_at)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(schema.job.c.due_at)).where(schema.job.c.state.in_(bindparam("states", expanding=True)))
_IDS_IN_STATE = select(schema.job.c.id).where(schema.job.c.state == bindparam("wanted"))
_RECIPIENTS = (
    select(schema.recipient)
    .where(schema.recipient.c.job_id.in_(bindparam("job_ids", expanding=True)))
    .order_by(schema.recipient.c.job_id, schema.recipient.c.position)
)


class Overtaken(Exception):
    """Somebody else has moved the job meanwhile; nothing was changed."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} has moved on meanwhile")
        self.job_id = job_id


def new_id() -> str:
    """128 random bits, never reused; a job's is also its reference.customerDefinedId."""
    return token_hex(16)


@dataclass(frozen=True, slots=True)
class Note:
    """Who moved a job, when, and what there is to say about it: an event row."""

    actor: str
    at: datetime
    detail: str = ""


def load(connection: Connection, job_id: str) -> Job | None:
    jobs = load_all(connection, _by_id(), {"wanted": job_id})
    return jobs[0] if jobs else None


@cache
def _by_id() -> Select[Any]:
    return query().where(schema.job.c.id == bindparam("wanted"))


def reload(connection: Connection, job: Job) -> Job:
    """The job as this transaction has made it."""
    found = load(connection, job.id)
    if found is None:
        raise Overtaken(job.id)
    return found


def load_many(connection: Connection, job_ids: Collection[str]) -> list[Job]:
    return load_all(connection, _by_ids(), {"wanted": list(job_ids)})


@cache
def _by_ids() -> Select[Any]:
    return query().where(schema.job.c.id.in_(bindparam("wanted", expanding=True)))


def due(
    connection: Connection, states: Iterable[State], at: datetime, limit: int, *, without: Collection[str] = ()
) -> list[Job]:
    """Jobs in `states` whose time has come, the longest waiting first; `without` those that somebody has in hand."""
    found = connection.execute(_DUE, {"states": list(states), "at": at, "most": limit + len(without)}).scalars()
    wanted = [job_id for job_id in found if job_id not in without][:limit]
    jobs = {job.id: job for job in load_many(connection, wanted)} if wanted else {}
    return [jobs[job_id] for job_id in wanted]


def ids_in_state(connection: Connection, state: State) -> list[str]:
    return list(connection.execute(_IDS_IN_STATE, {"wanted": state}).scalars())


def next_due(connection: Connection, states: Iterable[State]) -> datetime | None:
    """When the next job in `states` has something to do; None where there is no such job."""
    moment = connection.execute(_NEXT_DUE, {"states": list(states)}).scalar_one()
    return moment if isinstance(moment, datetime) else None


def advance(
    connection: Connection,
    job: Job,
    event: Event,
    note: Note,
    *,
    changes: Mapping[str, Any] | None = None,
) -> Transition:
    """Moves `job` by `event`: the row, its event and the word that is due, all in the caller's transaction.

    "Delayed" isn't said of a job that has ended: such a letter that still waits is withdrawn.

    `changes` are further columns of the row. Raises ForbiddenTransition or Overtaken, both with nothing changed.
    """
    transition = step(job.standing, event)
    values: dict[str, Any] = {
        "state": transition.standing.state,
        "former": transition.standing.former,
        "perhaps_arrived": transition.standing.perhaps_arrived,
        "owner": None,  # it comes to whoever is next, unless `changes` say otherwise
        **(changes or {}),
    }
    ends = transition.standing.state in FINAL and job.state not in FINAL
    if ends:
        values["finished_at"] = note.at
    change(connection, job, values)
    if ends and event is not Event.SPLIT:  # the fax of a split job still waits
        withdraw(connection, job.id, DELAYED)
    record(connection, job.id, event.value, note, moved=(job.state, transition.standing.state))
    if transition.word is not None:
        say(connection, job, transition.word.value, note)
    return transition


def change(connection: Connection, job: Job, values: Mapping[str, Any], *, only_if_empty: str | None = None) -> None:
    """Writes columns of a job that is still as the caller saw it; raises Overtaken where it isn't.

    `only_if_empty`: a column that nobody may have filled meanwhile.
    """
    seen = {"seen_id": job.id, "seen_state": job.state, "seen_attempts": job.attempts}
    new = {f"new_{name}": value for name, value in values.items()}
    result = connection.execute(_changing(frozenset(values), only_if_empty), seen | new)
    if result.rowcount != 1:
        raise Overtaken(job.id)


@cache
def _changing(columns: frozenset[str], empty: str | None) -> Update:
    """Made once for each set of columns: to make a statement costs more than to run it."""
    job = schema.job.c
    unmoved = and_(
        job.id == bindparam("seen_id"),
        job.state == bindparam("seen_state"),
        job.attempts == bindparam("seen_attempts"),
        *([job[empty].is_(None)] if empty is not None else []),
    )
    return update(schema.job).where(unmoved).values({name: bindparam(f"new_{name}") for name in columns})


def postpone(connection: Connection, job_ids: Collection[str], states: Iterable[State], due_at: datetime) -> None:
    """Sets when those of the jobs that are still in `states` are looked at next."""
    still = and_(schema.job.c.id.in_(job_ids), schema.job.c.state.in_(list(states)))
    connection.execute(update(schema.job).where(still).values(due_at=due_at, owner=None))


def record(
    connection: Connection,
    job_id: str,
    name: str,
    note: Note,
    *,
    moved: tuple[State, State] | None = None,
) -> None:
    """One line of the job's story."""
    connection.execute(INSERT_EVENT, event_row(job_id, name, note, moved=moved))


def event_row(job_id: str, name: str, note: Note, *, moved: tuple[State, State] | None = None) -> dict[str, Any]:
    from_state, to_state = moved if moved is not None else (None, None)
    return {
        "job_id": job_id,
        "at": note.at,
        "actor": note.actor,
        "name": name,
        "from_state": from_state,
        "to_state": to_state,
        "detail": note.detail,
    }


def say(connection: Connection, job: Job, word: str, note: Note) -> None:
    """Puts a word to the sender into the outbox, or the reason why there is nobody to tell into the job's story."""
    if not job.mail.report_to:  # a null reverse-path
        record(connection, job.id, "no_word", Note(note.actor, note.at, f"{word}: no address to report to"))
        return
    if not told(job.recipients, word, job.options.report_on):
        record(connection, job.id, "no_word", Note(note.actor, note.at, f"{word}: NOTIFY asks for none"))
        return
    connection.execute(
        insert(schema.outbox).values(
            id=new_id(),
            job_id=job.id,
            word=word,
            reverse_path="",
            forward_path=job.mail.report_to,
            detail=note.detail,
            created_at=note.at,
            due_at=note.at,
            tries=0,
        )
    )


def warn(connection: Connection, job: Job, note: Note, *, column: str = "warned_at") -> None:
    """The one "delayed" DSN of a job; with `column` late_told_at the one that MAIL's BY=n;N asked for."""
    change(connection, job, {column: note.at}, only_if_empty=column)
    record(connection, job.id, "delayed", note)
    say(connection, job, "delayed", note)


def query() -> Select[Any]:
    """Jobs with their mails; further conditions come from the caller."""
    return select(schema.job, *_MAIL_COLUMNS).join(schema.mail, schema.mail.c.id == schema.job.c.mail_id)


def load_all(connection: Connection, wanted: Select[Any], parameters: Mapping[str, Any] | None = None) -> list[Job]:
    """The jobs of a ``query``, each with its recipients."""
    rows = connection.execute(wanted, parameters or {}).all()
    recipients = _recipients(connection, [row.id for row in rows])
    return [_job(row, recipients[row.id]) for row in rows]


def _recipients(connection: Connection, job_ids: Sequence[str]) -> dict[str, list[Recipient]]:
    found: dict[str, list[Recipient]] = defaultdict(list)
    for start in range(0, len(job_ids), 500):  # SQLite takes 32,766 parameters, older ones 999
        for row in connection.execute(_RECIPIENTS, {"job_ids": list(job_ids[start : start + 500])}):
            found[row.job_id].append(
                Recipient(
                    position=row.position,
                    number=row.number,
                    forward_paths=tuple(ForwardPath.from_row(path) for path in row.forward_paths),
                    status=row.status,
                    reason=row.reason,
                    sent_at=row.sent_at,
                    duration_seconds=row.duration_seconds,
                    sent_to_number=row.sent_to_number,
                    remote_csid=row.remote_csid,
                )
            )
    return found


def _job(row: Row[Any], recipients: Sequence[Recipient]) -> Job:
    former = State(row.former) if row.former is not None else None
    return Job(
        id=row.id,
        mail=Mail(
            id=row.mail_id,
            received_at=row.mail_received_at,
            reverse_path=row.mail_reverse_path,
            report_to=row.mail_report_to,
            client=row.mail_client,
            helo=row.mail_helo,
            queue_id=row.mail_queue_id,
            message_id=row.mail_message_id,
            subject=row.mail_subject,
            language=row.mail_language,
            numbers=row.mail_numbers,
            content_id=row.mail_content_id,
            envid=row.mail_envid,
            ret=row.mail_ret,
        ),
        parent_id=row.parent_id,
        options=JobOptions.from_row(row.options),
        standing=Standing(State(row.state), former, row.perhaps_arrived, restored=row.restored_at is not None),
        created_at=row.created_at,
        timing=Timing(row.start_at, row.ends_by, row.late_by),
        due_at=row.due_at,
        warned_at=row.warned_at,
        late_told_at=row.late_told_at,
        attempts=row.attempts,
        account_id=row.account_id,
        sent_at=row.sent_at,
        valid_until=row.valid_until,
        accepted_at=row.accepted_at,
        wire_id=row.wire_id,
        datacenter=row.datacenter,
        pages=row.pages,
        last_error=row.last_error,
        recipients=tuple(recipients),
        finished_at=row.finished_at,
        restored_at=row.restored_at,
        erased_at=row.erased_at,
    )
