"""A text document as the API takes it: unchanged where its charset can be declared, else as UTF-8. Pure.

Lines that are longer than a page is wide are wrapped: whether the service would wrap them or cut them off, nobody says.
"""

import re
import textwrap
from dataclasses import dataclass

from gateway.mail.charset import decode_text, strictly

# Fax4A, documents[].charset: the names that can be declared, by those that mails use for them.
DECLARABLE = {
    "us-ascii": "US-ASCII",
    "ascii": "US-ASCII",
    "utf-8": "UTF-8",
    "utf8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16be": "UTF-16BE",
    "utf-16le": "UTF-16LE",
    "iso-8859-1": "ISO-8859-1",
    "iso8859-1": "ISO-8859-1",
    "latin1": "ISO-8859-1",
    "windows-1252": "Windows-1252",
    "cp1252": "Windows-1252",
}
# A4 between margins of 15 mm holds 85 letters of a monospaced 10 pt face.
COLUMNS = 80
TAB = 8
ENDLESS = 10_000  # characters: a line that no person has written is cut anywhere
_WRAPPER = textwrap.TextWrapper(
    width=COLUMNS, tabsize=TAB, replace_whitespace=False, drop_whitespace=True, break_on_hyphens=False
)
_ENDS = "\r\n\f\v"
_LINE = re.compile(r"[^\r\n\f\v]*(?:\r\n|[\r\n\f\v])|[^\r\n\f\v]+")
C1_CONTROLS = frozenset(range(0x80, 0xA0))


@dataclass(frozen=True, slots=True)
class Text:
    """A text document as it goes out; `wrapped`: it had lines that are longer than a page is wide."""

    data: bytes
    charset: str
    wrapped: bool = False


def text_document(data: bytes, declared: str | None) -> Text:
    """The bytes to send and the charset to declare; form feeds stay, they are page breaks."""
    name = DECLARABLE.get((declared or "").strip().lower())
    text = strictly(data, declared) if name is not None else None
    sendable = name is not None and text is not None and not _means_windows_1252(name, data)
    if text is None:
        text, _ = decode_text(data, declared)
    wrapped = _wrapped(text)
    if sendable and name is not None and wrapped is None:
        return Text(data, name)
    return Text((wrapped or text).encode(), "UTF-8", wrapped is not None)


def _wrapped(text: str) -> str | None:
    """With every line at most COLUMNS wide; None where it is so already."""
    lines = _LINE.findall(text)
    if not any(_is_wide(line) for line in lines):
        return None
    return "".join(_cut(line) if _is_wide(line) else line for line in lines)


def _is_wide(line: str) -> bool:
    body = line.rstrip(_ENDS)
    return len(body) > COLUMNS or ("\t" in body and len(body.expandtabs(TAB)) > COLUMNS)


def _cut(line: str) -> str:
    body = line.rstrip(_ENDS)
    if len(body) > ENDLESS:
        pieces = [body[start : start + COLUMNS] for start in range(0, len(body), COLUMNS)]
    else:
        pieces = _WRAPPER.wrap(body)
    return "\n".join(pieces) + line[len(body) :]


def _means_windows_1252(name: str, data: bytes) -> bool:
    """Bytes 0x80 to 0x9F under the name ISO-8859-1: the euro sign and quotes of Windows, controls to the service."""
    return name == "ISO-8859-1" and not C1_CONTROLS.isdisjoint(data)
