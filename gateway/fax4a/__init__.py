"""The client of the Retarus Fax-for-Applications API, v1: models, sending, reports, status codes."""

from gateway.fax4a.account import Account, AccountFault, account_for
from gateway.fax4a.client import Fax4AClient
from gateway.fax4a.errors import Fax4AError, Refused, ReportError, TransportFault, Unreachable, Unreadable
from gateway.fax4a.model import (
    Document,
    FaxJobRequest,
    FaxRecipient,
    HttpStatusPush,
    JobValid,
    MetaData,
    Overlay,
    RecipientProperty,
    Reference,
    RenderingOptions,
    ReportMail,
    Source,
    StatusReportOptions,
    TransportOptions,
)
from gateway.fax4a.outcome import (
    Accepted,
    AcceptedEarlier,
    Misconfigured,
    NotArrived,
    Outcome,
    PerhapsArrived,
    Rejected,
)
from gateway.fax4a.report import FaxRecipientWithStatus, FaxReport, JobDeleteReport
from gateway.fax4a.transport import Transport

__all__ = [
    "Accepted",
    "AcceptedEarlier",
    "Account",
    "AccountFault",
    "Document",
    "Fax4AClient",
    "Fax4AError",
    "FaxJobRequest",
    "FaxRecipient",
    "FaxRecipientWithStatus",
    "FaxReport",
    "HttpStatusPush",
    "JobDeleteReport",
    "JobValid",
    "MetaData",
    "Misconfigured",
    "NotArrived",
    "Outcome",
    "Overlay",
    "PerhapsArrived",
    "RecipientProperty",
    "Reference",
    "Refused",
    "Rejected",
    "RenderingOptions",
    "ReportError",
    "ReportMail",
    "Source",
    "StatusReportOptions",
    "Transport",
    "TransportFault",
    "TransportOptions",
    "Unreachable",
    "Unreadable",
    "account_for",
]
