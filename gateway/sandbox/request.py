"""A job request that was found good, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from gateway.documents.render import OverlayMode


@dataclass(frozen=True, slots=True)
class Recipient:
    number: str
    properties: tuple[tuple[str, str], ...] | None = None  # for the vendor-side cover

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.properties or ())


@dataclass(frozen=True, slots=True)
class SentDocument:
    """Either `content` or `reference`, a URL to fetch it from; neither once the fax is drawn."""

    name: str
    charset: str | None
    content: bytes | None = field(repr=False)
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    letter_paper: bool = False
    low_resolution: bool = False
    cover: str | None = None  # name of a vendor-side template
    header: str | None = None
    overlay: str | None = None
    overlay_mode: OverlayMode = OverlayMode.ALL_PAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMail:
    success_address: str | None = None
    failure_address: str | None = None
    image_mode: str = "NEVER"
    image_format: str = "TIFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    url: str
    method: str = "NONE"
    principal: str = ""
    credentials: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    reference: Mapping[str, str | None]  # the wire's names
    recipients: tuple[Recipient, ...]
    documents: tuple[SentDocument, ...]
    csid: str
    express: bool
    blacklist: bool
    rendering: Rendering
    report_mail: ReportMail
    push: Push | None
    valid_from: datetime
    valid_until: datetime

    @property
    def customer_id(self) -> str | None:
        return self.reference.get("customerDefinedId")

    def without_content(self) -> Self:
        """What is still needed once the fax is drawn: thousands of jobs are kept, with documents of megabytes."""
        emptied = tuple(replace(document, content=None, reference=None) for document in self.documents)
        return replace(self, documents=emptied)
