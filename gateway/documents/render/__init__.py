"""Documents in, the fax as the recipient's machine prints it out (Fax4A, renderingOptions; ITU-T T.4; RFC 2306).

Synchronous and of no thread: call it from a worker process for documents that aren't trusted.
"""

from gateway.documents.render.fax import RenderedFax, RenderOptions, page_notes, pages_as_png, render_fax
from gateway.documents.render.header import HeaderError, HeaderLine, HeaderRow, HeaderValues
from gateway.documents.render.overlay import Overlay, OverlayMode
from gateway.documents.render.paper import Paper, Resolution
from gateway.documents.render.source import RenderError, SourceDocument

__all__ = [
    "HeaderError",
    "HeaderLine",
    "HeaderRow",
    "HeaderValues",
    "Overlay",
    "OverlayMode",
    "Paper",
    "RenderError",
    "RenderOptions",
    "RenderedFax",
    "Resolution",
    "SourceDocument",
    "page_notes",
    "pages_as_png",
    "render_fax",
]
