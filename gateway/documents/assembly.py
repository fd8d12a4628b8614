"""The documents of a job, from the mail's content: cover first, then the attachments as in the mail. Pure.

``plan`` looks without making anything, so that what can't be faxed is refused before the 250; ``assemble`` follows the
plan afterwards. ``fax-gateway preview`` uses the same two. Neither opens a document: that is left to the looks and
conversions that are handed in (gateway/documents/converter).
"""

import hashlib
from dataclasses import dataclass
from typing import Literal, assert_never

from gateway.documents.cover import CoverContext, Covers
from gateway.documents.finding import NEEDS_OPENING, Convert, DocumentLimits, Fault, Look, Sound, Unsettled
from gateway.documents.html import clean_html
from gateway.documents.names import wire_names
from gateway.documents.sniff import HEAD_BYTES, Kind, sniff
from gateway.documents.text import text_document
from gateway.mail import Mail, Part
from gateway.mail.charset import decode_text

CoverWhen = Literal["always", "body", "no-attachments", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRules:
    template: str
    when: CoverWhen
    drop_body: bool  # a body that no cover carries is left out instead of being a document of its own


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that goes out, what it is, and what a look at it has shown; None where it needs none."""

    label: str  # what it is called to people
    part: Part
    kind: Kind
    found: Sound | Unsettled | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What the fax will be made of, and what is left out (for the job's events)."""

    cover: bool
    body: bool  # the mail's text is a document of its own, the first
    attachments: tuple[Attachment, ...]
    left_out: tuple[str, ...] = ()

    @property
    def document_count(self) -> int:
        """Documents beside the cover."""
        return len(self.attachments) + self.body

    @property
    def is_settled(self) -> bool:
        """Whether every document was looked at; else one may still turn out not to be faxable."""
        return not any(isinstance(attachment.found, Unsettled) for attachment in self.attachments)

    @property
    def known_pages(self) -> int:
        """Of the documents that aren't rendered by the fax service."""
        return sum(each.found.pages for each in self.attachments if isinstance(each.found, Sound))


@dataclass(frozen=True, slots=True)
class Unfaxable:
    """Why a mail can't be faxed; `culprit` is the file at fault, None where it is the mail as a whole."""

    sentence: str
    enhanced_code: str
    culprit: str | None = None


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


def plan(mail: Mail, rules: CoverRules, limits: DocumentLimits, look: Look) -> Plan | Unfaxable:
    """What is to be sent of `mail`, or the first reason why it can't be. Never raises, whatever the mail."""
    attachments: list[Attachment] = []
    left_out: list[str] = []
    for number, part in enumerate(mail.attachments, start=1):
        label = part.filename or f"attachment {number}"
        if not part.content:
            left_out.append(f"{label}: empty")
            continue
        attachment = _examined(label, part, look)
        if isinstance(attachment, Unfaxable):
            return attachment
        attachments.append(attachment)
        if len(attachments) > limits.documents:
            break  # enough to refuse it
    cover, body = _carries_text(mail, rules, with_attachments=bool(attachments))
    if mail.body.is_empty and not attachments:
        return Unfaxable("the mail has no text and no attachment: there is nothing to fax", "5.6.0")
    if not mail.body.is_empty and not cover and not body:
        left_out.append("the mail's text: cover.drop_body is set")
    result = Plan(cover, body, tuple(attachments), tuple(left_out))
    return _beyond(result, limits) or result


def _examined(label: str, part: Part, look: Look) -> Attachment | Unfaxable:
    content = part.content
    sniffed = sniff(
        content[:HEAD_BYTES], declared_type=part.declared_type, filename=part.filename, charset=part.charset
    )
    if sniffed.kind is Kind.UNSUPPORTED:
        sentence = f"{label} is {sniffed.description}, which can't be faxed; send PDF, TIFF, pictures, text or HTML"
        return Unfaxable(sentence, "5.6.1", label)
    if sniffed.kind not in NEEDS_OPENING:
        return Attachment(label, part, sniffed.kind)
    found = look(sniffed.kind, content)
    if isinstance(found, Fault):
        return Unfaxable(f"{label} {found.reason}", found.enhanced_code, label)
    return Attachment(label, part, sniffed.kind, found)


def _beyond(planned: Plan, limits: DocumentLimits) -> Unfaxable | None:
    """Which limit the documents of the mail exceed together."""
    if planned.document_count + planned.cover > limits.documents:
        return Unfaxable(
            f"the mail has too many documents; at most {limits.documents} can be faxed in one job", "5.6.0"
        )
    if planned.known_pages > limits.pages:
        sentence = f"the mail has {planned.known_pages} pages; at most {limits.pages} can be faxed in one job"
        return Unfaxable(sentence, "5.6.0")
    return _too_large(sum(len(each.part.content) for each in planned.attachments), limits)


def _too_large(size: int, limits: DocumentLimits) -> Unfaxable | None:
    if size <= limits.bytes:
        return None
    megabytes = limits.bytes // 1_000_000
    return Unfaxable(f"the mail's documents have more than {megabytes} MB, the most that is faxed in one job", "5.6.0")


def _carries_text(mail: Mail, rules: CoverRules, *, with_attachments: bool) -> tuple[bool, bool]:
    """Whether there is a cover, and whether the text is a document of its own."""
    has_text = not mail.body.is_empty
    match rules.when:
        case "always":
            cover = True
        case "body":
            cover = has_text
        case "no-attachments":
            cover = not with_attachments
        case "never":
            cover = False
        case _:
            assert_never(rules.when)
    # Where nothing else is sent, dropping the text would leave an empty fax.
    body = has_text and not cover and not (rules.drop_body and with_attachments)
    return cover, body


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document before it has its name."""

    wanted_name: str | None
    kind: Kind
    data: bytes
    charset: str | None = None
    warnings: tuple[str, ...] = ()


def assemble(
    mail: Mail,
    wanted: Plan,
    rules: CoverRules,
    limits: DocumentLimits,
    covers: Covers,
    context: CoverContext,
    convert: Convert,
) -> Assembled | Unfaxable:
    """Makes what `wanted` says, in the order of the fax: cover or text first, then the attachments.

    Unfaxable where only the making shows that it can't be done.
    """
    drafts = []
    if wanted.cover:
        drafts.append(_cover(rules, covers, context))
    if wanted.body:
        drafts.append(_body(mail))
    for attachment in wanted.attachments:
        draft = _attachment(attachment, convert)
        if isinstance(draft, Unfaxable):
            return draft
        drafts.append(draft)
    too_large = _too_large(sum(len(draft.data) for draft in drafts), limits)
    if too_large is not None:
        return too_large
    names = wire_names([(draft.wanted_name, draft.kind) for draft in drafts])
    documents = tuple(Made(name, draft.charset, draft.data) for name, draft in zip(names, drafts, strict=True))
    return Assembled(documents, (*wanted.left_out, *(warning for draft in drafts for warning in draft.warnings)))


def _cover(rules: CoverRules, covers: Covers, context: CoverContext) -> _Draft:
    html, broken = covers.render_or_bundled(rules.template, context)
    warning = f"cover template {rules.template} is broken, the bundled one was used: {broken}"
    return _Draft("cover", Kind.HTML, html.encode(), warnings=(warning,) if broken is not None else ())


def _body(mail: Mail) -> _Draft:
    if mail.body.html is None:
        return _Draft("mail", Kind.TEXT, (mail.body.text or "").encode(), "UTF-8")
    cleaned = clean_html(mail.body.html, mail.inline)
    return _Draft("mail", Kind.HTML, cleaned.document(mail.subject).encode(), warnings=cleaned.dropped)


def _attachment(attachment: Attachment, convert: Convert) -> _Draft | Unfaxable:
    part, kind = attachment.part, attachment.kind
    match kind:
        case Kind.PDF | Kind.TIFF | Kind.IMAGE:
            return _opened(attachment, convert)
        case Kind.TEXT:
            data, charset = text_document(part.content, part.charset)
            return _Draft(part.filename, kind, data, charset)
        case Kind.HTML:
            source, _ = decode_text(part.content, part.charset)
            cleaned = clean_html(source, {})
            return _Draft(part.filename, kind, cleaned.document().encode(), warnings=cleaned.dropped)
        case Kind.UNSUPPORTED:
            raise ValueError(f"{part.filename} was planned although it can't be faxed")
        case _:
            assert_never(kind)


def _opened(attachment: Attachment, convert: Convert) -> _Draft | Unfaxable:
    """Byte for byte, or with an event that says why not and what became what."""
    part, found = attachment.part, attachment.found
    if not isinstance(found, Sound):
        return Unfaxable(f"{attachment.label} takes too long to be opened", "5.6.0", attachment.label)
    if found.rewrite is None:
        return _Draft(part.filename, attachment.kind, part.content)
    made = convert(attachment.kind, part.content, found)
    if isinstance(made, Fault):
        return Unfaxable(f"{attachment.label} {made.reason}", made.enhanced_code, attachment.label)
    before, after = (hashlib.sha256(data).hexdigest() for data in (part.content, made))
    event = f"{attachment.label} is not sent as it came: {found.rewrite}; SHA-256 {before} became {after}"
    return _Draft(part.filename, attachment.kind, made, warnings=(event,))
