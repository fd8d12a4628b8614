"""A node of the MIME tree, whichever parser has read it (RFC 2045, RFC 2046)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.mail.parameters import parameters

_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+*'-]{1,127}/[A-Za-z0-9!#$&^_.+*'-]{1,127})")  # RFC 6838 §4.2
_FREQUENT = frozenset({"text/plain", "text/html", "multipart/mixed", "multipart/alternative", "application/pdf"})
DEFAULT_TYPE = "text/plain"  # RFC 2045 §5.2, also for what is no type at all


class TooDeep(Exception):
    """The nesting is beyond what any parser of ours follows."""


class TooMuch(Exception):
    """Reading it would cost more memory or time than a mail is worth; the sentence says what there is too much of."""


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
    encoded_size: int | None = None  # of a leaf, where the parser tells

    @property
    def parameters(self) -> Mapping[str, str]:
        """Those of Content-Type, by lower-case name, lenient as mail clients are."""
        return parameters(self.headers.get("content-type", ("",))[0])

    def parameter(self, name: str) -> str | None:
        return self.parameters.get(name) or None

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/")


def media_type(written: str) -> str:
    if written in _FREQUENT:
        return written
    match = _TYPE.match(written)
    return match[1].lower() if match is not None else DEFAULT_TYPE


def leaves(node: Node) -> Iterator[Node]:
    """The leaves in the mail's order; an attached mail counts as one."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.is_message or not each.children:
            yield each
        else:
            waiting += reversed(each.children)


def size(node: Node) -> tuple[int, int]:
    """How deep the parts are nested, 1 for a mail without parts; and how many leaves there are."""
    deepest, count, waiting = 1, 0, [(node, 1, True)]
    for each, level, visible in waiting:
        deepest = max(deepest, level)
        is_leaf = each.is_message or not each.children
        count += visible and is_leaf
        waiting += [(child, level + 1, visible and not is_leaf) for child in each.children]
    return deepest, count
