"""From the MIME tree to what a person sees of it: stretches of text, files, and what a rule leaves out.

- multipart/mixed and every unknown multipart: one after the other (RFC 2046 §5.1.3, §5.1.7).
- multipart/alternative: the same in several forms (§5.1.4). The first plain text and the last HTML are kept; any other
  form that is a text (a calendar entry, AMP, enriched text) is left out; what is no text is a file.
- multipart/related: a root and what it refers to (RFC 2387).
- multipart/signed: what was signed (RFC 1847 §2.1); signatures and public keys are left out wherever they stand.
- S/MIME and OpenPGP: opened by gateway/mail/secured.py; what is encrypted is a fatal problem.
- multipart/appledouble: the data fork (RFC 1740 §5). A resource fork alone (`._name`) is left out, AppleSingle is a
  file like any other.
- message/rfc822 and message/global: one file, the whole inner mail. Delivery reports and their like are texts.
  message/partial is a fatal problem (RFC 2046 §5.2.2), message/external-body is left out: its content isn't here.
- text/calendar and visiting cards: a text that a person reads (calendar.py, vcard.py), as a file.
- uuencoded files in a text are taken out of it (uuencode.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from gateway.mail import pgp
from gateway.mail.body import Section, joined, text_of
from gateway.mail.calendar import calendar_text
from gateway.mail.decoration import File
from gateway.mail.model import Part, Problem
from gateway.mail.names import clean_name
from gateway.mail.node import Node
from gateway.mail.secured import Allowance, Enclosed, Secured, opened
from gateway.mail.uuencode import take_out
from gateway.mail.vcard import vcard_text

MAILS = frozenset({"message/rfc822", "message/global", "message/news"})  # RFC 2046 §5.2.1, RFC 6532 §3.7, RFC 5537
REPORTS = frozenset(  # RFC 3464, RFC 8098, RFC 3462, RFC 5965, RFC 3886, RFC 6533
    {
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/tracking-status",
        "message/global-delivery-status",
        "message/global-disposition-notification",
        "message/global-headers",
        "text/rfc822-headers",
    }
)
RENDERED: dict[str, Callable[[str], str]] = {
    "text/calendar": calendar_text,
    "application/ics": calendar_text,
    "text/vcard": vcard_text,
    "text/x-vcard": vcard_text,
    "text/directory": vcard_text,  # RFC 2425, for vCard 3.0
}
RENDERED_ENDINGS = {"ics": calendar_text, "vcf": vcard_text}  # of files whose sender knew no type for them
TEXTS = frozenset({"text/plain", "text/html", "application/pgp"})  # the last by mailers before RFC 3156
# PDF, TIFF, JPEG, PNG: a script that puts a document where the text belongs says nothing of its type.
DOCUMENTS = (b"%PDF-", b"II*\x00", b"MM\x00*", b"\xff\xd8\xff", b"\x89PNG\r\n")
APPLEDOUBLE = b"\x00\x05\x16\x07"  # RFC 1740 §A


@dataclass(frozen=True, slots=True)
class Gathered:
    sections: tuple[Section, ...] = ()
    files: tuple[File, ...] = ()
    left_out: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def together(each: Iterable[Gathered]) -> Gathered:
    sections: list[Section] = []
    files: list[File] = []
    left_out: list[str] = []
    problems: list[Problem] = []
    for one in each:
        sections += one.sections
        files += one.files
        left_out += one.left_out
        problems += one.problems
    return Gathered(tuple(sections), tuple(files), tuple(left_out), tuple(problems))


def gather(node: Node, allowance: Allowance, *, is_text: bool = False) -> Gathered:
    """`is_text`: a text here is the mail's own, even if it has a file's name."""
    if node.content_type in TEXTS and node.disposition != "attachment" and (is_text or node.filename is None):
        return _file(node) if node.load().startswith(DOCUMENTS) else _text(node)
    secured = opened(node, allowance)
    if secured is not None:
        return _of_secured(secured, allowance)
    if node.children and not node.is_message:
        return _container(node, allowance)
    # A multipart without parts: its boundary never came, what is there is text.
    return _text(node) if node.is_multipart else _file(node)


def _container(node: Node, allowance: Allowance) -> Gathered:
    match node.content_type:
        case "multipart/alternative":
            return _alternative(node, allowance)
        case "multipart/related":
            return _related(node, allowance)
        case "multipart/appledouble":
            return _appledouble(node, allowance)
        case _:
            return together([gather(child, allowance) for child in node.children])


def _of_secured(secured: Secured, allowance: Allowance) -> Gathered:
    inside = Allowance(allowance.depth - secured.levels, allowance.purse)
    inner = together(gather(child, inside, is_text=True) for child in secured.trees)
    file = () if secured.file is None else (_enclosed(secured.file, "application/octet-stream"),)
    return Gathered(
        inner.sections,
        (*inner.files, *file),
        (*inner.left_out, *secured.left_out),
        (*secured.problems, *inner.problems),
    )


def _alternative(node: Node, allowance: Allowance) -> Gathered:
    """Of an Apple mail, the HTML is several stretches with files between them: all of a form belong together."""
    forms = [gather(child, allowance, is_text=True) for child in node.children]
    bodies = [joined(form.sections) for form in forms]
    plain = next((body.text for body in bodies if body.text is not None), None)
    html = next((body.html for body in reversed(bodies) if body.html is not None), None)
    others = together(replace(form, sections=()) for form in forms)
    if plain is None and html is None:
        return others
    same = {
        id(file): child
        for child, form in zip(node.children, forms, strict=True)
        for file in form.files
        if not child.children and _is_further_form(child)
    }
    clauses = (f"{child.filename or child.content_type}: the text says the same" for child in same.values())
    return Gathered(
        (Section(plain, html),),
        tuple(file for file in others.files if id(file) not in same),
        (*others.left_out, *clauses),
        others.problems,
    )


def _is_further_form(node: Node) -> bool:
    if node.content_type in RENDERED:
        return node.disposition != "attachment"
    return node.content_type.startswith("text/") and node.filename is None and node.disposition is None


def _related(node: Node, allowance: Allowance) -> Gathered:
    """RFC 2387 §3.2: the root is the part that `start` names, else the first one."""
    start = (node.parameter("start") or "").strip("<> ")
    root = next((child for child in node.children if start and child.content_id == start), node.children[0])
    others = together(gather(child, allowance) for child in node.children if child is not root)
    related = replace(others, files=tuple(replace(file, in_related=True) for file in others.files))
    return together([gather(root, allowance, is_text=True), related])


def _appledouble(node: Node, allowance: Allowance) -> Gathered:
    """RFC 1740 §5: the first part is the resource fork with the Finder's data, the second one the file."""
    forks = [child for child in node.children if child.content_type != "application/applefile"]
    clause = f"resource fork of {next((fork.filename for fork in forks if fork.filename), 'a file')}"
    return together([*(gather(fork, allowance) for fork in forks), Gathered(left_out=(clause,))])


def _text(node: Node) -> Gathered:
    text = text_of(node)
    if node.content_type == "text/html":
        if pgp.is_encrypted_html(text):
            return Gathered(problems=(_encrypted_text(),))
        return Gathered((Section(html=text),))
    text, was_signed = pgp.without_armour(text)
    if pgp.is_encrypted_text(text):
        return Gathered(problems=(_encrypted_text(),))
    text, enclosed = take_out(text)
    return Gathered(
        (Section(plain=text),),
        tuple(_enclosed(Enclosed(each.name, each.data), "application/octet-stream") for each in enclosed),
        ("the PGP signature of the text",) if was_signed else (),
    )


def _encrypted_text() -> Problem:
    return Problem("the mail's text is encrypted (PGP) and can't be read here; send it unencrypted", True, "5.6.1")


def _enclosed(enclosed: Enclosed, declared_type: str) -> File:
    return File(
        Part(
            declared_type=declared_type,
            filename=clean_name(enclosed.name) or None,
            charset=None,
            disposition="attachment",
            content_id=None,
            load=lambda: enclosed.data,
        )
    )


def _file(node: Node) -> Gathered:
    name = node.filename or node.content_type
    match node.content_type:
        case "message/partial":
            sentence = "the mail is a piece of a mail that was cut up (message/partial); send it whole"
            return Gathered(problems=(Problem(sentence, True, "5.6.1"),))
        case "message/external-body":
            return Gathered(left_out=(f"{name}: its content is not in the mail",))
        case _ if _is_resource_fork(node):
            return Gathered(left_out=(f"{name}: a resource fork",))
        case _:
            return Gathered(files=(_document(node),))


def _document(node: Node) -> File:
    kind = node.content_type
    if kind in MAILS:
        return _part(node, "message/rfc822")
    if kind in REPORTS:
        return _part(node, "text/plain")
    render = RENDERED.get(kind) or _rendering_by_name(node)
    return _part(node, kind) if render is None else _rendered(node, render)


def _rendering_by_name(node: Node) -> Callable[[str], str] | None:
    if node.content_type != "application/octet-stream" or node.filename is None:
        return None
    render = RENDERED_ENDINGS.get(node.filename.rpartition(".")[2].lower())
    return render if render is not None and node.load().lstrip()[:7].upper() == b"BEGIN:V" else None


def _is_resource_fork(node: Node) -> bool:
    return (node.filename or "").startswith("._") and node.load().startswith(APPLEDOUBLE)


def _part(node: Node, declared_type: str) -> File:
    return File(
        Part(
            declared_type=declared_type,
            filename=node.filename,
            charset=node.parameter("charset"),
            disposition=node.disposition,
            content_id=node.content_id,
            load=node.load,
        ),
        encoded_size=node.encoded_size,
    )


def _rendered(node: Node, render: Callable[[str], str]) -> File:
    """Rendered when its content is first wanted; `invite.ics` becomes `invite.txt`."""
    name = None if node.filename is None else f"{PurePosixPath(node.filename).stem}.txt"
    return File(
        Part(
            declared_type="text/plain",
            filename=name,
            charset="utf-8",
            disposition=node.disposition,
            content_id=node.content_id,
            load=lambda: render(text_of(node)).encode("utf-8", "replace"),
        )
    )
