"""What a document really is. libmagic decides the binary types; among texts, declared type and extension choose.

libmagic alone misjudges texts: an HTML fragment is text/csv to it, UTF-16 without a mark octet-stream. ZIP and OLE
containers are told apart by their entries (containers.py); where those lie behind the first 64 KB, whoever opens the
document sees what it is.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

from gateway.documents.containers import (
    ODF_TYPES,
    OLE_MAGIC,
    OOXML_MAIN_PARTS,
    OPC_PARTS,
    TNEF_MAGIC,
    is_zip,
    odf_type,
    ole_format,
    zip_names,
)
from gateway.documents.libmagic import libmagic
from gateway.mail.charset import decode_text, strictly

HEAD_BYTES = 64 * 1024
PDF_MAGIC = b"%PDF-"
PDF_WITHIN = 1024  # ISO 32000-1 Annex H.3.4.1: readers look for the header in the first 1024 bytes


class Kind(StrEnum):
    PDF = "pdf"
    TIFF = "tiff"
    IMAGE = "image"  # any other picture
    TEXT = "text"
    HTML = "html"
    OFFICE = "office"  # of Word, Excel, PowerPoint, OpenDocument, RTF: made a PDF by LibreOffice
    WINMAIL = "winmail"  # TNEF: a mail's text and attachments, packed by Outlook
    ARCHIVE = "archive"  # ZIP
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
    "application/vnd.ms-tnef": "a winmail.dat of Outlook",
    "application/vnd.ms-outlook": "a message that Outlook has saved",
    "application/java-archive": "a Java archive",
    "application/epub+zip": "an electronic book",
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
    "application/vnd.ms-tnef": Kind.WINMAIL,
    "text/rtf": Kind.OFFICE,
    "application/rtf": Kind.OFFICE,
    **dict.fromkeys(ODF_TYPES, Kind.OFFICE),
    **dict.fromkeys((f"{each}-template" for each in ODF_TYPES), Kind.OFFICE),
}
OOXML_PREFIX = "application/vnd.openxmlformats-officedocument"
# Of these libmagic has seen no more than the container.
BARE_ZIP = frozenset({"application/zip", "application/x-zip-compressed", "application/octet-stream"})
# An office document under its own name whose entries lie further behind.
_OFFICE_ENDING = re.compile(r"\.(?:doc|dot|xls|xlt|ppt|pot|pps)[xmb]?|\.o[dt][tspg]")
# Types whose names libmagic gives to texts of some syntax.
TEXTUAL = ("text/", "application/json", "application/xml", "application/x-ndjson", "application/javascript")
# Texts to libmagic that are documents of their own kind: as plain text they would print their source.
DOCUMENTS_IN_TEXT = {"application/postscript": "a PostScript document"}
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
HTML_ENDINGS = frozenset({".html", ".htm", ".xhtml"})
CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\v\f\r\x1b")


def sniff(head: bytes, *, declared_type: str, filename: str | None, charset: str | None) -> Sniffed:
    """What a content is, from its first 64 KB and from what the mail says of it."""
    # Most documents: libmagic says the same of them, when it has tried all else.
    found = "application/pdf" if head.startswith(PDF_MAGIC) else libmagic().type_of(head)
    if found in KNOWN:
        return Sniffed(KNOWN[found], found)
    container = _container(head, found, filename)
    if container is not None:
        return container
    if declared_type == "message/rfc822":
        return Sniffed(Kind.UNSUPPORTED, DESCRIPTIONS[declared_type])
    if found in DOCUMENTS_IN_TEXT:
        return Sniffed(Kind.UNSUPPORTED, DOCUMENTS_IN_TEXT[found])
    if _is_text(head, found, declared_type, charset):
        return Sniffed(_kind_of_text(declared_type, filename), found)
    if PDF_MAGIC in head[:PDF_WITHIN]:
        return Sniffed(Kind.PDF, "application/pdf")
    return Sniffed(Kind.UNSUPPORTED, DESCRIPTIONS.get(found, f"of the type {found}"))


def _container(head: bytes, found: str, filename: str | None) -> Sniffed | None:
    if head.startswith(TNEF_MAGIC):
        return Sniffed(Kind.WINMAIL, DESCRIPTIONS["application/vnd.ms-tnef"])
    if head.startswith(OLE_MAGIC):
        if ole_format(head) == "msg" or found == "application/vnd.ms-outlook":
            return Sniffed(Kind.UNSUPPORTED, DESCRIPTIONS["application/vnd.ms-outlook"])
        return Sniffed(Kind.OFFICE, found)
    if not is_zip(head):
        return None
    seems_office = found.startswith(OOXML_PREFIX)
    if not seems_office and found not in BARE_ZIP:
        return None
    if _is_office_zip(head, seems_office=seems_office or _OFFICE_ENDING.fullmatch(_ending(filename)) is not None):
        return Sniffed(Kind.OFFICE, found)
    return Sniffed(Kind.ARCHIVE, DESCRIPTIONS["application/zip"])


def _is_office_zip(head: bytes, *, seems_office: bool) -> bool:
    """What it seems to be counts where entries are unseen: to libmagic any folder `word` makes a Word document."""
    if odf_type(head) in ODF_TYPES or not zip_names(head).isdisjoint(OPC_PARTS | OOXML_MAIN_PARTS.keys()):
        return True
    return seems_office and len(head) >= HEAD_BYTES


def _is_text(head: bytes, found: str, declared_type: str, charset: str | None) -> bool:
    if found.startswith(TEXTUAL):
        return True
    if found in DESCRIPTIONS:
        return False
    # Programs' own texts have names of their own (.ini, .reg), and a byte or two have none.
    text = _uncut(head, "utf-8")
    if found == "application/octet-stream":
        # To libmagic these are only bytes: CP437, UTF-16 without a mark.
        text = _uncut(head, charset) or text
        if text is None and declared_type.startswith("text/"):
            text, _ = decode_text(head, charset)
    return text is not None and not CONTROLS & set(text)


def _uncut(head: bytes, charset: str | None) -> str | None:
    """The text, if it is one in that charset; a cut in the middle of a character is no fault."""
    return next((t for n in range(4) if (t := strictly(head[: len(head) - n], charset)) is not None), None)


def _kind_of_text(declared_type: str, filename: str | None) -> Kind:
    if declared_type in HTML_TYPES:
        return Kind.HTML
    if declared_type == "text/plain":
        return Kind.TEXT
    return Kind.HTML if _ending(filename) in HTML_ENDINGS else Kind.TEXT


def _ending(filename: str | None) -> str:
    return PurePosixPath(PureWindowsPath(filename).name).suffix.lower() if filename else ""
