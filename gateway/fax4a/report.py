"""What the service says about finished jobs: reports, deletions, and the bodies of bulk requests (Fax4A).

Reading is tolerant: unknown fields are ignored, missing ones None, codes kept as they came. Only an object without its
key (a report without jobId, a recipient without number or status) is no report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationError

from gateway.fax4a.model import RecipientProperty, Reference
from gateway.fax4a.wire import Received, Sent

M = TypeVar("M", bound=Received)

NOT_FOUND = "NOT_FOUND"  # a JobDeleteReport's reason
MOST = 2**31 - 1  # of pages or seconds, as a database holds them
LARGEST_BULK = 1000  # job ids in one bulk request, and reports in one answer


def _moment(value: object) -> object:
    """A time that can't be read, or names no moment, is as good as none: the outcome beside it matters more."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            return None
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else None


def _text(value: object) -> object:
    return _sound(value) if isinstance(value, str) else None


def _sound(value: object) -> object:
    """JSON may escape half of a surrogate pair (RFC 8259 §8.2), which no database and no mail can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _known_only(value: object) -> object:
    """Properties are our own, sent back: one that came back broken is left out."""
    if not isinstance(value, list | tuple):
        return None
    return [each for each in value if isinstance(each, RecipientProperty) or _is_property(each)]


def _is_property(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in ("key", "value"))


def _reference(value: object) -> object:
    if isinstance(value, Reference):
        return value
    if not isinstance(value, Mapping):
        return None
    names = ("customerDefinedId", "billingCode", "billingInfo")
    return {name: _sound(value[name]) for name in names if isinstance(value.get(name), str)}


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Count = Annotated[int | None, BeforeValidator(_count)]
Text = Annotated[str | None, BeforeValidator(_text)]
Key = Annotated[str, BeforeValidator(_sound)]


class FaxRecipientWithStatus(Received):
    """How it went for one recipient. `status` is a code of ``fax4a.status``, or one that nobody has heard of."""

    number: Key
    status: Key
    reason: Text = None
    sent_ts: Moment = None
    duration_in_secs: Count = None
    sent_to_number: Text = None
    remote_csid: Text = None
    properties: Annotated[tuple[RecipientProperty, ...] | None, BeforeValidator(_known_only)] = None


class FaxReport(Received):
    """A finished job: every recipient's status is final. `pages` is None where the service didn't say."""

    job_id: Key
    recipient_status: tuple[FaxRecipientWithStatus, ...] = ()
    pages: Count = None
    reference: Annotated[Reference | None, BeforeValidator(_reference)] = None


class JobDeleteReport(Received):
    """Whether a report was deleted; `deleted` absent means that it was (Fax4A)."""

    job_id: Key
    deleted: bool = True
    reason: Text = None  # NOT_FOUND | INTERNAL_ERROR

    @property
    def gone(self) -> bool:
        """Whether the report isn't there any more: nothing is left to delete."""
        return self.deleted or self.reason == NOT_FOUND


class BulkAction(StrEnum):
    GET = "GET"
    DELETE = "DELETE"


class BulkRequest(Sent):
    action: BulkAction
    job_ids: tuple[str, ...]


class ReportList(Received):
    """The answer to a list or a bulk GET."""

    reports: tuple[FaxReport, ...]


class DeletionList(Received):
    """The answer to a bulk DELETE or a deletion of the oldest."""

    reports: tuple[JobDeleteReport, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The oldest reports of a login at one data centre, LARGEST_BULK at most."""

    reports: tuple[FaxReport, ...]
    unreadable: int = 0
    at: datetime | None = None  # when it was made, by the service's clock; None: the answer did not say

    @property
    def is_full(self) -> bool:
        """There may be more."""
        return len(self.reports) + self.unreadable >= LARGEST_BULK

    @property
    def is_whole(self) -> bool:
        """Whether what isn't in it was not there."""
        return not self.unreadable and not self.is_full


def read_reports(body: Any) -> tuple[ReportList, int]:
    """The reports of a decoded JSON body, and how many of its entries were none.

    One unreadable entry doesn't hide the others. Raises ValueError where there is no list at all.
    """
    entries = _entries(body)
    reports = [report for report in (_read(FaxReport, entry) for entry in entries) if report is not None]
    return ReportList(reports=tuple(reports)), len(entries) - len(reports)


def read_deletions(body: Any) -> tuple[DeletionList, int]:
    """As ``read_reports``, for deletions."""
    entries = _entries(body)
    deletions = [report for report in (_read(JobDeleteReport, entry) for entry in entries) if report is not None]
    return DeletionList(reports=tuple(deletions)), len(entries) - len(deletions)


def _entries(body: Any) -> list[Any]:
    reports = body.get("reports") if isinstance(body, dict) else None
    if not isinstance(reports, list):
        raise ValueError("the answer has no list named reports")  # noqa: TRY004 - it is data, not a caller's type
    return reports


def _read(model: type[M], entry: Any) -> M | None:
    try:
        return model.model_validate(entry)
    except ValidationError:
        return None
