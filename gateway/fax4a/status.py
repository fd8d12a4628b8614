"""What a recipient's status code means: delivered or not, its RFC 3463 code, and the sentence for the sender."""

from types import MappingProxyType

from gateway.fax4a.status_code import StatusClass, StatusCode, classify
from gateway.fax4a.status_words import Language, sentence

__all__ = [
    "Language",
    "StatusClass",
    "StatusCode",
    "classify",
    "delivered",
    "enhanced_status",
    "pages_may_have_arrived",
    "perhaps_delivered",
    "sentence",
]


def delivered(code: str) -> bool:
    return classify(code) is StatusClass.DELIVERED


def perhaps_delivered(code: str) -> bool:
    """Sent, but not confirmed by the machine at the other end."""
    return classify(code) is StatusClass.PERHAPS_DELIVERED


def pages_may_have_arrived(code: str) -> bool:
    """Whether paper may lie at the recipient's. An unknown code excludes nothing."""
    match classify(code):
        case (
            StatusClass.DELIVERED
            | StatusClass.PERHAPS_DELIVERED
            | StatusClass.TRANSMISSION_FAILED
            | StatusClass.UNKNOWN
        ):
            return True
        case _:
            return False


def enhanced_status(code: str) -> str:
    """RFC 3463; 5.x.x wherever it failed, since the service has given up and nobody tries again."""
    return _ENHANCED.get(code) or _CLASS_ENHANCED[classify(code)]


_CLASS_ENHANCED: MappingProxyType[str, str] = MappingProxyType(
    {
        StatusClass.DELIVERED: "2.0.0",
        # X.4.2, the connection was made and broke before the delivery was confirmed. As a failure: nobody will retry.
        StatusClass.PERHAPS_DELIVERED: "5.4.2",
        # X.2.0, something about the mailbox: the line was in use. X.4.1 would say that nobody picked up.
        StatusClass.BUSY: "5.2.0",
        StatusClass.NO_ANSWER: "5.4.1",  # no answer from host
        StatusClass.NOT_A_FAX: "5.1.1",  # bad destination mailbox address: no fax machine at that number
        StatusClass.WRONG_NUMBER: "5.1.1",  # the number leads nowhere
        StatusClass.TRANSMISSION_FAILED: "5.4.2",  # bad connection
        StatusClass.DOCUMENT_AT_FAULT: "5.6.1",  # media not supported
        StatusClass.NOT_DIALLED: "5.7.1",  # delivery not authorized
        StatusClass.UNKNOWN: "5.0.0",  # nothing more is known
    }
)

_ENHANCED: MappingProxyType[str, str] = MappingProxyType(
    {
        StatusCode.CHANGED_NO: "5.1.6",  # destination mailbox has moved, no forwarding address
        StatusCode.DIAL_NC: "5.1.3",  # bad destination mailbox address syntax: invalid or incomplete
        StatusCode.MISSING_FAX_FILE: "5.6.0",  # other media error: nothing was there to convert
        StatusCode.CANCELLED: "5.7.0",  # a person's decision, not a rule
    }
)
