"""The MIME tree becomes what a person sees: a body, attachments, pictures that belong to the text."""

import email.utils
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape

import fast_mail_parser

from gateway.mail.charset import decode_text
from gateway.mail.flowed import unflow
from gateway.mail.model import Body, Mail, Mailbox, MailLimits, Part, Problem
from gateway.mail.tree import Node, TooDeep, depth, leaves, parse_tree

LONGEST_MESSAGE_ID = 998  # RFC 5322 §2.1.1: no line is longer
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the body, in one form or in both (multipart/alternative)."""

    plain: str | None = None
    html: str | None = None


@dataclass(slots=True)
class _Gathered:
    sections: list[Section] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    related: list[Part] = field(default_factory=list)  # inline where the HTML shows them, else attachments


def parse_mail(raw: bytes, limits: MailLimits) -> Mail:
    """The content of any bytes; what is wrong with them is in ``problems``."""
    try:
        tree = parse_tree(raw)
    except TooDeep:
        return Mail(headers={}, problems=(_too_deep(limits),))
    mail = _with_header(raw, tree.headers)
    levels, parts = depth(tree), sum(1 for _ in leaves(tree))
    if levels > limits.depth:
        return replace(mail, problems=(_too_deep(limits),))
    if parts > limits.parts:
        sentence = f"the mail has {parts} parts; at most {limits.parts} are read"
        return replace(mail, problems=(Problem(sentence, fatal=True),))
    gathered = _Gathered()
    _gather(tree, gathered)
    body = _body(gathered.sections)
    shown = {part.content_id: part for part in gathered.related if part.content_id and _shows(body, part.content_id)}
    unshown = [part for part in gathered.related if part.content_id not in shown]
    return replace(mail, body=body, attachments=(*gathered.attachments, *unshown), inline=shown)


def _too_deep(limits: MailLimits) -> Problem:
    return Problem(f"the mail's parts are nested deeper than {limits.depth} levels", fatal=True)


def _gather(node: Node, into: _Gathered) -> None:
    match node.content_type:
        case "multipart/alternative":
            _gather_alternative(node, into)
        case "multipart/related":
            _gather_related(node, into)
        case _ if node.children and not node.is_message:
            for child in node.children:
                _gather(child, into)
        case _ if node.content_type.startswith("multipart/"):
            into.sections.append(_section(node))  # its boundary never came: what is there is text
        case "text/plain" | "text/html" if _is_body(node):
            into.sections.append(_section(node))
        case _:
            into.attachments.append(_part(node))


def _gather_alternative(node: Node, into: _Gathered) -> None:
    """RFC 2046 §5.1.4: the parts say the same, the last is the richest; of texts both forms are kept."""
    inner = _Gathered()
    for child in node.children:
        _gather(child, inner)
    plain = next((each.plain for each in inner.sections if each.plain is not None), None)
    html = next((each.html for each in reversed(inner.sections) if each.html is not None), None)
    if plain is not None or html is not None:
        into.sections.append(Section(plain, html))
    # A nameless part beside the texts is a third form of the same (a calendar entry, say); a file is a file.
    said = plain is not None or html is not None
    into.attachments += [part for part in inner.attachments if not said or part.filename or part.disposition]
    into.related += inner.related


def _gather_related(node: Node, into: _Gathered) -> None:
    """RFC 2387: a root, and the parts that it refers to."""
    root, *others = node.children or (node,)
    start = (node.parameter("start") or "").strip("<> ")
    for child in node.children:
        if start and child.content_id == start:
            root, others = child, [each for each in node.children if each is not child]
    if root is not node:
        _gather(root, into)
    for other in others:
        inner = _Gathered()
        _gather(other, inner)
        into.sections += inner.sections
        into.attachments += [part for part in inner.attachments if not part.content_id]
        into.related += [*inner.related, *(part for part in inner.attachments if part.content_id)]


def _is_body(node: Node) -> bool:
    return node.disposition != "attachment" and node.filename is None


def _section(node: Node) -> Section:
    text, _ = decode_text(node.load(), node.parameter("charset"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if node.content_type == "text/html":
        return Section(html=text)
    if (node.parameter("format") or "").lower() == "flowed":
        text = unflow(text, delsp=(node.parameter("delsp") or "").lower() == "yes")
    return Section(plain=text)


def _part(node: Node) -> Part:
    return Part(
        declared_type=node.content_type,
        filename=node.filename,
        charset=node.parameter("charset"),
        disposition=node.disposition,
        content_id=node.content_id,
        load=node.load,
    )


def _body(sections: Iterable[Section]) -> Body:
    filled = [each for each in sections if (each.plain or "").strip() or (each.html or "").strip()]
    if not filled:
        return Body()
    plain = [each.plain for each in filled if each.plain is not None]
    text = "\n\n".join(each.strip("\n") for each in plain) if len(plain) == len(filled) else None
    if all(each.html is None for each in filled):
        return Body(text=text)
    return Body(text=text, html="\n".join(_as_html(each) for each in filled))


def _as_html(section: Section) -> str:
    if section.html is not None:
        return section.html
    return f'<div style="white-space: pre-wrap">{escape(section.plain or "")}</div>'


def _shows(body: Body, content_id: str) -> bool:
    return body.html is not None and f"cid:{content_id}".lower() in body.html.lower()


def _with_header(raw: bytes, headers: Mapping[str, tuple[str, ...]]) -> Mail:
    message_id = _first(headers, "message-id").strip()[:LONGEST_MESSAGE_ID]
    from_, reply_to = _mailboxes(raw)
    return Mail(
        headers=headers,
        subject=" ".join(_first(headers, "subject").split()),
        from_=from_,
        reply_to=reply_to,
        date=_date(_first(headers, "date")),
        message_id=message_id or None,
    )


def _mailboxes(raw: bytes) -> tuple[Mailbox | None, Mailbox | None]:
    """From and Reply-To, parsed before they are decoded: an encoded name may hold a comma (RFC 2047 §5)."""
    end = _BLANK_LINE.search(raw)
    header = raw[: end.end()] if end is not None else raw
    try:
        mail = fast_mail_parser.parse_email(header, mode="metadata")
    except fast_mail_parser.ParseError:
        return None, None
    first = mail.reply_to[0] if mail.reply_to else None
    return _mailbox(mail.from_), _mailbox(first)


def _mailbox(address: fast_mail_parser.PyAddress | None) -> Mailbox | None:
    return Mailbox(address.address, address.display_name or None) if address is not None and address.address else None


def _first(headers: Mapping[str, tuple[str, ...]], name: str) -> str:
    return headers.get(name, ("",))[0]


def _date(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        moment.astimezone(UTC)  # the years 1 and 9999 have moments that no other zone can name
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment
