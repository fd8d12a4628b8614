"""winmail.dat ([MS-OXTNEF]): the text and the attachments of a mail, packed by Outlook. Only for converter processes.

tnefparse, compressed-rtf and RTFDE are hardly maintained any more: a count in the file makes the first one loop, and
it swallows its own exceptions. So the process has seconds, and what was swallowed is told.
"""

import logging
from collections.abc import Iterator, Sequence
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
INCOMPLETE = "parts of winmail.dat could not be read"

_LONG_NAME, _MIME_TAG, _CONTENT_ID, _SUBJECT = 0x3707, 0x370E, 0x3712, 0x0037  # [MS-OXPROPS]
_HEADER = 400  # bytes: the wrapper's mark is among the first ten words ([MS-OXRTFEX] §2.2.2.1)
_log = logging.getLogger("tnefparse")


def unpacked_winmail(content: bytes, limits: DocumentLimits) -> Unpacked | Fault:
    """Its text, as HTML if there is any, and its attachments. May run for ever, and may raise anything."""
    with _Swallowed() as swallowed:
        from tnefparse.tnef import TNEF  # noqa: PLC0415 - only here, and only in a process of its own

        tnef = TNEF(content, do_checksum=False)
        text, html, rtf = _body(tnef)
        entries = tuple(_entries(tnef, depth=1))
    if rtf is not None:
        entries = (Entry("message.rtf", "application/rtf", rtf), *entries)
    if len(entries) > limits.documents:
        return Fault(f"is a winmail.dat with more than {limits.documents} attachments")
    size = sum(len(each.data) for each in entries) + len((html or text or "").encode())
    if size > limits.bytes:
        return Fault(f"is a winmail.dat with more than {limits.bytes // 1_000_000} MB")
    left_out = tuple(sentence(f"{each.name or 'an attachment'}: empty") for each in entries if not each.data)
    kept = tuple(each for each in entries if each.data)
    if swallowed.anything:
        left_out = (INCOMPLETE, *left_out)
    if text is None and html is None and not kept:
        if swallowed.anything:
            return UNREADABLE
        left_out = (EMPTY, *left_out)
    return Unpacked(text, html, kept, left_out[:MOST_SENTENCES])


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


def _body(tnef: "TNEF") -> tuple[str | None, str | None, bytes | None]:
    """Plain text, HTML, RTF, of which at most one is not None. RTF that is no wrapper stands only for text."""
    html = _text(tnef.htmlbody, tnef.codepage)
    if html:
        return None, html, None
    text = _text(tnef.body, tnef.codepage)
    rtf = _rtf(tnef)
    wrapped_text, wrapped_html = _deencapsulated(rtf) if rtf is not None else (None, None)
    if wrapped_html:
        return None, wrapped_html, None
    text = text or wrapped_text
    return text, None, None if text else rtf


def _rtf(tnef: "TNEF") -> bytes | None:
    try:
        return tnef.rtfbody or None
    except Exception as error:  # noqa: BLE001 - compressed-rtf raises Exception itself
        _log.error("no RTF: %s", error)
        return None


def _deencapsulated(rtf: bytes) -> tuple[str | None, str | None]:
    """Plain text and HTML out of the RTF that Outlook wraps them in ([MS-OXRTFEX])."""
    if not any(mark in rtf[:_HEADER] for mark in (b"\\fromhtml", b"\\fromtext")):
        return None, None
    from RTFDE.deencapsulate import DeEncapsulator  # noqa: PLC0415 - half a second, that most files don't need

    try:
        wrapper = DeEncapsulator(rtf.rstrip(b"\0\r\n "))
        wrapper.deencapsulate()
    except Exception as error:  # noqa: BLE001 - a grammar, and three libraries
        _log.error("RTF: %s", error)
        return None, None
    return _text(getattr(wrapper, "text", None), "utf-8"), _text(getattr(wrapper, "html", None), "utf-8")


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
    text, html, rtf = _body(tnef)
    if html is not None:
        yield Entry(named(subject), "text/html", html.encode())
    elif text is not None:
        yield Entry(named(subject), "text/plain", text.encode())
    elif rtf is not None:
        yield Entry(named(subject), "application/rtf", rtf)
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
