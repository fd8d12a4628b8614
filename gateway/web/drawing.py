"""Documents become pages for people's eyes, in a process of its own that ends after one fax.

It takes pickled Documents from its input and writes an answer that holds nothing to be unpickled: it has touched
documents of strangers, and has taken files, network and memory from itself before (gateway.documents.converter).
"""

import os
import pickle
import resource
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

from gateway.documents.converter.confinement import confine
from gateway.documents.fonts import set_up_fonts
from gateway.documents.render import RenderError, RenderOptions, SourceDocument, pages_as_png, render_fax

HEAD = struct.Struct(">?I")  # whether it was drawn; how many pieces follow: pages as PNG, or the reason
PIECE = struct.Struct(">I")  # its length
MEMORY = 1024 * 1024 * 1024  # bytes
SECONDS = 120  # of a processor; a page takes a tenth of one


@dataclass(frozen=True, slots=True)
class Documents:
    documents: tuple[SourceDocument, ...]
    printing: RenderOptions = field(default_factory=RenderOptions)


def main() -> None:
    """With one argument, a directory of its own. What a library prints is about the documents, and for nobody."""
    directory = Path(sys.argv[1])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    question: Documents = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's
    set_up_fonts(directory)
    for limit, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        resource.setrlimit(limit, (most, most))
    confine(directory=directory)
    is_drawn, pieces = _drawn(question)
    answers.write(HEAD.pack(is_drawn, len(pieces)))
    for piece in pieces:
        answers.write(PIECE.pack(len(piece)) + piece)
    answers.close()


def _drawn(question: Documents) -> tuple[bool, list[bytes]]:
    try:
        return True, pages_as_png(render_fax(question.documents, options=question.printing).tiff)
    except RenderError as error:
        return False, [str(error).encode()]
    except Exception as error:  # noqa: BLE001 - a library's surprise ends this drawing and nothing else
        return False, [f"{type(error).__name__} in the renderer".encode()]
