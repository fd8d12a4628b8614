"""FaxJobRequest and all that it holds, with the wire's names by alias and the service's limits (Fax4A).

Limits are checked at construction, so that nothing leaves which the service would refuse for its form.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, BinaryIO, Protocol, Self, runtime_checkable

from pydantic import (
    ConfigDict,
    Field,
    SecretStr,
    ValidatorFunctionWrapHandler,
    field_serializer,
    field_validator,
    model_validator,
)

from gateway.fax4a.wire import Received, Sent, at_most, one_of

LONGEST_DOCUMENT_NAME = 32
DOCUMENT_NAME = re.compile(r"[a-zA-Z0-9\-_.]+")
# ISO 8601 §5.5.2: at least one component, and one after a T
DURATION = re.compile(
    r"P(?=[\dT])(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)"
)


class Charset(StrEnum):
    """Of a text document; the default is UTF-8."""

    US_ASCII = "US-ASCII"
    UTF_8 = "UTF-8"
    UTF_16 = "UTF-16"
    UTF_16BE = "UTF-16BE"
    UTF_16LE = "UTF-16LE"
    ISO_8859_1 = "ISO-8859-1"
    WINDOWS_1252 = "Windows-1252"


class PaperFormat(StrEnum):
    A4 = "A4"
    LETTER = "LETTER"


class Resolution(StrEnum):
    """204 x 98 or 204 x 196 dpi."""

    LOW = "LOW"
    HIGH = "HIGH"


class OverlayMode(StrEnum):
    """A cover page counts as the first page, except for FIRST_FILE, where it belongs to no file."""

    ALL_PAGES = "ALL_PAGES"
    NO_OVERLAY = "NO_OVERLAY"
    FIRST_PAGE = "FIRST_PAGE"
    LAST_PAGE = "LAST_PAGE"
    ALL_BUT_FIRST_PAGE = "ALL_BUT_FIRST_PAGE"
    ALL_BUT_LAST_PAGE = "ALL_BUT_LAST_PAGE"
    ALL_BUT_FIRST_AND_LAST_PAGE = "ALL_BUT_FIRST_AND_LAST_PAGE"
    FIRST_FILE = "FIRST_FILE"


class ImageMode(StrEnum):
    """When ReportMail brings the fax's image; the default is NEVER."""

    NEVER = "NEVER"
    SUCCESS_ONLY = "SUCCESS_ONLY"
    FAILURE_ONLY = "FAILURE_ONLY"
    ALWAYS = "ALWAYS"


class ImageFormat(StrEnum):
    TIFF = "TIFF"
    PDF = "PDF"
    PDF_WITH_OCR = "PDF_WITH_OCR"


class AuthMethod(StrEnum):
    """How the service logs in at the target of a push; the default is NONE."""

    NONE = "NONE"
    HTTP_BASIC = "HTTP_BASIC"
    HTTP_DIGEST = "HTTP_DIGEST"
    OAUTH2 = "OAUTH2"


@runtime_checkable
class Source(Protocol):
    """A document's bytes: read when they are sent, piece by piece, and never whole in memory."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def open(self) -> BinaryIO: ...


class Reference(Received):
    """What the report brings back: sent and received, its limits checked only where it is sent (FaxJobRequest)."""

    customer_defined_id: str | None = None
    billing_code: str | None = None
    billing_info: str | None = None


class RecipientProperty(Received):
    """Fills a field of the vendor-side cover template."""

    key: str
    value: str


class FaxRecipient(Sent):
    number: str
    alternative_numbers: tuple[str, ...] | None = None
    properties: tuple[RecipientProperty, ...] | None = None

    @field_validator("number")
    @classmethod
    def _not_empty(cls, number: str) -> str:
        if not number.strip():
            raise ValueError(f"recipients[].number: {number!r} is empty, an international number is required")
        return number


class Document(Sent):
    """Exactly one of `source` (its bytes, sent as base64 in `data`) and `reference` (a URL that the vendor fetches)."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str
    charset: Annotated[str, one_of(Charset, "documents[].charset")] | None = None
    source: Source | None = Field(default=None, exclude=True, repr=False)
    reference: str | None = None

    @field_validator("name")
    @classmethod
    def _wire_name(cls, name: str) -> str:
        if len(name) > LONGEST_DOCUMENT_NAME:
            raise ValueError(
                f"documents[].name: {name!r} has {len(name)} characters, the limit is {LONGEST_DOCUMENT_NAME}"
            )
        if not DOCUMENT_NAME.fullmatch(name):
            raise ValueError(f"documents[].name: {name!r} may hold only a-z A-Z 0-9 - _ . and not be empty")
        return name

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if (self.source is None) == (self.reference is None):
            has = "neither" if self.source is None else "both"
            raise ValueError(f"documents[]: {self.name!r} has {has} of data and reference, exactly one is required")
        return self


class TransportOptions(Sent):
    csid: Annotated[str, at_most(20, "transportOptions.csid")] | None = None
    is_express: bool | None = None
    is_blacklist_enabled: bool | None = None


class Overlay(Sent):
    name: str
    mode: Annotated[str, one_of(OverlayMode, "renderingOptions.overlay.mode")] | None = None


class RenderingOptions(Sent):
    paper_format: Annotated[str, one_of(PaperFormat, "renderingOptions.paperFormat")] | None = None
    resolution: Annotated[str, one_of(Resolution, "renderingOptions.resolution")] | None = None
    coverpage_template: str | None = None
    header: str | None = None
    overlay: Overlay | None = None


class ReportMail(Sent):
    """A missing address: no such mail."""

    success_address: str | None = None
    failure_address: str | None = None
    attached_fax_image_mode: Annotated[str, one_of(ImageMode, "reportMail.attachedFaxImageMode")] | None = None
    attached_fax_image_format: Annotated[str, one_of(ImageFormat, "reportMail.attachedFaxImageFormat")] | None = None


class HttpStatusPush(Sent):
    """The target URL carries a token: it is as secret as the credentials."""

    target_url: str = Field(repr=False)
    principal: str | None = None
    credentials: SecretStr | None = None
    auth_method: Annotated[str, one_of(AuthMethod, "httpStatusPush.authMethod")] | None = None

    @field_serializer("credentials", when_used="json")
    def _on_the_wire(self, credentials: SecretStr | None) -> str | None:
        return None if credentials is None else credentials.get_secret_value()


class StatusReportOptions(Sent):
    """`reportPurgeTs`, which one SDK has, is "not currently valid" and therefore not here."""

    report_mail: ReportMail | None = None
    http_status_push: HttpStatusPush | None = None


class JobValid(Sent):
    """From when until when a job may be dialled. `end` is a moment, or ISO 8601 duration text (`PT80M`, `P30D`)."""

    start: datetime | None = None
    end: datetime | str | None = Field(default=None, union_mode="left_to_right")

    @field_validator("end", mode="wrap")
    @classmethod
    def _moment_or_duration(cls, end: object, parse: ValidatorFunctionWrapHandler) -> object:
        """Durations stay as they were written: a month has no length that a timedelta could hold."""
        if not isinstance(end, str):
            return parse(end)
        if not end.startswith("P"):
            try:
                return datetime.fromisoformat(end)
            except ValueError:
                raise ValueError(f"meta.jobValid.end: {end!r} is neither an ISO 8601 moment nor a duration") from None
        if not DURATION.fullmatch(end):
            raise ValueError(f"meta.jobValid.end: {end!r} is no ISO 8601 duration like PT80M or P30D")
        if not re.search(r"[1-9]", end):
            raise ValueError(f"meta.jobValid.end: {end!r} lasts no time, it must be above 0")
        return end

    @field_validator("start", "end")
    @classmethod
    def _zone(cls, moment: datetime | str | None) -> datetime | str | None:
        if isinstance(moment, datetime) and moment.utcoffset() is None:
            raise ValueError(f"meta.jobValid: {moment.isoformat()} has no time zone, one is required")
        return moment

    @model_validator(mode="after")
    def _order(self) -> Self:
        if isinstance(self.start, datetime) and isinstance(self.end, datetime) and self.start >= self.end:
            raise ValueError(f"meta.jobValid: start {self.start.isoformat()} must be before end {self.end.isoformat()}")
        return self


class MetaData(Sent):
    customer_reference: str | None = None
    job_valid: JobValid | None = None


class FaxJobRequest(Sent):
    """One fax job: the same documents to every recipient. Without documents only where a vendor-side cover is named."""

    reference: Reference | None = None
    recipients: tuple[FaxRecipient, ...]
    documents: tuple[Document, ...] = ()
    transport_options: TransportOptions | None = None
    rendering_options: RenderingOptions | None = None
    status_report_options: StatusReportOptions | None = None
    meta: MetaData | None = None

    @field_validator("reference")
    @classmethod
    def _reference_limits(cls, reference: Reference | None) -> Reference | None:
        if reference is not None:
            _limited(reference.customer_defined_id, 256, "reference.customerDefinedId")
            _limited(reference.billing_code, 80, "reference.billingCode")
            _limited(reference.billing_info, 80, "reference.billingInfo")
        return reference

    @model_validator(mode="after")
    def _something_to_somebody(self) -> Self:
        if not self.recipients:
            raise ValueError("recipients: there are 0, at least 1 is required")
        cover = self.rendering_options.coverpage_template if self.rendering_options is not None else None
        if not self.documents and not cover:
            raise ValueError(
                "documents: there are 0, at least 1 is required without renderingOptions.coverpageTemplate"
            )
        return self


def _limited(text: str | None, limit: int, field: str) -> None:
    if text is not None and len(text) > limit:
        raise ValueError(f"{field}: {text!r} has {len(text)} characters, the limit is {limit}")
