"""The MIME tree of a mail (RFC 2045 to 2049): fast-mail-parser reads it, the standard library where that one fails.

Both see the same leaves; a test compares them.
"""

import re
from collections.abc import Mapping
from typing import assert_never

import fast_mail_parser

from gateway.mail.charset import guessed_charset, is_utf8
from gateway.mail.hazard import LONGEST_HEADER, MOST_DELIMITERS, Hazard, hazard_of, is_too_much_for_slow_parsing
from gateway.mail.lenient import parse_tree_slowly
from gateway.mail.names import clean_name, filename_of
from gateway.mail.node import Node, TooDeep, TooMuch, media_type
from gateway.mail.parameters import parameters
from gateway.mail.place import Place, fields
from gateway.mail.transfer import decode_transfer, encoding_name
from gateway.mail.words import decode_words

__all__ = ["TooDeep", "TooMuch", "parse_tree", "parse_tree_slowly"]

Path = tuple[int, ...]
MOST_PARTS = 2000  # no limit that is configured is higher; beyond, the parts aren't even looked at
_NO_NAME = re.compile(r"[^\s][ \t]+[^\s]|\r")  # a space before the colon is obsolete, but allowed (RFC 5322 §4.5.3)


def parse_tree(raw: bytes) -> Node:
    """The tree of any bytes. Raises TooDeep and TooMuch, and nothing else."""
    match hazard_of(raw):
        case Hazard.LONG_HEADER:
            raise TooMuch(f"the mail has a header of more than {LONGEST_HEADER // 1024} KB")
        case Hazard.TOO_MANY_PARTS:
            raise TooMuch(f"the mail has more than {MOST_DELIMITERS} parts")
        case Hazard.COPIED_TOO_OFTEN:
            return _slowly(raw)
        case None:
            return _fast(raw)
        case unknown:
            assert_never(unknown)


def _fast(raw: bytes) -> Node:
    try:
        root = fast_mail_parser.parse_email_tree(raw, mode="lazy")
    except fast_mail_parser.MimeStructureError as error:
        raise TooDeep from error
    except fast_mail_parser.ParseError:
        return _slowly(raw)
    return _slowly(raw) if _is_misread(root) else _node(_Mail(raw, root), root, ())


def _slowly(raw: bytes) -> Node:
    if is_too_much_for_slow_parsing(raw):
        raise TooMuch("the mail's structure is damaged and too large to be mended")
    return parse_tree_slowly(raw)


class _Mail:
    """A mail's bytes, and where its parts stand in them, which few parts need."""

    def __init__(self, raw: bytes, root: fast_mail_parser.PyLazyMimePart) -> None:
        self.raw = raw
        self._root = root
        self._places: dict[Path, Place] = {(): Place(raw)}

    def place(self, path: Path) -> Place:
        """Where the part's header stands."""
        part, place = self._root, self._places[()]
        for level, index in enumerate(path, start=1):
            if path[:level] not in self._places:
                inside = (
                    parameters(_first(_fields(part), "content-type")).get("boundary") if not part.is_message else None
                )
                self._places[path[:level]] = place.child(inside, index)
            part, place = part.children[index], self._places[path[:level]]
        return place


def _is_misread(root: fast_mail_parser.PyLazyMimePart) -> bool:
    """Whether the fast parser has lost something.

    A header that has no end takes the text with it. A multipart without parts has none, or its boundary begins like
    that of the multipart around it: these it confuses.
    """
    waiting = [root]
    for part in waiting:
        children = part.children
        if not children and part.content_type[:10].lower() == "multipart/":
            return True
        if _is_no_name("\n".join(part.headers)):
            return True
        if not part.is_message:
            waiting += children
        if len(waiting) > MOST_PARTS:
            raise TooMuch(f"the mail has more than {MOST_PARTS} parts")
    return False


def _is_no_name(names: str) -> bool:
    """White space within the names of fields: the fast parser has taken a line of text for one."""
    return (" " in names or "\r" in names or "\t" in names) and _NO_NAME.search(names) is not None


def _fields(part: fast_mail_parser.PyLazyMimePart) -> dict[str, tuple[str, ...]]:
    return {name.strip().lower(): tuple(values) for name, values in part.headers.items()}


def _first(headers: Mapping[str, tuple[str, ...]], name: str) -> str:
    return headers[name][0] if name in headers else ""


def _node(mail: _Mail, part: fast_mail_parser.PyLazyMimePart, path: Path) -> Node:
    headers = _fields(part)
    disposition, written = _first(headers, "content-disposition"), _first(headers, "content-type")
    encoding = _first(headers, "content-transfer-encoding")
    return Node(
        content_type=media_type(part.content_type),
        headers=headers if path else {**headers, **_better_header(mail.place(path))},
        filename=_filename(mail, part, path, disposition, written),
        disposition=disposition.partition(";")[0].strip("\"' ").lower() or None,
        content_id=part.content_id or None,
        is_message=part.is_message,
        children=tuple([_node(mail, child, (*path, index)) for index, child in enumerate(part.children)]),
        load=lambda: _content(mail, part, path, encoding),
        encoded_size=part.encoded_size,
    )


def _better_header(place: Place) -> Mapping[str, tuple[str, ...]]:
    """The mail's own fields that have encoded words or raw bytes, decoded by us."""
    header = place.header()
    if b"=?" not in header and header.isascii():
        return {}
    # One guess for all of them: it costs a millisecond, and a header has room for thousands of fields.
    guessed = None if is_utf8(header) else guessed_charset(header)
    return {
        name: tuple(decode_words(value, guessed=guessed) for value in values)
        for name, values in fields(header).items()
        if any("=?" in value or not value.isascii() for value in values)
    }


def _filename(
    mail: _Mail, part: fast_mail_parser.PyLazyMimePart, path: Path, disposition: str, content_type: str
) -> str | None:
    if not part.filename and "*" not in disposition and "*" not in content_type:
        return None
    if disposition.isascii() and content_type.isascii() and "=?" not in disposition and "=?" not in content_type:
        return filename_of(disposition, content_type)
    written = fields(mail.place(path).header())
    if not written.keys() & {"content-disposition", "content-type"}:
        return clean_name(part.filename) or None
    return filename_of(_first(written, "content-disposition"), _first(written, "content-type"))


def _content(mail: _Mail, part: fast_mail_parser.PyLazyMimePart, path: Path, encoding: str) -> bytes:
    try:
        content = part.content or b""
    except fast_mail_parser.DecodeError:  # broken base64 and the like: what there is of it
        return decode_transfer(mail.place(path).body(), encoding_name(encoding))
    return decode_transfer(content, encoding_name(encoding)) if "uu" in encoding.lower() else content
