"""The overlay (a letterhead, say): on which pages it lies, and how it gets there (Fax4A `renderingOptions.overlay`)."""

import io
from dataclasses import dataclass
from enum import Enum, unique
from typing import assert_never

from PIL import Image

from gateway.documents.render.pages import Pages
from gateway.documents.render.paper import Sheet
from gateway.documents.render.pdf import PdfPages
from gateway.documents.render.source import RenderError
from gateway.documents.render.tiff import TiffPages

_NAME = "overlay"


@unique
class OverlayMode(Enum):
    """Values are the wire's (`renderingOptions.overlay.mode`)."""

    ALL_PAGES = "ALL_PAGES"
    NO_OVERLAY = "NO_OVERLAY"
    FIRST_PAGE = "FIRST_PAGE"
    LAST_PAGE = "LAST_PAGE"
    ALL_BUT_FIRST_PAGE = "ALL_BUT_FIRST_PAGE"
    ALL_BUT_LAST_PAGE = "ALL_BUT_LAST_PAGE"
    ALL_BUT_FIRST_AND_LAST_PAGE = "ALL_BUT_FIRST_AND_LAST_PAGE"
    FIRST_FILE = "FIRST_FILE"

    def covers(self, page: int, pages: int, first_file: range) -> bool:
        """Whether page `page` (from 1) of `pages` gets the overlay; `first_file` are the first document's pages.

        A cover page is page 1 like any other, but belongs to no file.
        """
        match self:
            case OverlayMode.ALL_PAGES:
                covered = True
            case OverlayMode.NO_OVERLAY:
                covered = False
            case OverlayMode.FIRST_PAGE:
                covered = page == 1
            case OverlayMode.LAST_PAGE:
                covered = page == pages
            case OverlayMode.ALL_BUT_FIRST_PAGE:
                covered = page != 1
            case OverlayMode.ALL_BUT_LAST_PAGE:
                covered = page != pages
            case OverlayMode.ALL_BUT_FIRST_AND_LAST_PAGE:
                covered = page not in {1, pages}
            case OverlayMode.FIRST_FILE:
                covered = page in first_file
            case _:
                assert_never(self)
        return covered


@dataclass(frozen=True, slots=True)
class Overlay:
    """`content` is a TIFF, PDF or PNG; its first page is laid over the fax's pages, and its white lets them through."""

    content: bytes
    mode: OverlayMode


def draw_overlay(overlay: Overlay, sheet: Sheet) -> Image.Image:
    """Mode "1", of the sheet's size. Raises RenderError for the document `overlay`."""
    with _opened(overlay.content) as pages:
        return pages.draw(0, sheet)


def _opened(content: bytes) -> Pages:
    if content.startswith(b"%PDF-"):
        return PdfPages(_NAME, content)
    if content.startswith((b"II*\0", b"MM\0*")):
        return TiffPages(_NAME, content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return TiffPages(_NAME, _png_as_tiff(content))
    raise RenderError(_NAME, "is none of PDF, TIFF, PNG")


def _png_as_tiff(content: bytes) -> bytes:
    target = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            image.save(target, "TIFF", **({"dpi": image.info["dpi"]} if "dpi" in image.info else {}))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RenderError(_NAME, "is a damaged PNG") from error
    return target.getvalue()
