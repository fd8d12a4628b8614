"""A job of the spool as the other rooms see it: frozen values, read from rows and written by transitions."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, Self

from gateway.spool.forward_path import ForwardPath
from gateway.spool.states import Standing, State

Ret = Literal["FULL", "HDRS"]
CoverWhen = Literal["always", "body", "no-attachments", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """What configuration and profile said at the 250; later changes of either don't reach a job that stands."""

    cover: str = "default"
    cover_when: CoverWhen = "body"
    cover_as: Literal["html", "pdf"] = "html"
    drop_body: bool = False
    show_left_out: bool = False  # on the cover
    company_name: str | None = None
    company_phone: str | None = None
    company_fax: str | None = None
    company_address: str | None = None
    archives: Literal["refuse", "unpack"] = "refuse"
    drop_blank_pages: bool = False
    most_pages: int = 500
    most_documents: int = 50
    deepest: int = 100  # nested MIME parts
    language: Literal["en", "de"] = "en"
    timezone: str = "UTC"
    report_by: Literal["retarus", "gateway"] = "retarus"  # the service's ReportMail, or a mail of ours
    report_on: str = "always"  # always | failure | never: what ours tells where NOTIFY says nothing
    success_address: str | None = None  # ReportMail's; None: no such mail
    failure_address: str | None = None
    image: Literal["never", "success", "failure", "always"] = "never"
    image_format: Literal["tiff", "pdf", "pdf_with_ocr"] = "tiff"
    csid: str | None = None
    billing_code: str | None = None
    paper_format: Literal["A4", "LETTER"] | None = None
    resolution: Literal["LOW", "HIGH"] | None = None
    header: str | None = None
    express: bool = False
    blacklist: bool = False
    overlay: str | None = None
    overlay_mode: str = "ALL_PAGES"

    def to_row(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        # A row may be older or newer than this code: what isn't known is left out, what is missing has its default.
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One fax number of a job; the outcome fields are None until the report."""

    position: int
    number: str  # E.164
    forward_paths: tuple[ForwardPath, ...]  # those that named it
    status: str | None = None  # as on the wire
    reason: str | None = None
    sent_at: datetime | None = None
    duration_seconds: int | None = None
    sent_to_number: str | None = None
    remote_csid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail that a job came in, without its content."""

    id: str
    received_at: datetime
    reverse_path: str
    report_to: str
    client: str
    helo: str
    queue_id: str | None
    message_id: str | None
    subject: str
    language: str
    numbers: int  # how many the envelope named, over all jobs of this mail
    content_id: str
    envid: str | None = None  # of MAIL, xtext not decoded (RFC 3461 §4.4)
    ret: Ret | None = None  # of MAIL (RFC 3461 §4.3)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a job may begin, and what MAIL's BY asked for (RFC 2852)."""

    start_at: datetime  # not submitted before; the deadlines count from here
    ends_by: datetime | None = None  # by-mode R: then it ends, sent or not
    late_by: datetime | None = None  # by-mode N: then its sender is told that it is late


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: str
    mail: Mail
    parent_id: str | None
    options: JobOptions
    standing: Standing
    created_at: datetime
    timing: Timing
    due_at: datetime
    warned_at: datetime | None
    late_told_at: datetime | None
    attempts: int
    account_id: str | None
    sent_at: datetime | None
    valid_until: datetime | None
    accepted_at: datetime | None  # the API has it: it said 2xx or 409
    wire_id: str | None
    datacenter: str | None
    pages: int | None
    last_error: str | None
    recipients: tuple[Recipient, ...]
    finished_at: datetime | None = None
    restored_at: datetime | None = None  # from a backup
    erased_at: datetime | None = None  # what it held of persons is gone

    @property
    def start_at(self) -> datetime:
        return self.timing.start_at

    @property
    def perhaps_sent_again(self) -> bool:
        """A backup's that had ended there: a retry of it, made after the backup, is not in it."""
        return self.restored_at is not None and self.finished_at is not None and self.finished_at <= self.restored_at

    def due_from(self, now: datetime) -> datetime:
        """When it may be submitted: at the time that its sender has named, else at once.

        Without one its start is its 250, which a clock that was set back since puts into the future.
        """
        return max(now, self.start_at) if self.start_at > self.created_at else now

    @property
    def state(self) -> State:
        return self.standing.state
