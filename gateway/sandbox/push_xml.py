"""The XML body of an HTTP status push: faxJobReport in the shape of the old SOAP service (Fax4A). Pure.

What the request didn't name is left out, as the vendor does.
"""

from xml.etree import ElementTree as ET

from gateway.sandbox.jobs import RecipientStatus, SandboxJob
from gateway.sandbox.request import JobRequest, Push, ReportMail, SentDocument

NAMESPACE = "http://retarus.com/fax4ba/faxws/3/0"


def push_xml(job: SandboxJob) -> bytes:
    root = ET.Element("faxJobReport", {"xmlns": NAMESPACE})
    _add(root, "jobId", job.id)
    _add_report_mail(root, job.request.report_mail)
    if job.request.push is not None:
        _add_push(root, job.request.push)
    for recipient_id, status in zip(job.recipient_ids, job.statuses, strict=True):
        _add_recipient(root, recipient_id, status)
    for document in job.request.documents:
        _add_document(root, document)
    _add_options(root, job.request)
    _add(root, "pages", str(job.pages))
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _add_report_mail(root: ET.Element, mail: ReportMail) -> None:
    if mail.success_address is None and mail.failure_address is None:
        return
    element = ET.SubElement(root, "reportMail")
    _add(element, "successAddress", mail.success_address or "")
    _add(element, "failureAddress", mail.failure_address or "")
    _add(element, "attachedFaxImageMode", mail.image_mode)
    _add(element, "attachedFaxImageFormat", mail.image_format)


def _add_push(root: ET.Element, push: Push) -> None:
    """Without principal and credentials: those were in the request's header."""
    element = ET.SubElement(root, "httpStatusPush")
    _add(element, "url", push.url)
    _add(element, "authMethod", push.method)


def _add_recipient(root: ET.Element, recipient_id: str, status: RecipientStatus) -> None:
    element = ET.SubElement(root, "faxRecipient")
    for name, value in (
        ("number", status.number),
        ("numId", recipient_id),
        ("status", status.status),
        ("reason", status.reason),
        ("sentTS", status.sent_at.isoformat()),
        ("durationInSecs", str(status.duration_seconds)),
        ("sentToNumber", status.number),
        ("remoteCsid", status.remote_csid),
    ):
        _add(element, name, value)


def _add_document(root: ET.Element, document: SentDocument) -> None:
    element = ET.SubElement(root, "document")
    _add(element, "name", document.name)
    _add(element, "isText", _flag(document.name.lower().endswith(".txt")))


def _add_options(root: ET.Element, request: JobRequest) -> None:
    element = ET.SubElement(root, "options")
    rendering = request.rendering
    _add(element, "resolution", "LOW" if rendering.low_resolution else "HIGH")
    for name, value in (
        ("csid", request.csid),
        ("header", rendering.header),
        ("coverpageTemplateName", rendering.cover),
        ("jobReference", request.customer_id),
    ):
        if value:
            _add(element, name, value)
    _add(element, "isExpress", _flag(request.express))
    _add(element, "isBlacklistEnabled", _flag(request.blacklist))
    if rendering.overlay is not None:
        overlay = ET.SubElement(element, "overlay")
        _add(overlay, "name", rendering.overlay)
        _add(overlay, "mode", rendering.overlay_mode.value)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
