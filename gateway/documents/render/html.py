"""HTML to PDF by plutoprint, without network or files: data: URLs are all that a document can show."""

import codecs
import contextlib
import io
import re
from html.parser import HTMLParser

from gateway.documents.fonts import set_up_fonts
from gateway.documents.render.paper import Paper
from gateway.documents.render.source import RenderError, SourceDocument

_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_NESTING = re.compile(r"<(/?)(?:table|svg)\b", re.IGNORECASE)
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LABELS = {"iso-8859-1": "cp1252", "us-ascii": "cp1252"}  # Encoding Standard §4.2: what these names mean on the web
_SNIFFED = 1024  # HTML Standard §13.2.3.2: a charset is declared in the first 1024 bytes
_POINTS = 72
# plutoprint's layout doubles its work with each table in a table and each svg in an svg: 24 take 7 s, 100 for ever.
_DEEPEST = 16
_MARGIN = 42.5  # points, 15 mm: what fax machines print for sure


def html_text(document: SourceDocument) -> str:
    """The source as text: byte order mark, then the request's charset, then the document's own, then UTF-8.

    A byte that fits none becomes the replacement character, as in every browser (Encoding Standard §4.1).
    """
    content = document.content
    for mark, charset in _MARKS.items():
        if content.startswith(mark):
            return content.decode(charset, "replace")
    declared = _META_CHARSET.search(content[:_SNIFFED])
    for label in (document.charset, declared[1].decode("ascii") if declared else None):
        if label is not None:
            with contextlib.suppress(LookupError):  # an unknown charset counts as none
                return content.decode(_LABELS.get(label.lower(), label), "replace")
    return content.decode("utf-8", "replace")


def visible_text(source: str) -> str:
    """The text between the tags, without style, script and title."""
    collector = _VisibleText()
    collector.feed(source)
    collector.close()
    return "".join(collector.parts).strip()


def html_to_pdf(name: str, source: str, paper: Paper, style: str = "") -> bytes:
    """Lay out and print; raises RenderError(name, ...). Needs fonts, and sets them up where nobody has."""
    if _nesting(source) > _DEEPEST:
        raise RenderError(name, f"has tables or drawings nested deeper than {_DEEPEST} levels")
    set_up_fonts()
    import plutoprint  # noqa: PLC0415 - reads the fonts' configuration, which must stand before

    class Nothing(plutoprint.ResourceFetcher):
        """Answers each request with nothing. Raising would do too, but prints a traceback with the URL in it."""

        def fetch_url(self, url: str) -> plutoprint.ResourceData:
            del url
            return plutoprint.ResourceData(b"", "application/octet-stream")

    width, height = (inches * _POINTS for inches in paper.inches)
    margins = plutoprint.PageMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    book = plutoprint.Book(plutoprint.PageSize(width, height), margins, plutoprint.MEDIA_TYPE_PRINT)
    book.custom_resource_fetcher = Nothing()
    printed = io.BytesIO()
    try:
        book.load_html(source, style)
        book.write_to_pdf_stream(printed)
    except (plutoprint.Error, ValueError) as error:
        raise RenderError(name, "can't be laid out") from error
    return printed.getvalue()


def _nesting(source: str) -> int:
    """The greatest depth of tables and svg drawings, one that is never closed counting for all that follows."""
    depth = deepest = 0
    for tag in _NESTING.finditer(source):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


class _VisibleText(HTMLParser):
    _SILENT = frozenset({"style", "script", "title", "template", "noscript"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in self._SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
