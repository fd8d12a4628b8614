"""What the sender is told about a recipient's status: what happened and what to do, in English and German."""

from types import MappingProxyType
from typing import Literal

from gateway.fax4a.status_code import StatusClass, StatusCode, classify

Language = Literal["en", "de"]


def sentence(code: str, language: Language) -> str:
    """For the sender; the code itself is only in it where it is unknown."""
    english, german = _SENTENCES.get(code) or _CLASS_SENTENCES[classify(code)]
    text = english if language == "en" else german
    return text.replace("{code}", code) if classify(code) is StatusClass.UNKNOWN else text


_RETRY_EN = "Please try again later."
_RETRY_DE = "Bitte versuchen Sie es später noch einmal."
_CHECK_EN = "Please check the number."
_CHECK_DE = "Bitte prüfen Sie die Nummer."
_ASK_EN = "Please ask the recipient what arrived before you send it again."
_ASK_DE = "Bitte fragen Sie beim Empfänger nach, was angekommen ist, bevor Sie es noch einmal senden."

_CLASS_SENTENCES: MappingProxyType[StatusClass, tuple[str, str]] = MappingProxyType(
    {
        StatusClass.DELIVERED: ("The fax was delivered.", "Das Fax wurde zugestellt."),
        StatusClass.PERHAPS_DELIVERED: (
            (
                "All pages were sent, but the recipient's machine did not confirm them. "
                "Please ask the recipient before you send it again."
            ),
            (
                "Alle Seiten wurden gesendet, aber das Gerät des Empfängers hat sie nicht bestätigt. "
                "Bitte fragen Sie beim Empfänger nach, bevor Sie es noch einmal senden."
            ),
        ),
        StatusClass.BUSY: (
            f"The line was busy at every attempt. {_RETRY_EN}",
            f"Die Leitung war bei jedem Versuch besetzt. {_RETRY_DE}",
        ),
        StatusClass.NO_ANSWER: (
            f"Nobody answered the call. {_CHECK_EN[:-1]}, or try again later.",
            "Niemand hat den Anruf angenommen. Bitte prüfen Sie die Nummer oder versuchen Sie es später noch einmal.",
        ),
        StatusClass.NOT_A_FAX: (
            f"The call was answered, but not by a fax machine. {_CHECK_EN}",
            f"Der Anruf wurde angenommen, aber nicht von einem Faxgerät. {_CHECK_DE}",
        ),
        StatusClass.WRONG_NUMBER: (
            f"The number is not in service. {_CHECK_EN}",
            f"Die Nummer ist nicht vergeben. {_CHECK_DE}",
        ),
        StatusClass.TRANSMISSION_FAILED: (
            f"The transmission broke off; some pages may have arrived. {_ASK_EN}",
            f"Die Übertragung ist abgebrochen; einige Seiten können angekommen sein. {_ASK_DE}",
        ),
        StatusClass.DOCUMENT_AT_FAULT: (
            (
                "A document could not be turned into fax pages (it may be protected or damaged); nothing was sent. "
                "Please send it as an unprotected PDF."
            ),
            (
                "Ein Dokument ließ sich nicht in Faxseiten umwandeln (vielleicht ist es geschützt oder beschädigt); "
                "es wurde nichts gesendet. Bitte senden Sie es als ungeschütztes PDF."
            ),
        ),
        StatusClass.NOT_DIALLED: (
            "The number was not dialled. Please ask your administrator.",
            "Die Nummer wurde nicht angewählt. Bitte fragen Sie Ihren Administrator.",
        ),
        StatusClass.UNKNOWN: (
            "The fax failed for a reason that the gateway does not know ({code}). " + _ASK_EN,
            "Das Fax ist aus einem Grund gescheitert, den das Gateway nicht kennt ({code}). " + _ASK_DE,
        ),
    }
)

# Where a code says more than its class.
_SENTENCES: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        StatusCode.WOUT_TO: (
            "The telephone network did not react to the number. Please check the number, or try again later.",
            (
                "Das Telefonnetz hat auf die Nummer nicht reagiert. "
                "Bitte prüfen Sie die Nummer oder versuchen Sie es später noch einmal."
            ),
        ),
        StatusCode.NOFAX_DIS: (
            f"The call was answered and hung up without a fax tone. {_CHECK_EN}",
            f"Der Anruf wurde angenommen und ohne Faxton wieder aufgelegt. {_CHECK_DE}",
        ),
        StatusCode.NOFAX_TO: (
            f"The call was answered, but no fax tone followed. {_CHECK_EN}",
            f"Der Anruf wurde angenommen, aber es folgte kein Faxton. {_CHECK_DE}",
        ),
        StatusCode.DIAL_NC: (
            f"The carrier refused the number as invalid or incomplete. {_CHECK_EN}",
            f"Der Netzbetreiber hat die Nummer als ungültig oder unvollständig abgelehnt. {_CHECK_DE}",
        ),
        StatusCode.CHANGED_NO: (
            "The recipient's number has changed. Please ask the recipient for the new one.",
            "Die Nummer des Empfängers hat sich geändert. Bitte erfragen Sie beim Empfänger die neue.",
        ),
        StatusCode.MISSING_FAX_FILE: (
            "The fax service had no document to send. Please send the mail again.",
            "Dem Faxdienst lag kein Dokument zum Senden vor. Bitte senden Sie die Mail noch einmal.",
        ),
        StatusCode.PBLACKLIST: (
            (
                "The number is on your organisation's list of blocked numbers and was not dialled. "
                "Please ask your administrator."
            ),
            (
                "Die Nummer steht auf der Sperrliste Ihrer Organisation und wurde nicht angewählt. "
                "Bitte fragen Sie Ihren Administrator."
            ),
        ),
        StatusCode.BLACKLIST: (
            (
                "The recipient does not wish to receive faxes (public list of objections); the number was not dialled. "
                "Please reach the recipient in another way."
            ),
            (
                "Der Empfänger wünscht keine Faxe (öffentliche Widerspruchsliste); die Nummer wurde nicht angewählt. "
                "Bitte erreichen Sie den Empfänger auf einem anderen Weg."
            ),
        ),
        StatusCode.CANCELLED: (
            "The fax was cancelled in the fax service's portal. Please ask your administrator.",
            "Das Fax wurde im Portal des Faxdienstes abgebrochen. Bitte fragen Sie Ihren Administrator.",
        ),
    }
)
