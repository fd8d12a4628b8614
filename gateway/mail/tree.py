"""The MIME tree of a mail (RFC 2045 to 2049): fast-mail-parser reads it, the standard library where that one gives up.

Both see the same leaves; a test compares them.
"""

import contextlib
import email
import email.policy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message

import fast_mail_parser

Path = tuple[int, ...]


# RFC 2045 §5.1 as nearly all mails write it; RFC 2231's and what is odd go the standard library's long way.
_PARAMETER = re.compile(r';\s*([^\s=;"*]+)=(?:"([^"\\]*)"|([^\s;"\\]+))\s*')


class TooDeep(Exception):
    """The nesting is beyond what any parser of ours follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A part of the tree; a container has children, a leaf has bytes, an attached mail has both."""

    content_type: str
    headers: Mapping[str, tuple[str, ...]]  # by lower-case name, decoded
    filename: str | None
    disposition: str | None
    content_id: str | None
    is_message: bool
    children: tuple["Node", ...]
    load: Callable[[], bytes] = field(repr=False)

    def parameter(self, name: str) -> str | None:
        """A parameter of Content-Type, lenient as mail clients are."""
        value = "; ".join(self.headers.get("content-type", ("",))[:1])
        plain = _plain_parameters(value)
        if plain is not None:
            return plain.get(name)
        message = Message()
        message["Content-Type"] = value
        found = message.get_param(name)
        if isinstance(found, tuple):  # RFC 2231
            return str(found[2])
        return found if isinstance(found, str) and found else None


def _plain_parameters(value: str) -> dict[str, str] | None:
    """The parameters of a Content-Type by lower-case name; None where they aren't written plainly."""
    found: dict[str, str] = {}
    position = value.find(";")
    while 0 <= position < len(value):
        match = _PARAMETER.match(value, position)
        if match is None:
            return None
        if match[2] or match[3]:
            found.setdefault(match[1].lower(), match[2] or match[3])
        position = match.end()
    return found


def parse_tree(raw: bytes) -> Node:
    """The tree of any bytes. Raises TooDeep, and nothing else."""
    try:
        return _from_fast(raw, fast_mail_parser.parse_email_tree(raw, mode="lazy"), ())
    except fast_mail_parser.MimeStructureError as error:
        raise TooDeep from error
    except fast_mail_parser.ParseError:
        return parse_tree_slowly(raw)


def parse_tree_slowly(raw: bytes) -> Node:
    """By the standard library alone: lenient with everything, and forty times slower."""
    try:
        return _from_message(email.message_from_bytes(raw, policy=email.policy.compat32))
    except RecursionError as error:
        raise TooDeep from error


def leaves(node: Node) -> Iterator[Node]:
    """The leaves in the mail's order; an attached mail counts as one."""
    if node.is_message or not node.children:
        yield node
        return
    for child in node.children:
        yield from leaves(child)


def depth(node: Node) -> int:
    """How deep the parts are nested; a mail without parts has 1."""
    deepest, waiting = 1, [(node, 1)]
    while waiting:
        each, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in each.children]
    return deepest


def _from_fast(raw: bytes, part: fast_mail_parser.PyLazyMimePart, path: Path) -> Node:
    return Node(
        content_type=part.content_type.lower(),
        headers={name.lower(): tuple(values) for name, values in part.headers.items()},
        filename=_decoded(part.filename) or None,  # RFC 2047 §5 forbids it there, mail clients do it
        disposition=part.disposition.lower() if part.disposition else None,
        content_id=part.content_id or None,
        is_message=part.is_message,
        children=tuple(_from_fast(raw, child, (*path, index)) for index, child in enumerate(part.children)),
        load=lambda: _content(raw, part, path),
    )


def _content(raw: bytes, part: fast_mail_parser.PyLazyMimePart, path: Path) -> bytes:
    unread = not part.children and part.content_type.lower().startswith("multipart/")  # its boundary never came
    if not part.is_message and not unread:
        try:
            return part.content or b""
        except fast_mail_parser.DecodeError:
            pass  # broken base64 and the like: the standard library takes what there is
    node = parse_tree_slowly(raw)
    for index in path:
        if index >= len(node.children):
            return b""
        node = node.children[index]
    return node.load()


def _from_message(message: Message) -> Node:
    payload = message.get_payload()
    children = (
        tuple(_from_message(child) for child in payload if isinstance(child, Message))
        if isinstance(payload, list)
        else ()
    )
    content_type = message.get_content_type()
    return Node(
        content_type=content_type,
        headers=_headers(message),
        filename=_decoded(message.get_filename()) or None,
        disposition=message.get_content_disposition(),
        content_id=str(message.get("Content-ID", "")).strip().strip("<>") or None,
        is_message=content_type == "message/rfc822" and bool(children),
        children=children,
        load=lambda: _payload(message, content_type),
    )


def _payload(message: Message, content_type: str) -> bytes:
    payload = message.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if content_type == "message/rfc822" and payload else None
        return inner.as_bytes() if isinstance(inner, Message) else b""
    decoded = message.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _headers(message: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in message.raw_items():
        found[name.lower()] = (*found.get(name.lower(), ()), _decoded(value))
    return found


def _decoded(value: object) -> str:
    """RFC 2047 decoded, raw 8-bit bytes read as UTF-8 or else as Latin-1; unfolded."""
    text = str(value) if value is not None else ""
    if any("\udc80" <= character <= "\udcff" for character in text):
        raw = text.encode("utf-8", "surrogateescape")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
    with contextlib.suppress(LookupError, ValueError, UnicodeError):  # an unknown charset: it stays as it came
        text = str(make_header(decode_header(text)))
    return " ".join(text.split())
