"""The jobs of the sandbox and their reports, in memory; requests and faxes also as files, for whoever looks.

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
class RecipientStatus:
    number: str
    status: str
    reason: str
    sent_at: datetime
    duration_seconds: int
    remote_csid: str

    def on_the_wire(self, properties: list[dict[str, str]] | None) -> dict[str, Any]:
        """FaxRecipientWithStatus (fax4a.md)."""
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
    login: str
    datacenter: str
    received_at: datetime
    request: JobRequest
    as_received: dict[str, Any]
    state: JobState = JobState.ACCEPTED
    pages: int = 0
    fax: Path | None = None
    statuses: tuple[RecipientStatus, ...] = ()
    reported_at: datetime | None = None

    def report(self) -> dict[str, Any]:
        """FaxReport (fax4a.md)."""
        sent = self.as_received["recipients"]
        return {
            "jobId": self.id,
            "recipientStatus": [
                status.on_the_wire(recipient.get("properties"))
                for status, recipient in zip(self.statuses, sent, strict=True)
            ],
            "pages": self.pages,
            "reference": self.as_received.get("reference") or {},
        }

    def summary(self, base: str) -> dict[str, Any]:
        """An item of ``GET /_sandbox/jobs``."""
        return {
            "jobId": self.id,
            "dc": self.datacenter,
            "receivedAt": self.received_at.isoformat(),
            "state": self.state.value,
            "pages": self.pages,
            "fax": f"{base}/_sandbox/jobs/{self.id}/fax.tiff" if self.fax is not None else None,
            "request": self.as_received,
        }


@dataclass(slots=True)
class Jobs:
    """Every job since the start, oldest first."""

    directory: Path
    _jobs: dict[str, SandboxJob] = field(default_factory=dict)

    def add(
        self,
        login: str,
        datacenter: str,
        request: JobRequest,
        as_received: dict[str, Any],
        *,
        now: datetime,
        chance: Random,
    ) -> SandboxJob:
        job_id = "".join(chance.choices(ALPHABET, k=ID_LENGTH))
        job = SandboxJob(job_id, login, datacenter, now, request, as_received)
        self._jobs[job_id] = job
        (self.directory / f"{job_id}.json").write_text(json.dumps(as_received), encoding="utf-8")
        return job

    def get(self, job_id: str) -> SandboxJob | None:
        return self._jobs.get(job_id)

    def __iter__(self) -> Iterator[SandboxJob]:
        return iter(self._jobs.values())

    def clear(self) -> None:
        self._jobs.clear()

    def reports(
        self, login: str, datacenters: Iterable[str], now: datetime, *, hidden_for: timedelta, kept_for: timedelta
    ) -> dict[str, SandboxJob]:
        """Jobs of `login` with a report at one of `datacenters`, oldest first.

        A report is hidden for a while after it is made (a fault on demand), and gone after its retention.
        """
        here = set(datacenters)
        return {
            job.id: job
            for job in self._jobs.values()
            if job.state is JobState.FINISHED
            and job.login == login
            and job.datacenter in here
            and job.reported_at is not None
            and job.reported_at + hidden_for <= now < job.reported_at + kept_for
        }

    def with_customer_id(self, login: str, customer_id: str | None) -> SandboxJob | None:
        """The job that `login` sent under this customerDefinedId, whatever became of it."""
        if customer_id is None:
            return None
        mine = (job for job in self._jobs.values() if job.login == login)
        return next((job for job in mine if job.request.customer_id == customer_id), None)
