"""A spool of many jobs, written at once: what the dashboard must stay quick with."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from gateway.spool import schema
from gateway.spool.database import write_once
from gateway.spool.insertion import Insertion
from gateway.spool.job import JobOptions

MAILS, JOBS, RECIPIENTS, EVENTS = (
    Insertion(insert(table)) for table in (schema.mail, schema.job, schema.recipient, schema.event)
)
OPTIONS = JobOptions().to_row()
ENDS = ("sent", "sent", "sent", "sent", "sent", "sent", "sent", "partly_sent", "failed", "cancelled")


def fill(path: Path, count: int, now: Any) -> None:
    """`count` jobs of as many mails, one each second before `now`; every tenth one failed, some still wait."""

    def write(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA cache_size = -400000")  # KiB: the indexes are built in memory
        connection.execute(insert(schema.content).values(id="c" * 32, size=3, inline=b"raw"))
        for start in range(0, count, 10_000):
            numbers = range(start, min(start + 10_000, count))
            MAILS(connection, [_mail(number, now) for number in numbers])
            JOBS(connection, [_job(number, now) for number in numbers])
            RECIPIENTS(connection, [_recipient(number) for number in numbers])
            EVENTS(connection, [_event(number, now) for number in numbers])

    write_once(path, write)


def job_id(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}{number:024x}"


def _mail(number: int, now: Any) -> dict[str, Any]:
    return {
        "id": f"{number:032x}",
        "received_at": now - timedelta(seconds=number),
        "reverse_path": f"user{number % 500}@example.com",
        "report_to": f"user{number % 500}@example.com",
        "client": "192.0.2.1",
        "helo": "relay.example.com",
        "queue_id": f"Q{number}",
        "message_id": f"<{number}@example.com>",
        "subject": f"Rechnung {number}",
        "language": "en",
        "numbers": 1,
        "content_id": "c" * 32,
    }


def _job(number: int, now: Any) -> dict[str, Any]:
    waits = number % 1000 == 7
    at = now - timedelta(seconds=number)
    return {
        "id": job_id(number),
        "mail_id": f"{number:032x}",
        "options": OPTIONS,
        "state": "held" if waits else ENDS[number % len(ENDS)],
        "former": "prepared" if waits else None,
        "perhaps_arrived": False,
        "created_at": at,
        "start_at": at,
        "due_at": at,
        "attempts": 0 if waits else 1,
        "pages": None if waits else 2,
        "finished_at": None if waits else at + timedelta(seconds=40),
    }


def _recipient(number: int) -> dict[str, Any]:
    failed = ENDS[number % len(ENDS)] == "failed"
    return {
        "job_id": job_id(number),
        "position": 0,
        "number": f"+49891{number:06}",
        "forward_paths": [{"address": f"+49891{number:06}@fax.local"}],
        "status": "BUSY" if failed else "OK",
    }


def _event(number: int, now: Any) -> dict[str, Any]:
    at = now - timedelta(seconds=number)
    return {"job_id": job_id(number), "at": at, "actor": "smtp", "name": "received", "detail": ""}
