"""What a fax will be made of: cover or text first, then the attachments as in the mail. Pure.

``plan`` looks without making anything, so that what can't be faxed is refused before the 250; ``assemble`` follows the
plan afterwards. ``fax-gateway preview`` uses the same two. Neither opens a document: that is left to the looks that are
handed in (gateway/documents/converter).
"""

from dataclasses import dataclass
from typing import Literal, assert_never

from gateway.documents.cover import subject_line
from gateway.documents.finding import NEEDS_OPENING, DocumentLimits, Fault, Look, Sound, Unpack, Unsettled
from gateway.documents.html import text_of
from gateway.documents.sniff import Kind
from gateway.documents.unfaxable import Unfaxable
from gateway.documents.unfolding import Archives, Document, Letter, Unfolded, Waiting, too_many, unfold
from gateway.mail import Mail, MailLimits, Part
from gateway.mail.quoting import is_answer, own_words

CoverWhen = Literal["always", "body", "no-attachments", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxRules:
    """What configuration, profile and the mail itself say of its documents."""

    template: str  # of the cover
    when: CoverWhen
    cover_as: Literal["html", "pdf"]  # rendered by the service, or here
    drop_body: bool  # a body that no cover carries is left out instead of being a document of its own
    archives: Archives
    drop_blank_pages: bool
    language: Literal["en", "de"]
    timezone: str


@dataclass(frozen=True, slots=True)
class Opened:
    """How documents of strangers are looked into, and containers are opened."""

    look: Look
    unpack: Unpack


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

    mail: Mail  # whose text is printed: what Outlook has packed is unpacked
    cover: bool
    body: bool  # the mail's text is a document of its own, the first
    attachments: tuple[Attachment | Letter | Waiting, ...]
    left_out: tuple[str, ...] = ()

    @property
    def document_count(self) -> int:
        """Documents beside the cover."""
        return len(self.attachments) + self.body

    @property
    def is_settled(self) -> bool:
        """Whether every document was looked at; else one may still turn out not to be faxable."""
        return not any(
            isinstance(each, Waiting) or (isinstance(each, Attachment) and isinstance(each.found, Unsettled))
            for each in self.attachments
        )

    @property
    def known_pages(self) -> int:
        """Of the documents that aren't rendered by the fax service."""
        found = (each.found for each in self.attachments if isinstance(each, Attachment))
        return sum(each.pages for each in found if isinstance(each, Sound))

    @property
    def least_pages(self) -> int:
        """As many as there are for certain; what only rendering shows counts as one page."""
        found = (each.found if isinstance(each, Attachment) else None for each in self.attachments)
        return self.cover + self.body + sum(max(each.pages, 1) if isinstance(each, Sound) else 1 for each in found)


def plan(
    mail: Mail, rules: FaxRules, limits: DocumentLimits, mail_limits: MailLimits, opened: Opened
) -> Plan | Unfaxable:
    """What is to be sent of `mail`, or the first reason why it can't be. Never raises, whatever the mail."""
    unfolded = unfold(mail, limits, mail_limits, rules.archives, opened.unpack)
    if isinstance(unfolded, Unfaxable):
        return unfolded
    attachments: list[Attachment | Letter | Waiting] = []
    for item in unfolded.items:
        looked_at = _looked_at(item, opened.look) if isinstance(item, Document) else item
        if isinstance(looked_at, Unfaxable):
            return looked_at
        attachments.append(looked_at)
    return _with_text(unfolded, attachments, rules, limits)


def _with_text(
    unfolded: Unfolded, attachments: list[Attachment | Letter | Waiting], rules: FaxRules, limits: DocumentLimits
) -> Plan | Unfaxable:
    mail, left_out = unfolded.mail, list(unfolded.left_out)
    if mail.body.is_empty and not attachments and not _is_all_in_its_subject(unfolded, rules):
        return _nothing_to_fax(mail)
    says_something = not mail.body.is_empty and (not attachments or _says_something(mail))
    cover, body = _carries_text(rules, has_text=says_something, with_attachments=bool(attachments))
    if not mail.body.is_empty and not cover and not body:
        left_out.append(
            "the mail's text: cover.drop_body is set"
            if says_something
            else "the mail's text: it is a quote, a signature or a disclaimer and nothing else"
        )
    result = Plan(mail, cover, body, tuple(attachments), tuple(left_out))
    return _beyond(result, limits) or result


def _looked_at(document: Document, look: Look) -> Attachment | Unfaxable:
    label, part, kind = document.label, document.part, document.kind
    if kind not in NEEDS_OPENING:
        return Attachment(label, part, kind)
    found = look(kind, part.content)
    if isinstance(found, Fault):
        return Unfaxable(f"{label} {found.reason}", found.enhanced_code, label)
    return Attachment(label, part, kind, found)


def _nothing_to_fax(mail: Mail) -> Unfaxable:
    if subject_line(mail.subject):
        return Unfaxable(
            "the mail has a subject, but no text and no document: write a text or attach a document", "5.6.0"
        )
    return Unfaxable("the mail has neither subject, text nor document: write a text or attach a document", "5.6.0")


def _is_all_in_its_subject(unfolded: Unfolded, rules: FaxRules) -> bool:
    """As people write who fax from a phone: where a cover is on every fax, it carries the subject, and is the fax.

    Not where something of the mail is left out: that was to be faxed, and a cover alone would pass over it.
    """
    return rules.when == "always" and bool(subject_line(unfolded.mail.subject)) and not unfolded.left_out


def _says_something(mail: Mail) -> bool:
    """Whether the text is worth a page beside the attachments; pictures in it always are."""
    if mail.inline:
        return True
    text = mail.body.text if mail.body.text is not None else text_of(mail.body.html or "")
    return bool(own_words(text, is_answer=is_answer(mail)))


def _carries_text(rules: FaxRules, *, has_text: bool, with_attachments: bool) -> tuple[bool, bool]:
    """Whether there is a cover, and whether the text is a document of its own."""
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


def _beyond(planned: Plan, limits: DocumentLimits) -> Unfaxable | None:
    """Which limit the documents of the mail exceed together."""
    if planned.document_count + planned.cover > limits.documents:
        return too_many(limits)
    if planned.known_pages > limits.pages:
        sentence = f"the mail has {planned.known_pages} pages; at most {limits.pages} can be faxed in one job"
        return Unfaxable(sentence, "5.6.0")
    parts = (each.part for each in planned.attachments if isinstance(each, Attachment))
    return too_large(sum(len(part.content) for part in parts), limits)


def too_large(size: int, limits: DocumentLimits) -> Unfaxable | None:
    if size <= limits.bytes:
        return None
    megabytes = limits.bytes // 1_000_000
    return Unfaxable(f"the mail's documents have more than {megabytes} MB, the most that is faxed in one job", "5.6.0")
