"""A spool with many jobs in every state, each as its way has left it: what a start must be quick with.

Mails, recipients, documents, attempts, stories and words are there as well; every fifth word still waits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert

from gateway.fax4a import Account
from gateway.spool import attempts, schema
from gateway.spool.database import write_once
from gateway.spool.job import JobOptions
from gateway.spool.place import Place
from gateway.spool.states import FINAL, Event, Standing, State, step

AT_ONCE = 2_000  # jobs whose rows are in memory
WAITING_WORDS = 5  # of so many words one
RAW = b"From: jana@example.com\r\nSubject: Angebot\r\n\r\nGuten Tag,\r\n\r\nanbei das Angebot.\r\n"
DOCUMENT = b"Guten Tag,\n\nanbei das Angebot.\n"
LOST = "d" * 32  # a daemon that had jobs in hand, and is not there any more
SENT = (Event.PREPARED, Event.STARTED)
WAYS: dict[State, tuple[Event, ...]] = {
    State.RECEIVED: (),
    State.PREPARED: (Event.PREPARED,),
    State.SUBMITTING: SENT,
    State.SUBMITTED: (*SENT, Event.ACCEPTED),
    State.HELD: (Event.PREPARED, Event.HELD),
    State.IN_DOUBT: (*SENT, Event.PERHAPS_ARRIVED),
    State.SENT: (*SENT, Event.ACCEPTED, Event.REPORTED_SENT),
    State.PARTLY_SENT: (*SENT, Event.ACCEPTED, Event.REPORTED_PARTLY),
    State.FAILED: (*SENT, Event.REJECTED),
    State.CANCELLED: (Event.PREPARED, Event.HELD, Event.CANCELLED),
    State.EXPIRED: (Event.PREPARED, Event.EXPIRED),
    State.UNKNOWN: (*SENT, Event.PERHAPS_ARRIVED, Event.REPORT_OVERDUE),
}
STATUS = {State.SENT: "OK", State.PARTLY_SENT: "EOD_FAILED", State.FAILED: "WRONG_NO"}


@dataclass(frozen=True, slots=True)
class _Sample:
    """The `number`-th job of the spool."""

    number: int
    state: State
    account: str
    now: datetime

    @property
    def id(self) -> str:
        """In no order, as random ones are; it begins with a letter, so that nobody takes one for a number."""
        return f"a{self.number * 2654435761 % 2**28:07x}{self.number:024x}"

    @property
    def document(self) -> str:
        return f"{self.id[:8]}d{self.id[9:]}"

    @property
    def way(self) -> tuple[Event, ...]:
        return WAYS[self.state]

    @property
    def came_at(self) -> datetime:
        """In the last half hour: no deadline has come but those that have ended a job."""
        days = 2 if {Event.EXPIRED, Event.REPORT_OVERDUE} & set(self.way) else 0
        return self.now - timedelta(days=days, seconds=self.number % 1800)

    @property
    def was_sent(self) -> bool:
        return Event.STARTED in self.way

    @property
    def wire_id(self) -> str | None:
        return f"BENCH{self.number:011}" if Event.ACCEPTED in self.way else None


def fill(place: Place, each: int, account: Account, now: datetime) -> None:
    """`each` jobs in every state, in a spool whose schema stands; those that were sent went to `account`."""
    known = attempts.recorded(account)

    def write(connection: Connection) -> None:
        attempts.keep_account(connection, known)
        numbered = enumerate(state for state in State for _ in range(each))
        samples = (_Sample(number, state, known.id, now) for number, state in numbered)
        for some in _portions(samples):
            for table, rows in _rows(some).items():
                if rows:
                    connection.execute(insert(table), rows)

    write_once(place, write)


def _portions(samples: Iterator[_Sample]) -> Iterator[list[_Sample]]:
    while some := list(islice(samples, AT_ONCE)):
        yield some


def _rows(samples: Sequence[_Sample]) -> dict[Table, list[dict[str, Any]]]:
    prepared = [each for each in samples if Event.PREPARED in each.way]
    mails = [{"id": each.id, "size": len(RAW), "inline": RAW} for each in samples]
    documents = [{"id": each.document, "size": len(DOCUMENT), "inline": DOCUMENT} for each in prepared]
    return {
        schema.content: mails + documents,
        schema.mail: [_mail(each) for each in samples],
        schema.job: [_job(each) for each in samples],
        schema.recipient: [_recipient(each) for each in samples],
        schema.handover: [{"key": each.id * 2, "job_id": each.id, "at": each.came_at} for each in samples],
        schema.document: [_document(each) for each in prepared],
        schema.attempt: [_attempt(each) for each in samples if each.was_sent],
        schema.event: [line for each in samples for line in _story(each)],
        schema.outbox: [letter for each in samples for letter in _words(each)],
    }


def _mail(sample: _Sample) -> dict[str, Any]:
    sender = f"user{sample.number % 500}@example.com"
    return {
        "id": sample.id,
        "received_at": sample.came_at,
        "reverse_path": sender,
        "report_to": sender,
        "client": "192.0.2.1",
        "helo": "relay.example.com",
        "queue_id": f"Q{sample.number}",
        "message_id": f"<{sample.number}@example.com>",
        "subject": f"Angebot {sample.number}",
        "language": "en",
        "numbers": 1,
        "content_id": sample.id,
    }


def _job(sample: _Sample) -> dict[str, Any]:
    state, way, at = sample.state, sample.way, sample.came_at
    return {
        "id": sample.id,
        "mail_id": sample.id,
        "options": JobOptions().to_row(),
        "state": state,
        "former": State.PREPARED if state is State.HELD else None,
        "perhaps_arrived": Event.PERHAPS_ARRIVED in way,
        "created_at": at,
        "start_at": at,
        "due_at": at,
        "attempts": int(sample.was_sent),
        "owner": LOST if state is State.SUBMITTING else None,
        "account_id": sample.account if sample.was_sent else None,
        "sent_at": at if sample.was_sent else None,
        "valid_until": at + timedelta(days=1) if sample.was_sent else None,
        "accepted_at": at if Event.ACCEPTED in way else None,
        "wire_id": sample.wire_id,
        "pages": 1 if state in STATUS else None,
        "finished_at": sample.now if state in FINAL else None,
    }


def _recipient(sample: _Sample) -> dict[str, Any]:
    number = f"+49891{sample.number:07}"
    return {
        "job_id": sample.id,
        "position": 0,
        "number": number,
        "forward_paths": [{"address": f"{number}@fax.local"}],
        "dedupe_key": sample.id * 2,
        "status": STATUS.get(sample.state),
    }


def _document(sample: _Sample) -> dict[str, Any]:
    return {
        "job_id": sample.id,
        "position": 0,
        "name": "angebot.txt",
        "charset": "UTF-8",
        "content_id": sample.document,
    }


def _attempt(sample: _Sample) -> dict[str, Any]:
    return {
        "job_id": sample.id,
        "number": 1,
        "account_id": sample.account,
        "started_at": sample.came_at,
        "valid_until": sample.came_at + timedelta(days=1),
        "outcome": sample.way[2] if len(sample.way) > 2 else None,
        "wire_id": sample.wire_id,
    }


def _story(sample: _Sample) -> Iterator[dict[str, Any]]:
    """From the 250 on, by the edges of the state machine."""
    facts = {"job_id": sample.id, "at": sample.came_at, "detail": ""}
    standing = Standing(State.RECEIVED)
    yield {**facts, "actor": "smtp", "name": "received", "from_state": None, "to_state": standing.state}
    for event in sample.way:
        before, standing = standing, step(standing, event).standing
        moved = {"from_state": before.state, "to_state": standing.state}
        yield {**facts, "actor": "delivery", "name": event, **moved}
    assert standing.state is sample.state


def _words(sample: _Sample) -> Iterator[dict[str, Any]]:
    """What its last event had to say."""
    standing = Standing(State.RECEIVED)
    for event in sample.way:
        transition = step(standing, event)
        standing = transition.standing
        if transition.word is not None:
            yield {
                "id": sample.id,
                "job_id": sample.id,
                "word": transition.word,
                "reverse_path": "",
                "forward_path": f"user{sample.number % 500}@example.com",
                "detail": "",
                "created_at": sample.now,
                "due_at": sample.now,
                "tries": 0,
                "sent_at": sample.now if sample.number % WAITING_WORDS else None,
            }
