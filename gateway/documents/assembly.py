"""The documents of a job, from the mail's content: cover first, then the attachments as in the mail. Pure.

``plan`` looks without making anything, so that what can't be faxed is refused before the 250; ``assemble`` follows the
plan afterwards. ``fax-gateway preview`` will use the same two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from gateway.documents.cover import CoverContext, CoverError, Covers
from gateway.documents.html import clean_html
from gateway.documents.names import wire_names
from gateway.documents.sniff import HEAD_BYTES, Kind, Sniffed, sniff
from gateway.documents.text import text_document
from gateway.mail import Mail, Part

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
        if not part.content:
            left_out.append(f"{label}: empty")
            continue
        found = _sniff(part)
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


def assemble(
    mail: Mail, wanted: Plan, rules: CoverRules, covers: Covers, context: CoverContext
) -> Assembled:
    """Makes what `wanted` says, in the order of the fax: cover or text first, then the attachments."""
    names: list[tuple[str | None, Kind]] = []
    contents: list[tuple[bytes, str | None]] = []
    warnings = list(wanted.left_out)
    if wanted.cover:
        html, broken = covers.render_or_bundled(rules.template, context)
        if broken is not None:
            warnings.append(f"cover template {rules.template} is broken, the bundled one was used: {broken}")
        names.append(("cover", Kind.HTML))
        contents.append((html.encode(), None))
    if wanted.body:
        name, content, dropped = _body(mail)
        names.append(name)
        contents.append(content)
        warnings += dropped
    for attachment in wanted.attachments:
        names.append((attachment.part.filename, attachment.kind))
        content, dropped = _attachment(mail, attachment)
        contents.append(content)
        warnings += dropped
    documents = tuple(
        Made(name, charset, data) for name, (data, charset) in zip(wire_names(names), contents, strict=True)
    )
    return Assembled(documents, tuple(warnings))
