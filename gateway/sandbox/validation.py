"""FaxJobRequest as the service checks it: JSON in, a typed job or the first complaint out (fax4a.md). Pure."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LONGEST_NAME = 32
NAME = re.compile(r"^[a-zA-Z0-9_.-]+$")
NUMBER = re.compile(r"^(\+|00)[1-9][0-9]{4,18}$")
DURATION = re.compile(r"^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
MONTHS = re.compile(r"^P(\d+)M$")
CHARSETS = frozenset({"US-ASCII", "UTF-8", "UTF-16", "UTF-16BE", "UTF-16LE", "ISO-8859-1", "Windows-1252"})
ENDINGS = (".pdf", ".tif", ".txt", ".html")
DEFAULT_VALIDITY = timedelta(days=30)

FIELDS = {
    "": {"reference", "recipients", "documents", "transportOptions", "renderingOptions", "statusReportOptions", "meta"},
    "reference": {"customerDefinedId", "billingCode", "billingInfo"},
    "transportOptions": {"csid", "isExpress", "isBlacklistEnabled"},
    "renderingOptions": {"paperFormat", "resolution", "coverpageTemplate", "header", "overlay"},
    "statusReportOptions": {"reportMail", "httpStatusPush", "reportPurgeTs"},
    "meta": {"customerReference", "jobValid"},
}
LONGEST_TEXTS = {
    ("reference", "customerDefinedId"): 256,
    ("reference", "billingCode"): 80,
    ("reference", "billingInfo"): 80,
    ("transportOptions", "csid"): 20,
}
CHOICES = {
    ("renderingOptions", "paperFormat"): {"A4", "LETTER", "Letter"},
    ("renderingOptions", "resolution"): {"LOW", "HIGH"},
}
IMAGE_MODES = frozenset({"NEVER", "SUCCESS_ONLY", "FAILURE_ONLY", "ALWAYS"})
IMAGE_FORMATS = frozenset({"TIFF", "PDF", "PDF_WITH_OCR"})


class Complaint(Exception):
    """What the service's 400 says after "Validation of job request failed"."""


@dataclass(frozen=True, slots=True)
class SentDocument:
    name: str
    charset: str | None
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMail:
    success_address: str | None = None
    failure_address: str | None = None
    image_mode: str = "NEVER"
    image_format: str = "TIFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """A request that was found good."""

    customer_id: str | None
    numbers: tuple[str, ...]
    documents: tuple[SentDocument, ...]
    csid: str
    letter_paper: bool
    low_resolution: bool
    header: str | None
    report_mail: ReportMail
    valid_from: datetime
    valid_until: datetime


def validated(body: Any, now: datetime) -> JobRequest:
    """The job that `body` asks for; raises Complaint."""
    job = _object(body, "")
    sections = {name: _object(job.get(name) or {}, name) for name in FIELDS if name}
    for (section, field), limit in LONGEST_TEXTS.items():
        _text(sections[section].get(field), f"{section}.{field}", limit)
    for (section, field), choices in CHOICES.items():
        _choice(sections[section].get(field), f"{section}.{field}", choices)
    numbers = _numbers(job.get("recipients"))
    rendering = sections["renderingOptions"]
    documents = tuple(_document(each) for each in _list(job.get("documents") or [], "documents"))
    if not documents and not rendering.get("coverpageTemplate"):
        raise Complaint("A job without documents needs a coverpageTemplate")
    valid_from, valid_until = _validity(sections["meta"].get("jobValid") or {}, now)
    return JobRequest(
        customer_id=sections["reference"].get("customerDefinedId"),
        numbers=numbers,
        documents=documents,
        csid=sections["transportOptions"].get("csid") or "",
        letter_paper=str(rendering.get("paperFormat")).upper() == "LETTER",
        low_resolution=rendering.get("resolution") == "LOW",
        header=rendering.get("header"),
        report_mail=_report_mail(sections["statusReportOptions"].get("reportMail") or {}),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Complaint(f"{name or 'The body'} is not an object")
    unknown = set(value) - FIELDS[name]
    if unknown:
        raise Complaint(f"Unrecognized field '{min(unknown)}'{f' in {name}' if name else ''}")
    return value


def _list(value: Any, name: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise Complaint(f"{name} is not a list")
    return value


def _text(value: Any, name: str, longest: int) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise Complaint(f"{name} is not a string")
    if len(value) > longest:
        raise Complaint(f"{name} has {len(value)} characters, at most {longest} are allowed")


def _choice(value: Any, name: str, choices: set[str] | frozenset[str]) -> None:
    if value is not None and value not in choices:
        raise Complaint(f"{name} is '{value}', allowed are {', '.join(sorted(choices))}")


def _numbers(value: Any) -> tuple[str, ...]:
    recipients = _list(value or [], "recipients")
    if not recipients:
        raise Complaint("recipients must not be empty")
    numbers = []
    for each in recipients:
        number = each.get("number") if isinstance(each, dict) else None
        if not isinstance(number, str) or not number:
            raise Complaint("No number available for rcpt")
        bare = re.sub(r"[ ()/.-]", "", number)
        if not NUMBER.match(bare):
            raise Complaint(f"Invalid number '{number}': international format with country code is required")
        numbers.append(number)
    return tuple(numbers)


def _document(value: Any) -> SentDocument:
    if not isinstance(value, dict):
        raise Complaint("documents holds something that is not an object")
    unknown = set(value) - {"name", "charset", "data", "reference"}
    if unknown:
        raise Complaint(f"Unrecognized field '{min(unknown)}' in documents")
    name = value.get("name")
    if not isinstance(name, str) or not name:
        raise Complaint("A document without a name")
    if len(name) > LONGEST_NAME:
        raise Complaint(f"The document name '{name}' is longer than {LONGEST_NAME} characters")
    if not NAME.match(name):
        raise Complaint(f"The document name '{name}' has characters other than a-zA-Z0-9-_.")
    if not name.lower().endswith(ENDINGS):
        raise Complaint(f"The document '{name}' is none of PDF, TIF, TXT, HTML")
    _choice(value.get("charset"), f"charset of '{name}'", CHARSETS)
    if ("data" in value) == ("reference" in value):
        raise Complaint(f"The document '{name}' needs exactly one of data and reference")
    return SentDocument(name, value.get("charset"), _data(value.get("data"), name))


def _data(value: Any, name: str) -> bytes:
    if not isinstance(value, str):
        raise Complaint(f"The document '{name}' has no data")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Complaint(f"The data of '{name}' is not base64") from None


def _report_mail(value: Any) -> ReportMail:
    if not isinstance(value, dict):
        raise Complaint("reportMail is not an object")
    mode, form = value.get("attachedFaxImageMode") or "NEVER", value.get("attachedFaxImageFormat") or "TIFF"
    _choice(mode, "attachedFaxImageMode", IMAGE_MODES)
    _choice(form, "attachedFaxImageFormat", IMAGE_FORMATS)
    for field in ("successAddress", "failureAddress"):
        address = value.get(field)
        if address is not None and (not isinstance(address, str) or "@" not in address):
            raise Complaint(f"{field} is no mail address")
    return ReportMail(
        success_address=value.get("successAddress"),
        failure_address=value.get("failureAddress"),
        image_mode=mode,
        image_format=form,
    )


def _validity(value: Any, now: datetime) -> tuple[datetime, datetime]:
    if not isinstance(value, dict):
        raise Complaint("jobValid is not an object")
    start = _moment(value["start"], now) if value.get("start") is not None else now
    end = _moment(value["end"], start) if value.get("end") is not None else start + DEFAULT_VALIDITY
    if end <= now or end <= start:
        raise Complaint("Job Expiration: the end of jobValid is past")
    return start, end


def _moment(value: Any, start: datetime) -> datetime:
    """An ISO 8601 time with its zone, or a duration from `start` on."""
    if not isinstance(value, str):
        raise Complaint("Job Expiration: jobValid holds something that is not a string")
    duration, months = DURATION.match(value), MONTHS.match(value)
    if months is not None:
        return start + timedelta(days=30 * int(months[1]))
    if duration is not None and len(value) > 2:  # noqa: PLR2004 - P and T alone name no time
        weeks, days, hours, minutes, seconds = (int(each or 0) for each in duration.groups())
        return start + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Complaint(f"Job Expiration: '{value}' is neither an ISO 8601 time nor a duration") from None
    if moment.tzinfo is None:
        raise Complaint(f"Job Expiration: '{value}' has no time zone")
    return moment
