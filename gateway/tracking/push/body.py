"""The body of a push as a FaxReport: JSON in its shape, or XML in the old SOAP shape (Fax4A). Pure.

The vendor chooses which, so that the first character decides and not the Content-Type. What the report stands on (its
ids, numbers and status codes) is read strictly: a body that is refused here is still found by polling.
"""

import json
import re
from typing import Annotated

from pydantic import AfterValidator, FailFast, Field, ValidationError

from gateway.fax4a import FaxReport
from gateway.fax4a.report import FaxRecipientWithStatus, Text
from gateway.tracking.push.unreadable import Unreadable
from gateway.tracking.push.xml_body import read_xml

MOST_RECIPIENTS = 10_000
LONGEST_TEXT = 1000  # characters
# RFC 7303 §3.3 lets XML begin with a byte order mark, and be UTF-16.
XML = re.compile(rb"\s*(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\0?<")


def _plain(text: str | None) -> str | None:
    if text is not None and (len(text) > LONGEST_TEXT or any(c < " " and c not in "\t\r\n" for c in text)):
        raise ValueError(f"is no text of at most {LONGEST_TEXT} characters")
    return text


# ASCII without controls, as long as the spool's columns are.
JobId = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
Code = Annotated[str, Field(pattern=r"^[ -~]{1,64}$")]
Plain = Annotated[Text, AfterValidator(_plain)]


class PushedRecipient(FaxRecipientWithStatus):
    number: Code
    status: Code
    reason: Plain = None
    sent_to_number: Plain = None
    remote_csid: Plain = None


class PushedReport(FaxReport):
    """A report names at least one recipient: without, it says nothing."""

    job_id: JobId
    # The first fault ends it: a megabyte of them would take seconds.
    recipient_status: Annotated[
        tuple[PushedRecipient, ...], FailFast(), Field(min_length=1, max_length=MOST_RECIPIENTS)
    ]


def read_push(body: bytes) -> FaxReport:
    """Raises Unreadable, with what is wrong."""
    value = read_xml(body) if XML.match(body) else _json(body)
    try:
        return PushedReport.model_validate(value)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise Unreadable(f"{'.'.join(map(str, fault['loc'])) or 'the body'}: {fault['msg']}") from None


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is neither JSON nor XML") from None
