"""A job request that was found good, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.documents.render import OverlayMode


@dataclass(frozen=True, slots=True)
class Recipient:
    number: str
    properties: Mapping[str, str] = field(default_factory=dict)  # for the vendor-side cover


@dataclass(frozen=True, slots=True)
class SentDocument:
    """Either `content` or `reference`, a URL to fetch it from."""

    name: str
    charset: str | None
    content: bytes | None
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
    customer_id: str | None
    recipients: tuple[Recipient, ...]
    documents: tuple[SentDocument, ...]
    csid: str
    rendering: Rendering
    report_mail: ReportMail
    push: Push | None
    valid_from: datetime
    valid_until: datetime
