"""The jobs of the sandbox and their reports, in memory; requests and faxes as files.

A restart begins with nothing: what a test leaves behind must not become the next one's riddle.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from gateway.sandbox.request import JobRequest

ID_LENGTH = 22  # of A-Z0-9, like FJJ66GHGX105ZZBIELVCN1
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class JobState(StrEnum):
    ACCEPTED = "accepted"
    RENDERED = "rendered"
    FINISHED = "finished"  # it has a report
    DELETED = "deleted"  # its report was deleted


@dataclass(frozen=True, slots=True)
class Account:
    """Whose a job is: nobody else sees it."""

    login: str
    customer: str


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    number: str
    status: str
    reason: str
    sent_at: datetime
    duration_seconds: int
    remote_csid: str

    def on_the_wire(self, properties: list[dict[str, str]] | None) -> dict[str, Any]:
        """FaxRecipientWithStatus (Fax4A)."""
        return {
            "number": self.number,
            "properties": properties,
            "status": self.status,
            "reason": self.reason,
            "sentTs": self.sent_at.isoformat(),
            "durationInSecs": self.duration_seconds,
            "sentToNumber": self.number,
            "remoteCsid": self.remote_csid,
        }


@dataclass(slots=True)
class SandboxJob:
    """Changes as it is rendered and dialled; only the service's own tasks touch it."""

    id: str
    account: Account
    datacenter: str
    received_at: datetime
    request: JobRequest
    luck: float  # from 0 to 1: how long its call takes
    recipient_ids: tuple[str, ...]
    as_received: Path  # the request's JSON
    state: JobState = JobState.ACCEPTED
    pages: int = 0
    fax: Path | None = None
    statuses: tuple[RecipientStatus, ...] = ()
    reported_at: datetime | None = None

    def report(self) -> dict[str, Any]:
        """FaxReport (Fax4A)."""
        properties = [
            None if each.properties is None else [{"key": key, "value": value} for key, value in each.properties]
            for each in self.request.recipients
        ]
        return {
            "jobId": self.id,
            "recipientStatus": [status.on_the_wire(own) for status, own in zip(self.statuses, properties, strict=True)],
            "pages": self.pages,
            "reference": dict(self.request.reference),
        }

    def summary(self, base: str) -> dict[str, Any]:
        """An item of ``GET /_sandbox/jobs``; reads the request from its file."""
        return {
            "jobId": self.id,
            "dc": self.datacenter,
            "receivedAt": self.received_at.isoformat(),
            "state": self.state.value,
            "pages": self.pages,
            "statuses": [status.status for status in self.statuses],
            "fax": f"{base}/_sandbox/jobs/{self.id}/fax.tiff" if self.fax is not None else None,
            "request": json.loads(self.as_received.read_bytes()),
        }


@dataclass(slots=True)
class Jobs:
    """Every job since the start, oldest first."""

    directory: Path
    _jobs: dict[str, SandboxJob] = field(default_factory=dict)

    def add(
        self, account: Account, datacenter: str, request: JobRequest, as_received: bytes, now: datetime, chance: Random
    ) -> SandboxJob:
        """A new job; its file is written when this returns."""
        job_id = _new_id(chance)
        while job_id in self._jobs:  # chance was begun anew
            job_id = _new_id(chance)
        path = self.directory / f"{job_id}.json"
        path.write_bytes(as_received)
        numbers = tuple(_new_id(chance) for _ in request.recipients)
        job = SandboxJob(job_id, account, datacenter, now, request, chance.random(), numbers, path)
        self._jobs[job_id] = job
        return job

    def get(self, job_id: str) -> SandboxJob | None:
        return self._jobs.get(job_id)

    def __iter__(self) -> Iterator[SandboxJob]:
        return iter(self._jobs.values())

    def clear(self) -> None:
        """Forgets all, with their files."""
        for job in self._jobs.values():
            for path in (job.as_received, job.fax):
                if path is not None:
                    path.unlink(missing_ok=True)
        self._jobs.clear()

    def reports(
        self, account: Account, datacenters: Iterable[str], now: datetime, *, hidden_for: timedelta, kept_for: timedelta
    ) -> dict[str, SandboxJob]:
        """Jobs of `account` with a report at one of `datacenters`, the oldest job first.

        A report is hidden for a while after it is made (a fault on demand), and gone after its retention.
        """
        here = set(datacenters)
        return {
            job.id: job
            for job in self._jobs.values()
            if job.state is JobState.FINISHED
            and job.account == account
            and job.datacenter in here
            and job.reported_at is not None
            and job.reported_at + hidden_for <= now < job.reported_at + kept_for
        }

    def with_customer_id(self, account: Account, customer_id: str | None) -> SandboxJob | None:
        """The job that `account` sent under this customerDefinedId, whatever became of it."""
        if customer_id is None:
            return None
        mine = (job for job in self._jobs.values() if job.account == account)
        return next((job for job in mine if job.request.customer_id == customer_id), None)


def _new_id(chance: Random) -> str:
    return "".join(chance.choices(ALPHABET, k=ID_LENGTH))
