"""The documents of a job, from the mail's content: cover first, then the attachments as in the mail. Pure.

``plan`` looks without making anything, so that what can't be faxed is refused before the 250; ``assemble`` follows the
plan afterwards. ``fax-gateway preview`` will use the same two.
"""

from dataclasses import dataclass
from typing import Literal, assert_never

from gateway.documents.cover import CoverContext, Covers
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
    """A part that goes out, and what it is."""

    part: Part
    kind: Kind


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


def plan(mail: Mail, rules: CoverRules, *, most_documents: int) -> Plan | Unfaxable:
    """What is to be sent of `mail`, or the first reason why it can't be."""
    attachments: list[Attachment] = []
    left_out: list[str] = []
    for number, part in enumerate(mail.attachments, start=1):
        label = part.filename or f"attachment {number}"
        content = part.content
        if not content:
            left_out.append(f"{label}: empty")
            continue
        found = sniff(
            content[:HEAD_BYTES], declared_type=part.declared_type, filename=part.filename, charset=part.charset
        )
        if found.kind is Kind.UNSUPPORTED:
            sentence = f"{label} is {found.description}, which can't be faxed; send PDF, TIFF, text or HTML"
            return Unfaxable(sentence, "5.6.1", label)
        attachments.append(Attachment(part, found.kind))
    cover, body = _carries_text(mail, rules, with_attachments=bool(attachments))
    if mail.body.is_empty and not attachments:
        return Unfaxable("the mail has no text and no attachment: there is nothing to fax", "5.6.0")
    if not mail.body.is_empty and not cover and not body:
        left_out.append("the mail's text: cover.drop_body is set")
    result = Plan(cover, body, tuple(attachments), tuple(left_out))
    if result.document_count + cover > most_documents:
        sentence = f"the mail has {result.document_count} documents; at most {most_documents} can be faxed in one job"
        return Unfaxable(sentence, "5.6.0")
    return result


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


def assemble(mail: Mail, wanted: Plan, rules: CoverRules, covers: Covers, context: CoverContext) -> Assembled:
    """Makes what `wanted` says, in the order of the fax: cover or text first, then the attachments."""
    drafts = []
    if wanted.cover:
        drafts.append(_cover(rules, covers, context))
    if wanted.body:
        drafts.append(_body(mail))
    drafts += [_attachment(attachment) for attachment in wanted.attachments]
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


def _attachment(attachment: Attachment) -> _Draft:
    part, kind = attachment.part, attachment.kind
    match kind:
        case Kind.PDF | Kind.TIFF:
            return _Draft(part.filename, kind, part.content)
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
