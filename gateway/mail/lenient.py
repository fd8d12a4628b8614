"""The tree by the standard library alone: lenient with everything, and forty times slower than the fast parser."""

import email
import email.policy
import io
from collections.abc import Sequence
from email.generator import BytesGenerator
from email.message import Message

from gateway.mail.names import filename_of
from gateway.mail.node import Node, TooDeep, media_type
from gateway.mail.parameters import parameters
from gateway.mail.transfer import decode_transfer, encoding_name
from gateway.mail.words import decode_words

_POLICY = email.policy.compat32.clone(max_line_length=None, linesep="\r\n")


class _Message(Message):
    """Its boundary is read by us: the standard library takes quadratic time for a long Content-Type."""

    def get_boundary(self, failobj: object = None) -> object:  # type: ignore[override] # a subclass's own default
        boundary = parameters(_first(self, "Content-Type")).get("boundary")
        return boundary.rstrip() if boundary else failobj


def parse_tree_slowly(raw: bytes) -> Node:
    """Raises TooDeep, and nothing else."""
    try:
        return _node(email.message_from_bytes(raw, _class=_Message, policy=_POLICY), "text/plain")
    except RecursionError as error:
        raise TooDeep from error


def _node(message: Message, default_type: str) -> Node:
    payload: object = message.get_payload()
    headers = _headers(message)
    encoding = encoding_name(_first(message, "Content-Transfer-Encoding"))
    del message["Content-Transfer-Encoding"]  # so that the standard library gives us the bytes as they stand there
    written = _first(message, "Content-Type")
    content_type = media_type(written) if written else default_type
    # RFC 2046 §5.1.5
    inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
    inside = [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []
    children = tuple(_node(child, inner) for child in inside)
    disposition = _first(message, "Content-Disposition")
    return Node(
        content_type=content_type,
        headers=headers,
        filename=filename_of(disposition, written),
        disposition=disposition.partition(";")[0].strip().lower() or None,
        content_id=decode_words(_first(message, "Content-ID")).strip("<> ") or None,
        is_message=content_type.startswith("message/") and bool(children),
        children=children,
        load=lambda: _payload(message, inside, encoding),
    )


def _payload(message: Message, inside: Sequence[Message], encoding: str) -> bytes:
    """The bytes of a leaf; of a container that the standard library has opened, those of what is in it."""
    if inside:
        mails = b"".join(_written(inner) for inner in inside)
        return decode_transfer(mails.strip(), encoding) if encoding == "base64" else mails
    data: object = message.get_payload(decode=True)
    return decode_transfer(data, encoding) if isinstance(data, bytes) else b""


def _written(message: Message) -> bytes:
    out = io.BytesIO()
    try:
        BytesGenerator(out, mangle_from_=False, policy=_POLICY).flatten(message, linesep="\r\n")
    except (ValueError, LookupError, TypeError, RecursionError):  # a mail that it can read, but not write
        return b""
    return out.getvalue()


def _first(message: Message, name: str) -> str:
    """The field as it was written; bytes beyond ASCII as surrogate escapes."""
    return next((str(value) for key, value in message.raw_items() if key.strip().lower() == name.lower()), "")


def _headers(message: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.strip().lower(), []).append(decode_words(str(value)))
    return {name: tuple(values) for name, values in found.items()}
