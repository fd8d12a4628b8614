"""Plain text to pages: one of seven charsets, form feeds as page breaks, long lines wrapped, monospaced.

It is laid out as preformatted HTML, so that letters outside our own faces come from the system's, where it has any.
"""

import codecs
import re
from html import escape

from gateway.documents.render.source import RenderError, SourceDocument

# Fax4A, documents[].charset
_CODECS = {
    "US-ASCII": "ascii",
    "UTF-8": "utf-8-sig",  # a byte order mark is no letter
    "UTF-16": "utf-16",
    "UTF-16BE": "utf-16-be",
    "UTF-16LE": "utf-16-le",
    "ISO-8859-1": "latin-1",
    "WINDOWS-1252": "cp1252",
}
_TAB = 8
# ISO 6429 control functions have no shape; tab, line and form feeds are dealt with before.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufeff]")

# 10 pt Roboto Mono is 6 pt a letter: 85 columns between the margins of A4, 87 on Letter.
TEXT_STYLE = """
html, body { margin: 0; padding: 0; }
pre { margin: 0; font-family: "Roboto Mono", monospace; font-size: 10pt; line-height: 1.25;
      white-space: pre-wrap; overflow-wrap: anywhere; }
pre + pre { break-before: page; page-break-before: always; }
"""


def text_pages(document: SourceDocument) -> tuple[str, ...]:
    """The decoded text, cut at form feeds; a form feed at the very end opens no page. Raises RenderError."""
    text = _decoded(document).replace("\r\n", "\n").replace("\r", "\n")
    pages = text.split("\f")
    if len(pages) > 1 and not pages[-1].strip():
        pages.pop()
    return tuple(_printable(page) for page in pages)


def pages_as_html(pages: tuple[str, ...]) -> str:
    """One <pre> per page; an empty one keeps its sheet."""
    # The HTML parser swallows a line feed right behind <pre> (HTML Standard §13.2.6.4.7), so it gets one of its own.
    blocks = "".join(f"<pre>\n{escape(page) or '&nbsp;'}</pre>" for page in pages)
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{blocks}</body></html>'


def _decoded(document: SourceDocument) -> str:
    charset = document.charset or "UTF-8"
    codec = _CODECS.get(charset.upper())
    if codec is None:
        raise RenderError(document.name, f"has the charset {charset}, which the service doesn't know")
    content = document.content
    if codec == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-16-be"  # RFC 2781 §4.3: without a byte order mark it should be read as big-endian
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise RenderError(document.name, f"is not {charset} text (byte {error.start})") from error


def _printable(page: str) -> str:
    return "\n".join(_CONTROLS.sub("", line.expandtabs(_TAB)).rstrip() for line in page.split("\n")).rstrip("\n")
