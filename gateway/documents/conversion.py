"""What is done with a document that has to be opened, by its kind: look at it, make it fit, unpack it.

Everything here opens documents of strangers: the daemon leaves it to converter processes (gateway/documents/converter).
"""

from typing import assert_never

from PIL import Image

from gateway.documents.archive import unpacked_archive
from gateway.documents.blank import without_blank_pages
from gateway.documents.finding import DocumentLimits, Fault, PaperFormat, Sound, Unpacked
from gateway.documents.image import image_pdf, inspect_image
from gateway.documents.office import inspect_office
from gateway.documents.pdf import inspect_pdf, rewritten_pdf
from gateway.documents.render import Paper, RenderError, Resolution, SourceDocument
from gateway.documents.render.paper import Sheet
from gateway.documents.render.printed import html_pdf
from gateway.documents.sniff import Kind
from gateway.documents.tiff import inspect_tiff, normalised_tiff
from gateway.documents.winmail import unpacked_winmail

DAMAGED = {
    Kind.PDF: "is a damaged PDF",
    Kind.TIFF: "is a damaged TIFF",
    Kind.IMAGE: "is a damaged picture",
    Kind.OFFICE: "is a damaged office document",
    Kind.HTML: "is a page that can't be printed",
    Kind.WINMAIL: "is a damaged winmail.dat; ask its sender to send the mail as plain text or HTML",
    Kind.ARCHIVE: "is a damaged ZIP archive",
}
TOO_MUCH = Fault("needs too much memory to be opened")


def inspect(kind: Kind, content: bytes, limits: DocumentLimits) -> Sound | Fault:
    """Never raises, whatever the bytes. ValueError for a kind that needs no opening."""
    try:
        match kind:
            case Kind.PDF:
                return inspect_pdf(content)
            case Kind.TIFF:
                return inspect_tiff(content, limits)
            case Kind.IMAGE:
                return inspect_image(content, limits)
            case Kind.OFFICE:
                return inspect_office(content)
            case Kind.TEXT | Kind.HTML | Kind.WINMAIL | Kind.ARCHIVE | Kind.UNSUPPORTED:
                pass
            case _:
                assert_never(kind)
    except MemoryError:
        return TOO_MUCH
    except Image.DecompressionBombError:
        return Fault(f"has more than {limits.pixels / 1_000_000:g} million pixels")
    except Exception:  # noqa: BLE001 - for hostile bytes the libraries raise anything
        return Fault(DAMAGED[kind])
    raise ValueError(f"nothing in a document of the kind {kind} has to be opened")


def convert(kind: Kind, content: bytes, paper: PaperFormat) -> bytes | Fault:
    """What ``Sound.rewrite`` of ``inspect`` promised. Never raises, whatever the bytes. ValueError as ``inspect``."""
    try:
        match kind:
            case Kind.PDF:
                return rewritten_pdf(content)
            case Kind.TIFF:
                return normalised_tiff(content, Paper(paper))
            case Kind.IMAGE:
                return image_pdf(content, Paper(paper))
            case Kind.HTML:
                return html_pdf(SourceDocument("page.html", content, "UTF-8"), Sheet(Paper(paper), Resolution.HIGH))
            case Kind.OFFICE:
                pass  # needs more than a function: libreoffice.py
            case Kind.TEXT | Kind.WINMAIL | Kind.ARCHIVE | Kind.UNSUPPORTED:
                pass
            case _:
                assert_never(kind)
    except MemoryError:
        return TOO_MUCH
    except RenderError as error:
        return Fault(error.reason)
    except Exception:  # noqa: BLE001 - for hostile bytes the libraries raise anything
        return Fault(DAMAGED[kind])
    raise ValueError(f"nothing in a document of the kind {kind} has to be opened")


def leave_out_blanks(kind: Kind, content: bytes) -> bytes | None:
    """None where the document stays as it is. Never raises, whatever the bytes."""
    try:
        return without_blank_pages(kind, content)
    except Exception:  # noqa: BLE001 - a page that can't be drawn is not blank
        return None


def unpack(kind: Kind, content: bytes, limits: DocumentLimits) -> Unpacked | Fault:
    """The documents in a container. Never raises, whatever the bytes. ValueError for a kind that is none."""
    try:
        match kind:
            case Kind.WINMAIL:
                return unpacked_winmail(content, limits)
            case Kind.ARCHIVE:
                return unpacked_archive(content, limits)
            case _:
                pass
    except MemoryError:
        return TOO_MUCH
    except Exception:  # noqa: BLE001 - for hostile bytes the libraries raise anything
        return Fault(DAMAGED[kind])
    raise ValueError(f"a document of the kind {kind} is no container")
