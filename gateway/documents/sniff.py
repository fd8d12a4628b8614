"""What a document really is. libmagic decides the binary types; among texts, declared type and extension choose.

libmagic alone misjudges texts: an HTML fragment is text/csv to it, UTF-16 without a mark octet-stream.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

from gateway.documents.libmagic import libmagic
from gateway.mail.charset import decode_text, strictly

HEAD_BYTES = 64 * 1024
PDF_WITHIN = 1024  # ISO 32000-1 Annex H.3.4.1: readers look for the header in the first 1024 bytes


class Kind(StrEnum):
    PDF = "pdf"
    TIFF = "tiff"
    IMAGE = "image"  # any other picture
    TEXT = "text"
    HTML = "html"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`description`: what it is, for a sentence that refuses it."""

    kind: Kind
    description: str


# How a person calls what libmagic has found, where the media type would not tell.
DESCRIPTIONS = {
    "image/svg+xml": "an SVG drawing",
    "application/zip": "a ZIP archive",
    "application/gzip": "a gzip archive",
    "application/msword": "a Word document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "a Word document",
    "application/vnd.ms-excel": "an Excel workbook",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "an Excel workbook",
    "application/vnd.ms-powerpoint": "a PowerPoint presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "a PowerPoint presentation",
    "application/vnd.oasis.opendocument.text": "an OpenDocument text",
    "application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet",
    "application/postscript": "a PostScript document",
    "application/x-dosexec": "a program",
    "application/vnd.microsoft.portable-executable": "a program",
    "message/rfc822": "a forwarded mail",
}
KNOWN = {
    "application/pdf": Kind.PDF,
    "image/tiff": Kind.TIFF,
    "image/jpeg": Kind.IMAGE,
    "image/png": Kind.IMAGE,
    "image/gif": Kind.IMAGE,
    "image/bmp": Kind.IMAGE,
    "image/x-ms-bmp": Kind.IMAGE,  # libmagic before 5.40
    "image/webp": Kind.IMAGE,
    "image/heic": Kind.IMAGE,
    "image/heif": Kind.IMAGE,
}
# Types whose names libmagic gives to texts of some syntax.
TEXTUAL = ("text/", "application/json", "application/xml", "application/x-ndjson", "application/javascript")
# Texts to libmagic that are documents of their own kind: as plain text they would print their source.
DOCUMENTS_IN_TEXT = {"text/rtf": "an RTF document", "application/postscript": "a PostScript document"}
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
HTML_ENDINGS = frozenset({".html", ".htm", ".xhtml"})
CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\v\f\r\x1b")


def sniff(head: bytes, *, declared_type: str, filename: str | None, charset: str | None) -> Sniffed:
    """What a content is, from its first 64 KB and from what the mail says of it."""
    found = libmagic().type_of(head)
    if found in KNOWN:
        return Sniffed(KNOWN[found], found)
    if declared_type == "message/rfc822":
        return Sniffed(Kind.UNSUPPORTED, DESCRIPTIONS[declared_type])
    if found in DOCUMENTS_IN_TEXT:
        return Sniffed(Kind.UNSUPPORTED, DOCUMENTS_IN_TEXT[found])
    if _is_text(head, found, declared_type, charset):
        return Sniffed(_kind_of_text(declared_type, filename), found)
    if b"%PDF-" in head[:PDF_WITHIN]:
        return Sniffed(Kind.PDF, "application/pdf")
    return Sniffed(Kind.UNSUPPORTED, DESCRIPTIONS.get(found, f"of the type {found}"))


def _is_text(head: bytes, found: str, declared_type: str, charset: str | None) -> bool:
    if found.startswith(TEXTUAL):
        return True
    if found != "application/octet-stream":
        return False
    # To libmagic these are only bytes: CP437, UTF-16 without a mark. A cut in the middle of a character is no fault.
    declared = next((t for n in range(4) if (t := strictly(head[: len(head) - n], charset)) is not None), None)
    text = declared
    if text is None and declared_type.startswith("text/"):
        text, _ = decode_text(head, charset)
    return text is not None and not CONTROLS & set(text)


def _kind_of_text(declared_type: str, filename: str | None) -> Kind:
    if declared_type in HTML_TYPES:
        return Kind.HTML
    if declared_type == "text/plain":
        return Kind.TEXT
    return Kind.HTML if _ending(filename) in HTML_ENDINGS else Kind.TEXT


def _ending(filename: str | None) -> str:
    return PurePosixPath(PureWindowsPath(filename).name).suffix.lower() if filename else ""
