"""What stands inside of a mail's attachments: the files of archives, what Outlook packs, the mails that are attached.

A mail with such parts becomes a flat list in the order of the fax. Pure but for `unpack`, which is handed in: only
converter processes open containers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from gateway.documents.containers import TNEF_MAGIC
from gateway.documents.finding import CONTAINERS, DocumentLimits, Entry, Fault, Unpack, Unpacked, Unsettled
from gateway.documents.html import text_of
from gateway.documents.sniff import HEAD_BYTES, PDF_MAGIC, Kind, Sniffed, sniff
from gateway.documents.unfaxable import Unfaxable
from gateway.mail import Body, Mail, MailLimits, Part, parse_mail
from gateway.mail.charset import decode_text

Archives = Literal["refuse", "unpack"]

ATTACHED_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
MAIL_ENDING = ".eml"  # as programs save a mail, whatever they declare it to be
LONGEST_GAP = 4096  # bytes of a text that says nothing: mail servers write some hundred
DEPTH = 10  # attached mails within each other; nobody reads further
BY_UNPACKING = "send the files themselves"


@dataclass(frozen=True, slots=True)
class Document:
    """A part that is a document by itself."""

    label: str  # what it is called to people
    part: Part
    kind: Kind


@dataclass(frozen=True, slots=True)
class Letter:
    """An attached mail: its header and text are a document, its attachments follow."""

    label: str
    mail: Mail


@dataclass(frozen=True, slots=True)
class Waiting:
    """A container that nobody could open in the time that there was."""

    label: str


Item = Document | Letter | Waiting


@dataclass(frozen=True, slots=True)
class Unfolded:
    mail: Mail  # its text may have come out of a winmail.dat
    items: tuple[Item, ...]
    left_out: tuple[str, ...]


class _Culprit(Exception):
    def __init__(self, unfaxable: Unfaxable) -> None:
        super().__init__(unfaxable.sentence)
        self.unfaxable = unfaxable


@dataclass(slots=True)
class _Unfolding:
    limits: DocumentLimits
    mail_limits: MailLimits
    archives: Archives
    unpack: Unpack
    left_out: list[str] = field(default_factory=list)
    found: int = 0

    def items(self, mail: Mail, above: str, depth: int) -> Iterator[Item]:
        """Of a mail whose winmail.dat is unpacked already."""
        self.left_out += mail.left_out
        for number, part in enumerate(mail.attachments, start=1):
            label = above + (part.filename or f"attachment {number}")
            if not part.content:
                if _is_missed(part):
                    sentence = f"{label} is empty: not a byte of it has come; send it again"
                    raise _Culprit(Unfaxable(sentence, "5.6.0", label))
                self.left_out.append(f"{label}: empty")
                continue
            yield from self._items_of(part, label, depth)

    def opened(self, mail: Mail, above: str = "") -> Mail:
        """The mail with what its winmail.dat holds in place of it."""
        if not any(_is_winmail(part) for part in mail.attachments):
            return mail
        body, inline, parts = mail.body, dict(mail.inline), list[Part]()
        for part in mail.attachments:
            unpacked = self._unpacked(Kind.WINMAIL, part, above + (part.filename or "winmail.dat"))
            if unpacked is None:
                parts.append(part)
                continue
            self.left_out += unpacked.left_out
            if body.is_empty:  # else it says the same once more
                body = Body(unpacked.body_text, unpacked.body_html)
            html = (body.html or "").lower()
            for entry in unpacked.entries:
                shown = entry.content_id is not None and f"cid:{entry.content_id}".lower() in html
                if shown and entry.content_id is not None:
                    inline[entry.content_id] = _part(entry)
                else:
                    parts.append(_part(entry))
        return replace(mail, body=body, inline=inline, attachments=tuple(parts))

    def _unpacked(self, kind: Kind, part: Part, label: str) -> Unpacked | None:
        """None where it is no such container, or can't be opened in time. Raises _Culprit."""
        if kind is Kind.WINMAIL and not _is_winmail(part):
            return None
        match self.unpack(kind, part.content):
            case Unpacked() as unpacked:
                return unpacked
            case Unsettled():
                return None
            case Fault() as fault:
                raise _Culprit(Unfaxable(f"{label} {fault.reason}", fault.enhanced_code, label))

    def _items_of(self, part: Part, label: str, depth: int) -> Iterator[Item]:
        if _is_mail(part):
            yield from self._letter(part, label, depth)
            return
        sniffed = _sniffed(part)
        if sniffed.kind in CONTAINERS:
            yield from self._contained(sniffed, part, label, depth)
            return
        if sniffed.kind is Kind.UNSUPPORTED:
            sentence = f"{label} is {sniffed.description}, which can't be faxed; send it as a PDF"
            raise _Culprit(Unfaxable(sentence, "5.6.1", label))
        if _is_gap(part, sniffed.kind):
            self.left_out.append(f"{label}: a text without a word")
            return
        self._count()
        yield Document(label, part, sniffed.kind)

    def _contained(self, sniffed: Sniffed, part: Part, label: str, depth: int) -> Iterator[Item]:
        if sniffed.kind is Kind.ARCHIVE and self.archives == "refuse":
            sentence = f"{label} is {sniffed.description}, which can't be faxed; {BY_UNPACKING}"
            raise _Culprit(Unfaxable(sentence, "5.6.1", label))
        if sniffed.kind is Kind.WINMAIL or depth >= DEPTH:
            yield Waiting(label)  # ``opened`` had its turn
            return
        unpacked = self._unpacked(sniffed.kind, part, label)
        if unpacked is None:
            yield Waiting(label)
            return
        self.left_out += (f"{label}: {each}" for each in unpacked.left_out)
        for entry in unpacked.entries:
            yield from self._items_of(_part(entry), f"{label}: {entry.name or 'a file'}", depth + 1)

    def _letter(self, part: Part, label: str, depth: int) -> Iterator[Item]:
        mail = parse_mail(part.content, self.mail_limits)
        fatal = next((problem for problem in mail.problems if problem.fatal), None)
        if fatal is not None:
            raise _Culprit(Unfaxable(f"{label}: {fatal.sentence}", fatal.enhanced_code, label))
        if depth >= DEPTH:
            sentence = f"{label}: mails are attached to each other more than {DEPTH} times; {BY_UNPACKING}"
            raise _Culprit(Unfaxable(sentence, "5.6.0", label))
        called = label if part.filename else mail.subject or label
        opened = self.opened(mail, f"{called}: ")
        if opened.body.is_empty and not any(opened.header(name) for name in ("From", "Date", "Subject")):
            self.left_out.append(f"{called}: a mail without header and text")
        else:
            self._count()
            yield Letter(called, opened)
        yield from self.items(opened, f"{called}: ", depth + 1)

    def _count(self) -> None:
        self.found += 1
        if self.found > self.limits.documents:
            raise _Culprit(too_many(self.limits))


def unfold(
    mail: Mail, limits: DocumentLimits, mail_limits: MailLimits, archives: Archives, unpack: Unpack
) -> Unfolded | Unfaxable:
    """Everything that is to be faxed of `mail` beside its own text, or the first reason why it can't be."""
    unfolding = _Unfolding(limits, mail_limits, archives, unpack)
    try:
        opened = unfolding.opened(mail)
        items = tuple(unfolding.items(opened, "", depth=0))
    except _Culprit as culprit:
        return culprit.unfaxable
    return Unfolded(opened, items, tuple(unfolding.left_out))


def too_many(limits: DocumentLimits) -> Unfaxable:
    return Unfaxable(f"the mail has too many documents; at most {limits.documents} can be faxed in one job", "5.6.0")


def _sniffed(part: Part) -> Sniffed:
    return sniff(
        part.content[:HEAD_BYTES], declared_type=part.declared_type, filename=part.filename, charset=part.charset
    )


def _is_mail(part: Part) -> bool:
    """What begins as a PDF is one, whatever its sender calls it."""
    is_called_one = part.declared_type in ATTACHED_MAILS or (part.filename or "").lower().endswith(MAIL_ENDING)
    return is_called_one and not part.content.startswith(PDF_MAGIC)


def _is_missed(part: Part) -> bool:
    """Of an empty part: whether its sender counts on it. Mail servers add texts; a scan that failed has a name."""
    return part.filename is not None and not part.declared_type.startswith("text/")


def _is_gap(part: Part, kind: Kind) -> bool:
    """Exchange makes ATT00001.htm etc. of the gaps between the files in an Apple mail: each would be a blank page."""
    if kind not in {Kind.TEXT, Kind.HTML} or len(part.content) > LONGEST_GAP:
        return False
    text, _ = decode_text(part.content, part.charset)
    if kind is Kind.HTML:
        text = text if "<img" in text.lower() else text_of(text)
    return not text.strip()


def _is_winmail(part: Part) -> bool:
    # Its mark is looked at, not its name: there are others that are called so ([MS-OXTNEF] §2.1.3.1).
    return part.content.startswith(TNEF_MAGIC)


def _part(entry: Entry) -> Part:
    return Part(
        declared_type=entry.declared_type or "application/octet-stream",
        filename=entry.name or None,
        charset=None,
        disposition="attachment",
        content_id=entry.content_id,
        load=lambda: entry.data,
    )
