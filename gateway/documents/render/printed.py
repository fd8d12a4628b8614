"""Text and HTML as pages: laid out by plutoprint, drawn by PDFium, and looked at before anybody relies on them.

Without a fitting font plutoprint prints boxes, gaps or nothing, and reports no error. A page whose source has text and
whose ink is empty must be an error, never a blank fax.
"""

from gateway.documents.fonts import uncovered_characters
from gateway.documents.render.bilevel import has_ink
from gateway.documents.render.html import html_text, html_to_pdf, visible_text
from gateway.documents.render.paper import Sheet
from gateway.documents.render.pdf import PdfPages
from gateway.documents.render.source import RenderError, SourceDocument
from gateway.documents.render.text import TEXT_STYLE, pages_as_html, text_pages


def printed_text(source: SourceDocument, sheet: Sheet) -> PdfPages:
    """The pages of a text document; the caller closes them. Raises RenderError."""
    texts = text_pages(source)
    pdf = html_to_pdf(source.name, pages_as_html(texts), sheet.paper, TEXT_STYLE)
    return _looked_at(source.name, pdf, sheet, "".join(texts), least=sum(bool(text.strip()) for text in texts))


def printed_html(source: SourceDocument, sheet: Sheet) -> PdfPages:
    """The pages of an HTML document; the caller closes them. Raises RenderError."""
    return _printed_html(source, sheet)[1]


def html_pdf(source: SourceDocument, sheet: Sheet) -> bytes:
    """The same as a PDF that was looked at. Raises RenderError."""
    pdf, pages = _printed_html(source, sheet)
    with pages:
        return pdf


def _printed_html(source: SourceDocument, sheet: Sheet) -> tuple[bytes, PdfPages]:
    html = html_text(source)
    pdf = html_to_pdf(source.name, html, sheet.paper)
    text = visible_text(html)
    return pdf, _looked_at(source.name, pdf, sheet, text, least=1 if text else 0)


def _looked_at(name: str, pdf: bytes, sheet: Sheet, text: str, *, least: int) -> PdfPages:
    """The pages, of which at least `least` carry ink that is more than boxes in the place of letters."""
    letters = {character for character in text if character.isalnum()}
    if letters and letters <= uncovered_characters(text):
        raise RenderError(name, "has text, but no font here has any of its letters")
    pages = PdfPages(name, pdf)
    try:
        inked = 0
        for index in range(pages.count):
            if inked >= least:
                break
            inked += has_ink(pages.draw(index, sheet))
    except BaseException:
        pages.close()
        raise
    if inked < least:
        pages.close()
        raise RenderError(name, "has text, of which nothing would be visible")
    return pages
