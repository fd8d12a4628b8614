"""Reports in a data centre's list that are none of ours, and lists that are full.

A foreign report is never deleted: somebody else works with the same login, and reads it. The gateway needs a login of
its own, because a list holds the oldest 1000 reports only, and theirs may hide ours.
"""

from collections.abc import Sequence

import structlog

from gateway.fax4a import FaxReport
from gateway.fax4a.report import LARGEST_BULK

log = structlog.get_logger()


class Foreigners:
    """Says each thing once, however often the list of its data centre is read."""

    def __init__(self, datacenter: str) -> None:
        self._datacenter = datacenter
        self._said_foreign = self._said_full = False

    def look(self, listed: Sequence[FaxReport], foreign: Sequence[FaxReport]) -> None:
        """`foreign`: those of `listed` that belong to no job of the spool."""
        if foreign and not self._said_foreign:
            log.error(
                "foreign_report",
                datacenter=self._datacenter,
                fax4a_job_id=foreign[0].job_id,
                count=len(foreign),
                hint="somebody else uses this login: give the gateway one of its own",
            )
        full = len(listed) >= LARGEST_BULK
        if full and not self._said_full:
            log.warning(
                "list_full",
                datacenter=self._datacenter,
                foreign=len(foreign),
                hint="a report beyond the oldest 1000 isn't seen: delete the foreign ones, or use a login of our own",
            )
        self._said_foreign = self._said_foreign or bool(foreign)
        self._said_full = full
