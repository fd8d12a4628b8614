"""Blank pages, as a scanner makes them of the backs of sheets: left out where the configuration wants it.

A page is blank when nothing is left of it without its specks. Of a document that is blank as a whole nothing is left
out: it may be meant so. Opens documents of strangers: only for converter processes.
"""

import io
from collections.abc import Iterator

import pikepdf
from PIL import Image, ImageFilter

from gateway.documents.render import Paper, Resolution
from gateway.documents.render.paper import Sheet
from gateway.documents.render.pdf import PdfPages
from gateway.documents.sniff import Kind

_SHEET = Sheet(Paper.A4, Resolution.LOW)
_SPECK = 3  # pixels across: what a filter of this size takes away is dust, no letter


def without_blank_pages(kind: Kind, content: bytes) -> bytes | None:
    """The document without them; None: there are none, or nothing else. A TIFF must be black and white."""
    with Image.open(io.BytesIO(content)) if kind is Kind.TIFF else PdfPages("document", content) as pages:
        blank = [is_blank(page) for page in (_frames(pages) if isinstance(pages, Image.Image) else _drawn(pages))]
    if not any(blank) or all(blank):
        return None
    kept = [index for index, is_one in enumerate(blank) if not is_one]
    return _tiff_of(content, kept) if kind is Kind.TIFF else _pdf_of(content, kept)


def is_blank(page: Image.Image) -> bool:
    """Of a page of mode "1"."""
    cleaned = page.convert("L").filter(ImageFilter.MedianFilter(_SPECK))
    return cleaned.getextrema() == (255, 255)


def _drawn(pages: PdfPages) -> Iterator[Image.Image]:
    return (pages.draw(index, _SHEET) for index in range(pages.count))


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        yield image.convert("1")


def _pdf_of(content: bytes, kept: list[int]) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for index in reversed(range(len(pdf.pages))):
            if index not in kept:
                del pdf.pages[index]
        pdf.remove_unreferenced_resources()
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return target.getvalue()


def _tiff_of(content: bytes, kept: list[int]) -> bytes:
    pages = []
    with Image.open(io.BytesIO(content), formats=("TIFF",)) as image:
        for index in kept:
            image.seek(index)
            page = image.copy()
            page.info["dpi"] = image.info.get("dpi", (204, 196))
            pages.append(page)
    target = io.BytesIO()
    first, *others = pages
    first.save(target, "TIFF", compression="group4", save_all=True, append_images=others, dpi=first.info["dpi"])
    return target.getvalue()
