"""Reports in a data centre's list that are none of ours, or that tell of a second fax for one job.

A foreign report is never deleted: somebody else works with the same login, and reads it. The gateway needs a login of
its own, because a list holds the oldest 1000 reports only, and theirs may hide ours.
"""

from collections.abc import Mapping, Sequence

import structlog

from gateway.fax4a import FaxReport
from gateway.spool.job import Job

log = structlog.get_logger()


class Foreigners:
    """Says each thing once, however often the list is read."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def look(self, datacenter: str, listed: Sequence[FaxReport], ours: Mapping[str, Job]) -> None:
        """`ours`: jobs of the spool by id, at least those that `listed` names."""
        for report in listed:
            customer_id = report.reference.customer_defined_id if report.reference is not None else None
            job = ours.get(customer_id or "")
            if job is None:
                self._once("foreign", "foreign_report", datacenter=datacenter, fax4a_job_id=report.job_id)
            elif job.wire_id is not None and job.wire_id != report.job_id:
                self._once(report.job_id, "faxed_twice", job_id=job.id, fax4a_job_ids=[job.wire_id, report.job_id])

    def _once(self, key: str, event: str, **facts: object) -> None:
        if key not in self._said:
            self._said.add(key)
            log.error(event, hint="see docs/operations.md", **facts)
