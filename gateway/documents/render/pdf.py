"""Pages of a PDF, drawn by PDFium at the fax's own, non-square resolution.

PDFium is not thread-safe: every call into it holds one lock of the process, so threads may render side by side but
take turns. Nothing in a document is run (pypdfium2's PDFium has neither JavaScript nor XFA); filled form fields and
annotations are drawn, as a printer would.
"""

import threading
from types import TracebackType
from typing import Any, Self

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from gateway.documents.render.bilevel import has_ink, to_bilevel
from gateway.documents.render.paper import WIDTH, Sheet, place
from gateway.documents.render.source import RenderError

_PDFIUM = threading.RLock()
_POINTS = 72
_QUARTER_TURN = 3  # counter-clockwise: the top of a landscape page lies on the left, as printers do it


class PdfPages:
    """An opened PDF; `name` is the document's for errors. Raises RenderError: encrypted, damaged, without pages."""

    def __init__(self, name: str, content: bytes) -> None:
        self._name = name
        with _PDFIUM:
            try:
                self._document: Any = pypdfium2.PdfDocument(content)
            except pypdfium2.PdfiumError as error:
                raise RenderError(name, _reason(error)) from error
            try:
                self._document.init_forms()
                self._count = len(self._document)
            except pypdfium2.PdfiumError as error:
                self._document.close()
                raise RenderError(name, "is a damaged PDF") from error
            if self._count == 0:
                self._document.close()
                raise RenderError(name, "is a PDF without pages")

    @property
    def count(self) -> int:
        return self._count

    def draw(self, index: int, sheet: Sheet, below: int = 0) -> Image.Image:
        with _PDFIUM:
            try:
                grey, characters = self._draw(index, sheet, below)
            except pypdfium2.PdfiumError as error:
                raise RenderError(self._name, f"is a damaged PDF (page {index + 1})") from error
        page = to_bilevel(grey, sheet.resolution)
        if characters and not has_ink(page):
            raise RenderError(self._name, f"has text on page {index + 1}, of which nothing would be visible")
        return page

    def shades(self, index: int, sheet: Sheet) -> Image.Image:
        with _PDFIUM:
            try:
                return self._draw(index, sheet, 0)[0]
            except pypdfium2.PdfiumError as error:
                raise RenderError(self._name, f"is a damaged PDF (page {index + 1})") from error

    def _draw(self, index: int, sheet: Sheet, below: int) -> tuple[Image.Image, bool]:
        page = self._document[index]
        try:
            width, height = page.get_size()
            if width <= 0 or height <= 0:
                raise RenderError(self._name, f"has a page without size (page {index + 1})")
            where = place((width / _POINTS, height / _POINTS), sheet, below=below)
            bitmap = pypdfium2.PdfBitmap.new_native(WIDTH, sheet.rows, raw.FPDFBitmap_Gray)
            try:
                bitmap.fill_rect((255, 255, 255, 255), 0, 0, WIDTH, sheet.rows)
                turn = _QUARTER_TURN if where.turned else 0
                target = (bitmap, page, where.left, where.top, where.width, where.rows, turn, raw.FPDF_ANNOT)
                raw.FPDF_RenderPageBitmap(*target)
                if self._document.formenv is not None:
                    raw.FPDF_FFLDraw(self._document.formenv, *target)
                grey = bitmap.to_pil().copy()
            finally:
                bitmap.close()
            text = page.get_textpage()
            try:
                characters = bool(text.get_text_bounded().strip())
            finally:
                text.close()
            return grey, characters
        finally:
            page.close()

    def close(self) -> None:
        with _PDFIUM:
            self._document.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _reason(error: pypdfium2.PdfiumError) -> str:
    match getattr(error, "err_code", None):
        case raw.FPDF_ERR_PASSWORD:
            return "is encrypted and can't be opened without its password"
        case raw.FPDF_ERR_SECURITY:
            return "is protected in a way that can't be opened"
        case _:
            return "is a damaged PDF"
