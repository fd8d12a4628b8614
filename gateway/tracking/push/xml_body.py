"""The XML body of a push as the fields of a FaxReport: ``faxJobReport``, the shape of the old SOAP service (Fax4A).

Read by expat's events, without a tree. A document type declaration is refused at its first character, so that there
is no entity to expand and nothing to fetch (CWE-611, CWE-776).
"""

import re
from typing import Any, NoReturn
from xml.parsers import expat

from gateway.tracking.push.unreadable import Unreadable

ROOT = "faxJobReport"
DEEPEST = 16  # the shape has three levels
FIELDS = {"jobId": "jobId", "pages": "pages"}  # children of the root, by the names of a FaxReport
RECIPIENT_FIELDS = {
    "number": "number",
    "status": "status",
    "reason": "reason",
    "sentTS": "sentTs",
    "durationInSecs": "durationInSecs",
    "sentToNumber": "sentToNumber",
    "remoteCsid": "remoteCsid",
}
COUNTS = frozenset({"pages", "durationInSecs"})
_COUNT = re.compile(r"[0-9]{1,10}")
# The contract doesn't say what jobReference holds: only an id of our own form counts as the customerDefinedId.
_OUR_ID = re.compile(r"[0-9a-f]{32}")


def read_xml(body: bytes) -> dict[str, Any]:
    """Raises Unreadable."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.characters
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unreadable(f"the XML is not well-formed: {expat.ErrorString(error.code)}") from None
    except (ValueError, LookupError):  # the declared encoding
        raise Unreadable("the XML's encoding can't be read") from None
    return reader.report


class _Reader:
    def __init__(self) -> None:
        self._path: list[str] = []
        self._text: list[str] = []
        self._recipients: list[dict[str, Any]] = []
        self.report: dict[str, Any] = {"recipientStatus": self._recipients}

    def doctype(self, *_: object) -> NoReturn:
        raise Unreadable("XML with a document type declaration isn't taken")

    def start(self, name: str, _: object) -> None:
        self._path.append(name.rpartition(" ")[2])  # the namespace has changed with the service's versions
        if len(self._path) > DEEPEST:
            raise Unreadable("the XML is nested too deep")
        if self._path[0] != ROOT:
            raise Unreadable(f"the XML's root is not {ROOT}")
        if self._path[1:] == ["faxRecipient"]:
            self._recipients.append({})
        self._text.clear()

    def characters(self, text: str) -> None:
        self._text.append(text)

    def end(self, _: str) -> None:
        text = "".join(self._text).strip()
        self._text.clear()
        match self._path[1:]:
            case [name] if name in FIELDS:
                _set(self.report, FIELDS[name], text)
            case ["faxRecipient", name] if name in RECIPIENT_FIELDS:
                _set(self._recipients[-1], RECIPIENT_FIELDS[name], text)
            case ["options", "jobReference"] if _OUR_ID.fullmatch(text):
                _set(self.report, "reference", {"customerDefinedId": text})
            case _:
                pass  # documents and options, which are our own
        self._path.pop()


def _set(fields: dict[str, Any], name: str, value: object) -> None:
    if name in fields:
        raise Unreadable(f"{name} stands twice")
    if name in COUNTS:
        fields[name] = int(value) if isinstance(value, str) and _COUNT.fullmatch(value) else None
    else:
        fields[name] = value
