"""A job becomes its fax, in a process of its own: a document can keep a library busy for ever, or end its process.

That process takes pickled Drawings from its input and writes answers that hold nothing to be unpickled: it has touched
documents of strangers.
"""

import io
import os
import pickle
import struct
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from gateway.documents.render import (
    HeaderLine,
    Overlay,
    Paper,
    RenderedFax,
    RenderError,
    RenderOptions,
    Resolution,
    SourceDocument,
    render_fax,
)
from gateway.sandbox.materials import Materials, NoSuchMaterial
from gateway.sandbox.request import JobRequest

QUESTION = struct.Struct(">Q")  # length of the pickled Drawing that follows
ANSWER = struct.Struct(">IQ")  # pages, 0 where nothing was drawn; length of the TIFF, or of the reason, that follows


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn; `documents` are those of the request, with what was fetched for them."""

    request: JobRequest
    documents: tuple[SourceDocument, ...]
    moment: datetime
    data_dir: Path


def main() -> None:
    """Draws until its input ends. What a library prints is about the documents: for neither the answers nor a log."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    _answer_all(sys.stdin.buffer, answers)


def _answer_all(questions: BinaryIO, answers: BinaryIO) -> None:
    while head := questions.read(QUESTION.size):
        (length,) = QUESTION.unpack(head)
        drawing: Drawing = pickle.load(io.BytesIO(questions.read(length)))  # noqa: S301 - our own parent's
        pages, content = _answer(drawing)
        answers.write(ANSWER.pack(pages, len(content)) + content)
        answers.flush()


def _answer(drawing: Drawing) -> tuple[int, bytes]:
    try:
        fax = draw(drawing)
    except (RenderError, NoSuchMaterial) as error:
        return 0, str(error).encode()
    except Exception as error:  # noqa: BLE001 - a library's surprise ends this fax, not the next one's process
        return 0, f"{type(error).__name__} in the renderer".encode()
    return fax.pages, fax.tiff


def draw(drawing: Drawing) -> RenderedFax:
    """The fax of the first recipient: with a vendor-side cover, each one's would differ by its properties.

    Raises RenderError and NoSuchMaterial.
    """
    request, rendering = drawing.request, drawing.request.rendering
    materials = Materials(drawing.data_dir)
    first = request.recipients[0]
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
        personal=first.fields.get("text", ""),
        moment=drawing.moment,
    )
    cover = None
    if rendering.cover is not None:
        cover = materials.cover(rendering.cover, {"number": first.number, "csid": request.csid} | first.fields)
    return render_fax(drawing.documents, cover=cover, options=options)
