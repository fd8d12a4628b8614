"""The jobs of the sandbox and their reports, in memory; requests and faxes also as files, for whoever looks."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from gateway.sandbox.validation import JobRequest

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

    def on_the_wire(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "properties": None,
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
        return {
            "jobId": self.id,
            "recipientStatus": [status.on_the_wire() for status in self.statuses],
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
    chance: Random
    _jobs: dict[str, SandboxJob] = field(default_factory=dict)

    def add(
        self, login: str, datacenter: str, request: JobRequest, as_received: dict[str, Any], now: datetime
    ) -> SandboxJob:
        job_id = "".join(self.chance.choices(ALPHABET, k=ID_LENGTH))
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

    def reports(self, login: str, datacenters: Iterable[str], now: datetime, hidden_for: timedelta) -> list[SandboxJob]:
        """Jobs with a report at one of `datacenters`, oldest first; a report is hidden for a while after it is made."""
        here = set(datacenters)
        return sorted(
            (
                job
                for job in self._jobs.values()
                if job.state is JobState.FINISHED
                and job.login == login
                and job.datacenter in here
                and job.reported_at is not None
                and job.reported_at + hidden_for <= now
            ),
            key=lambda job: job.received_at,
        )

    def with_customer_id(self, login: str, customer_id: str) -> SandboxJob | None:
        return next(
            (job for job in self._jobs.values() if job.login == login and job.request.customer_id == customer_id), None
        )
