"""Attempts to submit: each is committed before its first byte leaves, with the account it goes to.

The account is recorded with the attempt, so that a job is looked for where it was sent, whatever the configuration
says later.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from gateway.fax4a import Account
from gateway.spool import schema
from gateway.spool.content import Content, ContentStore, insert_contents
from gateway.spool.job import Job
from gateway.spool.jobs import Note, advance
from gateway.spool.states import Event, State, Transition
from gateway.spool.upsert import Upsert

# Made once: to make a statement costs more than to run it.
_INSERT_ATTEMPT = insert(schema.attempt)
_KEEP_ACCOUNT = Upsert.or_nothing(schema.account)
_END_ATTEMPT = (
    update(schema.attempt)
    .where(schema.attempt.c.job_id == bindparam("of_job"), schema.attempt.c.number == bindparam("of_number"))
    .values(outcome=bindparam("new_outcome"), wire_id=bindparam("new_wire_id"))
)
_INSERT_DOCUMENT = insert(schema.document)
_DOCUMENTS = (
    select(schema.document).where(schema.document.c.job_id == bindparam("of_job")).order_by(schema.document.c.position)
)


@dataclass(frozen=True, slots=True)
class RecordedAccount:
    """Where an attempt went, without its password."""

    id: str
    send_url: str
    datacenters: Mapping[str, str]
    customer_number: str
    username: str

    def is_login_of(self, account: Account) -> bool:
        """Whether it is the same customer's same login, at whatever URLs."""
        return (self.customer_number, self.username) == (account.customer_number, account.username)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it goes out: its name on the wire, its charset where that is declared, its bytes."""

    name: str
    charset: str | None
    content: Content


def recorded(account: Account) -> RecordedAccount:
    facts = [account.send_url, dict(account.datacenters), account.customer_number, account.username]
    fingerprint = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return RecordedAccount(
        fingerprint, account.send_url, account.datacenters, account.customer_number, account.username
    )


def keep_account(connection: Connection, account: RecordedAccount) -> None:
    row = {
        "id": account.id,
        "send_url": account.send_url,
        "datacenters": dict(account.datacenters),
        "customer_number": account.customer_number,
        "username": account.username,
    }
    connection.execute(_KEEP_ACCOUNT.for_(connection), row)


def accounts(connection: Connection) -> list[RecordedAccount]:
    return [_account(row) for row in connection.execute(select(schema.account))]


def account_of(connection: Connection, job_id: str) -> RecordedAccount | None:
    """That of the job's newest attempt; None where no attempt was made."""
    account, job = schema.account, schema.job.c
    query = select(account).join(schema.job, job.account_id == account.c.id).where(job.id == job_id)
    return next((_account(row) for row in connection.execute(query)), None)


def start(
    connection: Connection, job: Job, account_id: str, *, owner: str, at: datetime, valid_until: datetime
) -> None:
    """Commits `submitting`, before the first byte of the request leaves. The attempt's number is job.attempts + 1."""
    number = job.attempts + 1
    changes: dict[str, Any] = {
        "attempts": number,
        "owner": owner,
        "account_id": account_id,
        "sent_at": at,
        "valid_until": valid_until,
    }
    advance(connection, job, Event.STARTED, Note("delivery", at, f"attempt {number}"), changes=changes)
    row = {"job_id": job.id, "number": number, "account_id": account_id, "started_at": at, "valid_until": valid_until}
    connection.execute(_INSERT_ATTEMPT, row)


def finish(
    connection: Connection,
    job: Job,
    event: Event,
    note: Note,
    *,
    due_at: datetime,
    wire_id: str | None = None,
) -> Transition:
    """Commits what the answer to a send means; `job` is as ``start`` left it. `due_at`: when to look at it next."""
    changes: dict[str, Any] = {"owner": None, "due_at": due_at, "last_error": note.detail or None}
    if wire_id is not None:
        changes["wire_id"] = wire_id
    if event in {Event.ACCEPTED, Event.ACCEPTED_EARLIER, Event.FOUND}:
        changes["accepted_at"] = note.at
    transition = advance(connection, job, event, note, changes=changes)
    outcome = {"of_job": job.id, "of_number": job.attempts, "new_outcome": event.value, "new_wire_id": wire_id}
    connection.execute(_END_ATTEMPT, outcome)
    return transition


def last_misconfigured(connection: Connection, account_id: str) -> datetime | None:
    """When the newest of the attempts began that the account was refused for, of jobs that wait since."""
    attempt, job = schema.attempt.c, schema.job.c
    newest = and_(attempt.job_id == job.id, attempt.number == job.attempts)
    query = select(func.max(attempt.started_at)).select_from(schema.job.join(schema.attempt, newest))
    waiting = job.state.in_([State.PREPARED, State.IN_DOUBT])
    of_account = attempt.account_id == account_id
    found: datetime | None = connection.execute(
        query.where(waiting, of_account, attempt.outcome == Event.MISCONFIGURED)
    ).scalar()
    return found


def _account(row: Row[Any]) -> RecordedAccount:
    return RecordedAccount(row.id, row.send_url, row.datacenters, row.customer_number, row.username)


def documents(connection: Connection, store: ContentStore, job_id: str) -> list[StoredDocument]:
    """The documents of a job in their order."""
    rows = connection.execute(_DOCUMENTS, {"of_job": job_id}).all()
    return [StoredDocument(r.name, r.charset, store.load(connection, r.content_id)) for r in rows]


def keep_documents(connection: Connection, job: Job, made: list[StoredDocument], note: Note) -> None:
    """Commits a job's documents and that it is prepared; raises Overtaken where somebody else has prepared it."""
    advance(connection, job, Event.PREPARED, note, changes={"due_at": job.due_from(note.at)})
    if made:
        insert_contents(connection, [document.content for document in made])
        connection.execute(_INSERT_DOCUMENT, [_document_row(job.id, *each) for each in enumerate(made)])


def _document_row(job_id: str, position: int, document: StoredDocument) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "position": position,
        "name": document.name,
        "charset": document.charset,
        "content_id": document.content.id,
    }
