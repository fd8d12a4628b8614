"""What the service says about finished jobs: reports, deletions, and the bodies of bulk requests (fax4a.md).

Reading is tolerant: unknown fields are ignored, missing ones None, codes kept as they came. Only an object without its
key (a report without jobId, a recipient without number or status) is no report.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationError

from gateway.fax4a.model import RecipientProperty, Reference
from gateway.fax4a.wire import Received, Sent

M = TypeVar("M", bound=Received)

NOT_FOUND = "NOT_FOUND"  # a JobDeleteReport's reason
LARGEST_BULK = 1000  # job ids in one bulk request, and reports in one answer


def _moment(value: object) -> object:
    """A time that can't be read is as good as none: the outcome beside it matters more."""
    if not isinstance(value, str):
        return value if isinstance(value, datetime) else None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


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
    return {name: value[name] for name in names if isinstance(value.get(name), str)}


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Count = Annotated[int | None, BeforeValidator(_count)]
Text = Annotated[str | None, BeforeValidator(_text)]


class FaxRecipientWithStatus(Received):
    """How it went for one recipient. `status` is a code of ``fax4a.status``, or one that nobody has heard of."""

    number: str
    status: str
    reason: Text = None
    sent_ts: Moment = None
    duration_in_secs: Count = None
    sent_to_number: Text = None
    remote_csid: Text = None
    properties: Annotated[tuple[RecipientProperty, ...] | None, BeforeValidator(_known_only)] = None


class FaxReport(Received):
    """A finished job: every recipient's status is final. `pages` is None where the service didn't say."""

    job_id: str
    recipient_status: tuple[FaxRecipientWithStatus, ...] = ()
    pages: Count = None
    reference: Annotated[Reference | None, BeforeValidator(_reference)] = None


class JobDeleteReport(Received):
    """Whether a report was deleted; `deleted` absent means that it was (fax4a.md)."""

    job_id: str
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
