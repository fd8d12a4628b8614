"""What goes in, a document as the job request carries it, and the one error that comes out."""

from dataclasses import dataclass
from enum import Enum


class RenderError(Exception):
    """A document can't be turned into pages. `reason` completes the sentence "The document NAME ..."."""

    def __init__(self, document: str, reason: str) -> None:
        super().__init__(document, reason)  # as they were given: that is what another process makes it from
        self.document = document
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.document}: {self.reason}"


class Kind(Enum):
    PDF = "pdf"
    TIFF = "tiff"
    TEXT = "txt"
    HTML = "html"


_KINDS = {
    "pdf": Kind.PDF,
    "tif": Kind.TIFF,
    "tiff": Kind.TIFF,
    "txt": Kind.TEXT,
    "html": Kind.HTML,
    "htm": Kind.HTML,
}


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One document: its name, whose extension decides the type (Fax4A, FaxJobRequest), its bytes, its charset.

    `charset` is one of the wire's seven names or None, which means UTF-8 (HTML: what the document itself declares).
    """

    name: str
    content: bytes
    charset: str | None = None

    @property
    def kind(self) -> Kind:
        """Raises RenderError for an extension that the service doesn't know."""
        _, dot, extension = self.name.rpartition(".")
        kind = _KINDS.get(extension.lower()) if dot else None
        if kind is None:
            raise RenderError(self.name, "has an extension that is none of .pdf .tif .tiff .txt .html .htm")
        return kind
