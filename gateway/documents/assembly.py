"""The documents of a job, made as planned: cover or text first, then the attachments as in the mail.

Pure but for `convert`, which is handed in: only converter processes open documents (gateway/documents/converter).
"""

import hashlib
from dataclasses import dataclass, replace
from typing import assert_never
from zoneinfo import ZoneInfo

from gateway.documents.cover import CoverContext, Covers
from gateway.documents.finding import Convert, DocumentLimits, Fault, LeaveOutBlanks, Sound
from gateway.documents.html import clean_html
from gateway.documents.letter import letter_html
from gateway.documents.names import wire_names
from gateway.documents.planning import Attachment, FaxRules, Plan, too_large
from gateway.documents.sniff import Kind
from gateway.documents.text import text_document
from gateway.documents.unfaxable import Unfaxable
from gateway.documents.unfolding import Letter, Waiting
from gateway.mail import Mail
from gateway.mail.charset import decode_text

PAGES_UNKNOWN = 0


@dataclass(frozen=True, slots=True)
class Makers:
    """What makes documents fit, by opening them."""

    convert: Convert
    leave_out_blanks: LeaveOutBlanks


@dataclass(frozen=True, slots=True)
class Made:
    """A document ready to go: its name on the wire, the charset to declare (None: none), its bytes."""

    name: str
    charset: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Assembled:
    documents: tuple[Made, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document before it has its name."""

    wanted_name: str | None
    kind: Kind
    data: bytes
    charset: str | None = None
    warnings: tuple[str, ...] = ()


def assemble(
    wanted: Plan,
    rules: FaxRules,
    limits: DocumentLimits,
    covers: Covers,
    context: CoverContext,
    makers: Makers,
) -> Assembled | Unfaxable:
    """Makes what `wanted` says, in the order of the fax: cover or text first, then the attachments.

    Unfaxable where only the making shows that it can't be done.
    """
    drafts = []
    if wanted.cover:
        drafts.append(_cover(rules, covers, context, makers.convert))
    if wanted.body:
        drafts.append(_body(wanted.mail))
    for attachment in wanted.attachments:
        draft = _draft(attachment, rules, makers.convert)
        if isinstance(draft, Unfaxable):
            return draft
        drafts.append(_without_blanks(draft, makers.leave_out_blanks) if rules.drop_blank_pages else draft)
    beyond = too_large(sum(len(draft.data) for draft in drafts), limits)
    if beyond is not None:
        return beyond
    names = wire_names([(draft.wanted_name, draft.kind) for draft in drafts])
    documents = tuple(Made(name, draft.charset, draft.data) for name, draft in zip(names, drafts, strict=True))
    return Assembled(documents, (*wanted.left_out, *(warning for draft in drafts for warning in draft.warnings)))


def _cover(rules: FaxRules, covers: Covers, context: CoverContext, convert: Convert) -> _Draft:
    html, broken = covers.render_or_bundled(rules.template, context)
    warnings = []
    if broken is not None:
        warnings.append(f"cover template {rules.template} is broken, the bundled one was used: {broken}")
    if rules.cover_as == "pdf":
        made = convert(Kind.HTML, html.encode(), Sound(PAGES_UNKNOWN))
        if isinstance(made, bytes):
            return _Draft("cover", Kind.PDF, made, warnings=tuple(warnings))
        warnings.append(f"the cover {made.reason}: it is sent as HTML, for the fax service to print")
    return _Draft("cover", Kind.HTML, html.encode(), warnings=tuple(warnings))


def _body(mail: Mail) -> _Draft:
    if mail.body.html is None:
        text = text_document((mail.body.text or "").encode(), "utf-8")
        return _Draft("mail", Kind.TEXT, text.data, text.charset)
    cleaned = clean_html(mail.body.html, mail.inline)
    return _Draft("mail", Kind.HTML, cleaned.document(mail.subject).encode(), warnings=cleaned.dropped)


def _without_blanks(draft: _Draft, leave_out_blanks: LeaveOutBlanks) -> _Draft:
    sent_as = Kind.TIFF if draft.kind is Kind.TIFF else Kind.PDF
    if not draft.data.startswith((b"%PDF-", b"II", b"MM")):
        return draft  # the fax service makes its pages
    made = leave_out_blanks(sent_as, draft.data)
    if made is None:
        return draft
    before, after = (hashlib.sha256(data).hexdigest() for data in (draft.data, made))
    event = f"{draft.wanted_name or 'a document'}: blank pages have been left out; SHA-256 {before} became {after}"
    return replace(draft, data=made, warnings=(*draft.warnings, event))


def _draft(item: Attachment | Letter | Waiting, rules: FaxRules, convert: Convert) -> _Draft | Unfaxable:
    match item:
        case Attachment():
            return _attachment(item, convert)
        case Letter():
            page, dropped = letter_html(item.mail, rules.language, ZoneInfo(rules.timezone))
            return _Draft(item.label, Kind.HTML, page.encode(), warnings=dropped)
        case Waiting():
            return _too_slow(item.label)
        case _:
            assert_never(item)


def _attachment(attachment: Attachment, convert: Convert) -> _Draft | Unfaxable:
    part, kind = attachment.part, attachment.kind
    match kind:
        case Kind.PDF | Kind.TIFF | Kind.IMAGE | Kind.OFFICE:
            return _opened(attachment, convert)
        case Kind.TEXT:
            text = text_document(part.content, part.charset)
            event = f"{attachment.label}: lines that are longer than a page is wide have been wrapped"
            return _Draft(part.filename, kind, text.data, text.charset, (event,) if text.wrapped else ())
        case Kind.HTML:
            source, _ = decode_text(part.content, part.charset)
            cleaned = clean_html(source, {})
            return _Draft(part.filename, kind, cleaned.document().encode(), warnings=cleaned.dropped)
        case Kind.UNSUPPORTED | Kind.ARCHIVE | Kind.WINMAIL:
            raise ValueError(f"{part.filename} was planned although it can't be faxed")
        case _:
            assert_never(kind)


def _opened(attachment: Attachment, convert: Convert) -> _Draft | Unfaxable:
    """Byte for byte, or with an event that says why not and what became what."""
    part, found = attachment.part, attachment.found
    if not isinstance(found, Sound):
        return _too_slow(attachment.label)
    if found.rewrite is None:
        return _Draft(part.filename, attachment.kind, part.content)
    made = convert(attachment.kind, part.content, found)
    if isinstance(made, Fault):
        return Unfaxable(f"{attachment.label} {made.reason}", made.enhanced_code, attachment.label)
    before, after = (hashlib.sha256(data).hexdigest() for data in (part.content, made))
    event = f"{attachment.label} is not sent as it came: {found.rewrite}; SHA-256 {before} became {after}"
    return _Draft(part.filename, attachment.kind, made, warnings=(event,))


def _too_slow(label: str) -> Unfaxable:
    return Unfaxable(f"{label} takes too long to be opened", "5.6.0", label)
