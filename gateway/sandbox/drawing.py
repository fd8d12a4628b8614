"""A job becomes its fax. Runs in a worker process: PDFium isn't thread-safe, and a page takes a tenth of a second."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.documents.render import (
    HeaderLine,
    Overlay,
    Paper,
    RenderedFax,
    RenderOptions,
    Resolution,
    SourceDocument,
    render_fax,
)
from gateway.sandbox.materials import Materials
from gateway.sandbox.request import JobRequest


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the worker is given; `documents` are those of the request, with what was fetched for them."""

    request: JobRequest
    documents: tuple[SourceDocument, ...]
    moment: datetime
    data_dir: Path


def draw(drawing: Drawing) -> RenderedFax:
    """The fax of the first recipient: with a vendor-side cover, each one's would differ by its properties.

    Raises RenderError and NoSuchMaterial.
    """
    request, rendering = drawing.request, drawing.request.rendering
    materials = Materials(drawing.data_dir)
    first = request.recipients[0]
    fields = {"number": first.number, "csid": request.csid, **first.properties}
    options = RenderOptions(
        paper=Paper.LETTER if rendering.letter_paper else Paper.A4,
        resolution=Resolution.LOW if rendering.low_resolution else Resolution.HIGH,
        header=HeaderLine.parse(rendering.header) if rendering.header is not None else None,
        overlay=(
            Overlay(materials.overlay(rendering.overlay), rendering.overlay_mode)
            if rendering.overlay is not None
            else None
        ),
        number=first.number,
        csid=request.csid,
        personal=first.properties.get("text", ""),
        moment=drawing.moment,
    )
    cover = materials.cover(rendering.cover, fields) if rendering.cover is not None else None
    return render_fax(drawing.documents, cover=cover, options=options)
