"""Documents in, the fax as the recipient's machine prints it out: a TIFF of class F (RFC 2306), Group 4."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from PIL import Image

from gateway.documents.render.bilevel import darker, has_ink, to_bilevel
from gateway.documents.render.container import fax_tiff
from gateway.documents.render.header import HeaderLine, HeaderValues
from gateway.documents.render.headline import band_rows, draw_band
from gateway.documents.render.legibility import legibility
from gateway.documents.render.overlay import Overlay, draw_overlay
from gateway.documents.render.pages import Pages
from gateway.documents.render.paper import WIDTH, Paper, Resolution, Sheet
from gateway.documents.render.pdf import PdfPages
from gateway.documents.render.printed import printed_html, printed_text
from gateway.documents.render.source import Kind, SourceDocument
from gateway.documents.render.tiff import TiffPages


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """`renderingOptions` of Fax4A, and what the header line is filled with."""

    paper: Paper = Paper.A4
    resolution: Resolution = Resolution.HIGH
    header: HeaderLine | None = None
    overlay: Overlay | None = None
    number: str = ""
    csid: str = ""
    personal: str = ""
    moment: datetime | None = None  # when the fax is sent, with a zone; a header needs it

    def __post_init__(self) -> None:
        if self.header is not None and (self.moment is None or self.moment.tzinfo is None):
            raise ValueError("a header line needs the moment of sending, with its zone")


@dataclass(frozen=True, slots=True)
class RenderedFax:
    """`tiff`: multi-page, Group 4, 1728 pixels wide, 204 by 98 or 196 dpi."""

    tiff: bytes
    pages: int


def render_fax(
    documents: Sequence[SourceDocument], *, cover: SourceDocument | None = None, options: RenderOptions
) -> RenderedFax:
    """Draw every page of the cover and the documents, in this order.

    Runs for as long as it takes (about 0.1 s a page) and may run in any thread; one page is held in memory at a time.
    A hostile document can keep a library busy for hours, and no thread can be stopped: documents from outside belong
    into a process that is killed after its time.
    Raises RenderError naming the document: encrypted, damaged, of an unknown type, empty where there was text.
    """
    sources = [cover, *documents] if cover is not None else list(documents)
    if not sources:
        raise ValueError("a fax needs a document or a cover page")
    sheet = Sheet(options.paper, options.resolution)
    with contextlib.ExitStack() as opened:
        files = [opened.enter_context(_open(source, sheet)) for source in sources]
        pages = sum(file.count for file in files)
        drawn = _finished(files, pages, _first_file(files, cover is not None), sheet, options)
        return RenderedFax(fax_tiff(drawn, pages, sheet), pages)


def page_notes(documents: Sequence[SourceDocument], options: RenderOptions) -> Iterator[tuple[int, str]]:
    """The pages on which something gets lost in black and white, by number, and what. Raises RenderError."""
    sheet, before = Sheet(options.paper, options.resolution), 0
    for source in documents:
        with _open(source, sheet) as file:
            for index in range(file.count):
                grey = file.shades(index, sheet)
                if grey is not None:
                    found = legibility(grey, to_bilevel(grey, sheet.resolution), sheet.resolution)
                    yield from ((before + index + 1, note) for note in found.notes)
            before += file.count


def pages_as_png(tiff: bytes) -> list[bytes]:
    """Each page as a grey PNG with square pixels, for people's eyes."""
    pages: list[bytes] = []
    with Image.open(io.BytesIO(tiff), formats=("TIFF",)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            across, down = image.info.get("dpi", (1, 1))
            size = (image.width, round(image.height * across / down))
            target = io.BytesIO()
            image.convert("L").resize(size, Image.Resampling.BOX).save(target, "PNG", dpi=(across, across))
            pages.append(target.getvalue())
    return pages


def _open(source: SourceDocument, sheet: Sheet) -> Pages:
    match source.kind:
        case Kind.PDF:
            return PdfPages(source.name, source.content)
        case Kind.TIFF:
            return TiffPages(source.name, source.content)
        case Kind.TEXT:
            return printed_text(source, sheet)
        case Kind.HTML:
            return printed_html(source, sheet)
        case _:
            assert_never(source.kind)


def _first_file(files: Sequence[Pages], has_cover: bool) -> range:
    """The page numbers of the first document, which a cover page precedes and doesn't belong to."""
    start = 1 + (files[0].count if has_cover else 0)
    first = next(iter(files[has_cover:]), None)
    return range(start, start + (first.count if first is not None else 0))


def _finished(
    files: Sequence[Pages], pages: int, first_file: range, sheet: Sheet, options: RenderOptions
) -> Iterator[Image.Image]:
    overlay = draw_overlay(options.overlay, sheet) if options.overlay is not None else None
    positions = ((file, index) for file in files for index in range(file.count))
    for page, (file, index) in enumerate(positions, start=1):
        image = _with_header(file, index, page, pages, sheet, options)
        if overlay is not None and options.overlay is not None and options.overlay.mode.covers(page, pages, first_file):
            image = darker(image, overlay)
        yield image


def _with_header(file: Pages, index: int, page: int, pages: int, sheet: Sheet, options: RenderOptions) -> Image.Image:
    image = file.draw(index, sheet)
    if options.header is None or options.moment is None:
        return image
    below = band_rows(options.header.rows, sheet.resolution)
    if has_ink(image.crop((0, 0, WIDTH, below))):  # else the page keeps its size, and a faxed fax its pixels
        image = file.draw(index, sheet, below)
    values = HeaderValues(
        page=page,
        pages=pages,
        number=options.number,
        csid=options.csid,
        personal=options.personal,
        moment=options.moment,
    )
    image.paste(draw_band(options.header.expand(values), sheet), (0, 0))
    return image
