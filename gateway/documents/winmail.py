"""winmail.dat ([MS-OXTNEF]): the text and the attachments of a mail, packed by Outlook. Only for converter processes.

tnefparse, compressed-rtf and RTFDE are hardly maintained any more: a count in the file makes the first one loop, and
it swallows its own exceptions. So the process has seconds, and what was swallowed is told.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from gateway.documents.entries import MOST_SENTENCES, media_type, named, sentence
from gateway.documents.finding import DocumentLimits, Entry, Fault, Unpacked
from gateway.mail.charset import decode_text

if TYPE_CHECKING:
    from tnefparse.mapi import TNEFMAPI_Attribute
    from tnefparse.tnef import TNEF, TNEFAttachment

DEPTH = 3  # messages within messages; none deeper is looked at
EMPTY = "winmail.dat has neither text nor attachments"
UNREADABLE = Fault("is a winmail.dat that can't be read; ask its sender to send the mail as plain text or HTML")
UNFORMATTED = "the formatting of winmail.dat's text, which takes too long to read"
LARGEST_WRAPPER = 150_000  # bytes of RTF, two seconds of RTFDE; beyond it plain text, or the RTF as it is, must do
INCOMPLETE = "parts of winmail.dat could not be read"

_LONG_NAME, _MIME_TAG, _CONTENT_ID, _SUBJECT = 0x3707, 0x370E, 0x3712, 0x0037  # [MS-OXPROPS]
_LARGEST_BLANK = 4096  # bytes of RTF that say nothing
_HEADER = 400  # bytes: the wrapper's mark is among the first ten words ([MS-OXRTFEX] §2.2.2.1)
# RTF 1.9.1: groups that are not printed as they stand; control words, symbols and braces; what is no text but is seen.
_TABLE = re.compile(rb"\{\\(?:\*|fonttbl|colortbl|stylesheet|info)(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
_CONTROL = re.compile(rb"\\[a-z]+-?\d* ?|\\[^a-z'0-9]|[{}\s\0]")
_OBJECT = re.compile(rb"\\(?:pict|object|shp|field|u-?\d|')")
_log = logging.getLogger("tnefparse")


def unpacked_winmail(content: bytes, limits: DocumentLimits) -> Unpacked | Fault:
    """Its text, as HTML if there is any, and its attachments. May run for ever, and may raise anything."""
    with _Swallowed() as swallowed:
        from tnefparse.tnef import TNEF  # noqa: PLC0415 - only here, and only in a process of its own

        tnef = TNEF(content, do_checksum=False)
        body = _body(tnef)
        entries = tuple(_entries(tnef, depth=1))
    if body.rtf is not None:
        entries = (Entry("message.rtf", "application/rtf", body.rtf), *entries)
    too_much = _too_much(body, entries, limits)
    if too_much is not None:
        return too_much
    kept = tuple(each for each in entries if each.data)
    empty = tuple(sentence(f"{each.name or 'an attachment'}: empty") for each in entries if not each.data)
    if not body.is_there and not kept:
        return UNREADABLE if swallowed.anything else Unpacked(None, None, (), (EMPTY, *empty)[:MOST_SENTENCES])
    lost = ([INCOMPLETE] if swallowed.anything else []) + ([UNFORMATTED] if body.unformatted else [])
    return Unpacked(body.text, body.html, kept, (*lost, *empty)[:MOST_SENTENCES])


def _too_much(body: "_Text", entries: Sequence[Entry], limits: DocumentLimits) -> Fault | None:
    if len(entries) > limits.documents:
        return Fault(f"is a winmail.dat with more than {limits.documents} attachments")
    if sum(len(each.data) for each in entries) + len((body.html or body.text or "").encode()) > limits.bytes:
        return Fault(f"is a winmail.dat with more than {limits.bytes // 1_000_000} MB")
    return None


@dataclass(frozen=True, slots=True)
class _Text:
    """Of a message: at most one of the three."""

    text: str | None = None
    html: str | None = None
    rtf: bytes | None = None
    unformatted: bool = False

    @property
    def is_there(self) -> bool:
        return self.text is not None or self.html is not None


class _Swallowed(logging.Handler):
    """Hears of what tnefparse could not read, and ends its loop over properties that aren't there."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.anything = False

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.anything = True
        elif str(record.msg).startswith("Skipping property"):
            raise EOFError("more properties than bytes")  # swallowed there as any other

    def __enter__(self) -> Self:
        _log.addHandler(self)
        _log.setLevel(logging.WARNING)
        _log.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        _log.removeHandler(self)


def _body(tnef: "TNEF") -> _Text:
    """HTML before plain text; RTF that is no wrapper, or can't be unwrapped, only where there is neither."""
    html = _text(tnef.htmlbody, tnef.codepage)
    if html:
        return _Text(html=html)
    text = _text(tnef.body, tnef.codepage)
    rtf = _rtf(tnef)
    if rtf is None or _is_blank(rtf):
        return _Text(text)
    if len(rtf) > LARGEST_WRAPPER:
        return _Text(text, unformatted=True) if text else _Text(rtf=rtf)
    wrapped = _unwrapped(rtf)
    if wrapped.html:
        return wrapped
    text = text or wrapped.text
    return _Text(text) if text else _Text(rtf=rtf)


def _is_blank(rtf: bytes) -> bool:
    """Whether nothing of it would be printed: no letter outside of control words, fonts and colours, no object."""
    if len(rtf) > _LARGEST_BLANK or _OBJECT.search(rtf):
        return False
    return not _CONTROL.sub(b"", _TABLE.sub(b"", rtf)).strip()


def _rtf(tnef: "TNEF") -> bytes | None:
    try:
        return tnef.rtfbody or None
    except Exception as error:  # noqa: BLE001 - compressed-rtf raises Exception itself
        _log.error("no RTF: %s", error)
        return None


def _unwrapped(rtf: bytes) -> _Text:
    """Plain text or HTML out of the RTF that Outlook wraps them in ([MS-OXRTFEX])."""
    if not any(mark in rtf[:_HEADER] for mark in (b"\\fromhtml", b"\\fromtext")):
        return _Text()
    from RTFDE.deencapsulate import DeEncapsulator  # noqa: PLC0415 - half a second, that most files don't need

    try:
        wrapper = DeEncapsulator(rtf.rstrip(b"\0\r\n "))
        wrapper.deencapsulate()
    except Exception as error:  # noqa: BLE001 - a grammar, and three libraries
        _log.error("RTF: %s", error)
        return _Text()
    text, html = (_text(getattr(wrapper, each, None), "utf-8") for each in ("text", "html"))
    return _Text(text, html)


def _entries(tnef: "TNEF", *, depth: int) -> Iterator[Entry]:
    for attachment in tnef.attachments:
        embedded = getattr(attachment, "embed", None)
        if embedded is None:
            yield _entry(attachment)
        elif depth < DEPTH:
            yield from _message(embedded, _name(attachment), depth=depth)
        else:
            _log.error("messages within messages")  # heard by _Swallowed


def _message(tnef: "TNEF", name: str, *, depth: int) -> Iterator[Entry]:
    """A message that is attached: its text as a document, and its attachments."""
    subject = name or _property(tnef.mapiprops, _SUBJECT) or "message"
    body = _body(tnef)
    if body.html is not None:
        yield Entry(named(subject), "text/html", body.html.encode())
    elif body.text is not None:
        yield Entry(named(subject), "text/plain", body.text.encode())
    elif body.rtf is not None:
        yield Entry(named(subject), "application/rtf", body.rtf)
    yield from _entries(tnef, depth=depth + 1)


def _entry(attachment: "TNEFAttachment") -> Entry:
    declared = media_type(_property(attachment.mapi_attrs, _MIME_TAG).strip())
    content_id = named(_property(attachment.mapi_attrs, _CONTENT_ID)).strip("<>")
    data = attachment.data
    return Entry(_name(attachment), declared, data if isinstance(data, bytes) else b"", content_id or None)


def _name(attachment: "TNEFAttachment") -> str:
    """The long one if there is one; tnefparse takes the short one for UTF-8."""
    long = _property(attachment.mapi_attrs, _LONG_NAME)
    return named(long or _text(attachment._name, attachment.codepage) or "")  # noqa: SLF001


def _property(properties: "Sequence[TNEFMAPI_Attribute]", wanted: int) -> str:
    return next((_text(each.data, None) or "" for each in properties if each.name == wanted), "")


def _text(raw: Any, codepage: str | None) -> str | None:
    if isinstance(raw, list):
        raw = b"".join(raw) if all(isinstance(each, bytes) for each in raw) else "".join(map(str, raw))
    if isinstance(raw, bytes):
        raw, _ = decode_text(raw.rstrip(b"\0"), codepage)
    if not isinstance(raw, str):
        return None
    return raw.replace("\0", "").encode("utf-8", "replace").decode() if raw.strip("\0 \t\r\n") else None
