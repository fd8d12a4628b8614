"""FaxJobRequest as the service checks it: JSON in, a typed job or the first complaint out (Fax4A). Pure."""

import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pybase64
from yarl import URL

from gateway.documents.render import HeaderError, HeaderLine, OverlayMode
from gateway.sandbox.request import JobRequest, Push, Recipient, Rendering, ReportMail, SentDocument
from gateway.sandbox.settings import Limits
from gateway.sandbox.validity import validity
from gateway.sandbox.wire import Complaint, choice, flag, known, listed, mapping, text

LONGEST_NAME = 32
LONGEST_PROPERTY = 10_000  # a guess: the text of a cover page fits
NAME = re.compile(r"[a-zA-Z0-9_.-]+")
# International: + or 00, then the country code; separators as people write them.
NUMBER = re.compile(r"(\+|00)[1-9][0-9]{4,18}")
SEPARATORS = re.compile(r"[ ()/.-]")
# No spaces and no control characters. Without \s, which is another set in the dialect of JSON Schema.
MAIL_ADDRESS = re.compile(r"[^\x00-\x20\x7f-\xa0@]+@[^\x00-\x20\x7f-\xa0@]+")
CHARSETS = frozenset({"US-ASCII", "UTF-8", "UTF-16", "UTF-16BE", "UTF-16LE", "ISO-8859-1", "Windows-1252"})
ENDINGS = (".pdf", ".tif", ".txt", ".html")
PAPERS = frozenset({"A4", "LETTER", "Letter"})  # one SDK writes Letter
RESOLUTIONS = frozenset({"LOW", "HIGH"})
IMAGE_MODES = frozenset({"NEVER", "SUCCESS_ONLY", "FAILURE_ONLY", "ALWAYS"})
IMAGE_FORMATS = frozenset({"TIFF", "PDF", "PDF_WITH_OCR"})
AUTH_METHODS = frozenset({"NONE", "HTTP_BASIC", "HTTP_DIGEST", "OAUTH2"})

JOB = {"reference", "recipients", "documents", "transportOptions", "renderingOptions", "statusReportOptions", "meta"}
REFERENCE = {"customerDefinedId": 256, "billingCode": 80, "billingInfo": 80}


def validated(body: Any, now: datetime, limits: Limits) -> JobRequest:
    """The job that `body` asks for; raises Complaint."""
    job = known(mapping(body, "The body"), JOB, "")
    reference = known(_section(job, "reference"), set(REFERENCE), "reference")
    for field, longest in REFERENCE.items():
        text(reference.get(field), f"reference.{field}", longest)
    transport = known(
        _section(job, "transportOptions"), {"csid", "isExpress", "isBlacklistEnabled"}, "transportOptions"
    )
    for field in ("isExpress", "isBlacklistEnabled"):
        flag(transport.get(field), f"transportOptions.{field}")
    recipients = _recipients(job.get("recipients"), limits)
    rendering = _rendering(_section(job, "renderingOptions"))
    documents = _documents(job.get("documents"), limits)
    if not documents and rendering.cover is None:
        raise Complaint("A job without documents needs a coverpageTemplate")
    report = known(
        _section(job, "statusReportOptions"), {"reportMail", "httpStatusPush", "reportPurgeTs"}, "statusReportOptions"
    )
    text(report.get("reportPurgeTs"), "reportPurgeTs", 100)
    meta = known(_section(job, "meta"), {"customerReference", "jobValid"}, "meta")
    text(meta.get("customerReference"), "meta.customerReference", 256)
    valid_from, valid_until = validity(known(_section(meta, "jobValid"), {"start", "end"}, "jobValid"), now)
    return JobRequest(
        reference=dict(reference),
        recipients=recipients,
        documents=documents,
        csid=text(transport.get("csid"), "transportOptions.csid", 20) or "",
        express=transport.get("isExpress") is True,
        blacklist=transport.get("isBlacklistEnabled") is True,
        rendering=rendering,
        report_mail=_report_mail(_section(report, "reportMail")),
        push=None if report.get("httpStatusPush") is None else _push(_section(report, "httpStatusPush")),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _section(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parent.get(name)
    return {} if value is None else mapping(value, name)


def _recipients(value: Any, limits: Limits) -> tuple[Recipient, ...]:
    entries = listed(value, "recipients")
    if not entries:
        raise Complaint("recipients must not be empty")
    if len(entries) > limits.recipients:
        raise Complaint(f"{len(entries)} recipients, at most {limits.recipients} are allowed")
    return tuple(_recipient(entry) for entry in entries)


def _recipient(value: Any) -> Recipient:
    entry = known(mapping(value, "A recipient"), {"number", "alternativeNumbers", "properties"}, "recipients")
    number = entry.get("number")
    if not isinstance(number, str) or not number:
        raise Complaint("No number available for rcpt")
    for each in (number, *listed(entry.get("alternativeNumbers"), "alternativeNumbers")):
        if not isinstance(each, str) or not NUMBER.fullmatch(SEPARATORS.sub("", each)):
            raise Complaint(f"Invalid number '{each}': international format with country code is required")
    properties = entry.get("properties")
    if properties is None:
        return Recipient(number)
    return Recipient(number, tuple(_property(each) for each in listed(properties, "properties")))


def _property(value: Any) -> tuple[str, str]:
    pair = known(mapping(value, "A property"), {"key", "value"}, "properties")
    key, content = (text(pair.get(name), f"The {name} of a property", LONGEST_PROPERTY) for name in ("key", "value"))
    if key is None or content is None:
        raise Complaint("A property needs key and value")
    return key, content


def _documents(value: Any, limits: Limits) -> tuple[SentDocument, ...]:
    entries = listed(value, "documents")
    if len(entries) > limits.documents:
        raise Complaint(f"{len(entries)} documents, at most {limits.documents} are allowed")
    return tuple(_document(entry) for entry in entries)


def _document(value: Any) -> SentDocument:
    entry = known(mapping(value, "A document"), {"name", "charset", "data", "reference"}, "documents")
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise Complaint("A document without a name")
    if len(name) > LONGEST_NAME:
        raise Complaint(f"The document name '{name}' is longer than {LONGEST_NAME} characters")
    if not NAME.fullmatch(name):
        raise Complaint(f"The document name '{name}' has characters other than a-zA-Z0-9-_.")
    if not name.lower().endswith(ENDINGS):
        raise Complaint(f"The document '{name}' is none of PDF, TIF, TXT, HTML")
    charset = choice(entry.get("charset"), f"charset of '{name}'", CHARSETS)
    data, reference = entry.get("data"), entry.get("reference")
    if (data is None) == (reference is None):
        raise Complaint(f"The document '{name}' needs exactly one of data and reference")
    if reference is not None:
        return SentDocument(name, charset, None, _url(reference, f"reference of '{name}'"))
    return SentDocument(name, charset, _data(data, name), None)


def _data(value: Any, name: str) -> bytes:
    if not isinstance(value, str):
        raise Complaint(f"The data of '{name}' is not a string")
    try:
        return pybase64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Complaint(f"The data of '{name}' is not base64") from None


def _url(value: Any, name: str) -> str:
    if isinstance(value, str):
        try:
            url = URL(value)
        except ValueError:
            url = URL()
        if url.scheme in {"http", "https"} and url.host:
            return value
    raise Complaint(f"{name} is no http or https URL")


def _rendering(value: Mapping[str, Any]) -> Rendering:
    known(value, {"paperFormat", "resolution", "coverpageTemplate", "header", "overlay"}, "renderingOptions")
    paper = choice(value.get("paperFormat"), "renderingOptions.paperFormat", PAPERS)
    header = text(value.get("header"), "renderingOptions.header", 1000)
    if header is not None:
        try:
            HeaderLine.parse(header)
        except HeaderError as error:
            raise Complaint(f"renderingOptions.header: {error}") from error
    overlay = known(_section(value, "overlay"), {"name", "mode"}, "overlay")
    overlay_name = text(overlay.get("name"), "overlay.name", 100)
    if value.get("overlay") is not None and not overlay_name:
        raise Complaint("An overlay needs a name")
    mode = choice(overlay.get("mode"), "overlay.mode", frozenset(mode.value for mode in OverlayMode))
    return Rendering(
        letter_paper=(paper or "A4").upper() == "LETTER",
        low_resolution=choice(value.get("resolution"), "renderingOptions.resolution", RESOLUTIONS) == "LOW",
        cover=text(value.get("coverpageTemplate"), "renderingOptions.coverpageTemplate", 100) or None,
        header=header or None,
        overlay=overlay_name,
        overlay_mode=OverlayMode(mode or OverlayMode.ALL_PAGES.value),
    )


def _report_mail(value: Mapping[str, Any]) -> ReportMail:
    fields = {"successAddress", "failureAddress", "attachedFaxImageMode", "attachedFaxImageFormat"}
    known(value, fields, "reportMail")
    return ReportMail(
        success_address=_mail_address(value.get("successAddress"), "successAddress"),
        failure_address=_mail_address(value.get("failureAddress"), "failureAddress"),
        image_mode=choice(value.get("attachedFaxImageMode"), "attachedFaxImageMode", IMAGE_MODES) or "NEVER",
        image_format=choice(value.get("attachedFaxImageFormat"), "attachedFaxImageFormat", IMAGE_FORMATS) or "TIFF",
    )


def _mail_address(value: Any, name: str) -> str | None:
    address = text(value, name, 320)
    if address is not None and not MAIL_ADDRESS.fullmatch(address):
        raise Complaint(f"{name} is no mail address")
    return address


def _push(value: Mapping[str, Any]) -> Push:
    known(value, {"targetUrl", "principal", "credentials", "authMethod"}, "httpStatusPush")
    return Push(
        url=_url(value.get("targetUrl"), "httpStatusPush.targetUrl"),
        method=choice(value.get("authMethod"), "httpStatusPush.authMethod", AUTH_METHODS) or "NONE",
        principal=text(value.get("principal"), "httpStatusPush.principal", 256) or "",
        credentials=text(value.get("credentials"), "httpStatusPush.credentials", 4096) or "",
    )
