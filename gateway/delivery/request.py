"""A job of the spool as the FaxJobRequest that goes out. Pure."""

from collections.abc import Sequence
from datetime import datetime

from gateway.fax4a import (
    Document,
    FaxJobRequest,
    FaxRecipient,
    HttpStatusPush,
    JobValid,
    MetaData,
    Overlay,
    Reference,
    RenderingOptions,
    ReportMail,
    StatusReportOptions,
    TransportOptions,
)
from gateway.spool.attempts import StoredDocument
from gateway.spool.job import Job, JobOptions

IMAGE_MODES = {"never": "NEVER", "success": "SUCCESS_ONLY", "failure": "FAILURE_ONLY", "always": "ALWAYS"}
IMAGE_FORMATS = {"tiff": "TIFF", "pdf": "PDF", "pdf_with_ocr": "PDF_WITH_OCR"}


def fax_job_request(
    job: Job, documents: Sequence[StoredDocument], valid_until: datetime, push: HttpStatusPush | None = None
) -> FaxJobRequest:
    """The request for `job`; the same job gives the same request but for `valid_until` and `push`."""
    options = job.options
    return FaxJobRequest(
        reference=Reference(customer_defined_id=job.id, billing_code=options.billing_code),
        recipients=tuple(FaxRecipient(number=recipient.number) for recipient in job.recipients),
        documents=tuple(
            Document(name=document.name, charset=document.charset, source=document.content) for document in documents
        ),
        transport_options=_transport(options),
        rendering_options=_rendering(options),
        status_report_options=_status_report(options, push),
        meta=MetaData(job_valid=JobValid(end=valid_until)),
    )


def _transport(options: JobOptions) -> TransportOptions | None:
    if options.csid is None and not options.express and not options.blacklist:
        return None
    return TransportOptions(
        csid=options.csid, is_express=options.express or None, is_blacklist_enabled=options.blacklist or None
    )


def _rendering(options: JobOptions) -> RenderingOptions | None:
    overlay = Overlay(name=options.overlay, mode=options.overlay_mode) if options.overlay is not None else None
    if options.paper_format is None and options.resolution is None and options.header is None and overlay is None:
        return None
    return RenderingOptions(
        paper_format=options.paper_format, resolution=options.resolution, header=options.header, overlay=overlay
    )


def _status_report(options: JobOptions, push: HttpStatusPush | None) -> StatusReportOptions | None:
    mail = _report_mail(options)
    if mail is None and push is None:
        return None
    return StatusReportOptions(report_mail=mail, http_status_push=push)


def _report_mail(options: JobOptions) -> ReportMail | None:
    if options.success_address is None and options.failure_address is None:
        return None
    return ReportMail(
        success_address=options.success_address,
        failure_address=options.failure_address,
        attached_fax_image_mode=IMAGE_MODES[options.image],
        attached_fax_image_format=IMAGE_FORMATS[options.image_format],
    )
