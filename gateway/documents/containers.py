"""ZIP and OLE containers: what is inside tells what they are. Pure, bounded by the bytes that are given, never raises.

A document's first bytes are enough for ZIP (APPNOTE.TXT §4.3.7, local file headers). An OLE container
([MS-CFB] §2.6, directory entries) may have its directory at its end: then nothing is known yet.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TNEF_MAGIC = b"\x78\x9f\x3e\x22"  # [MS-OXTNEF] §2.1.3.1, TNEFSignature

# As extensions, which LibreOffice looks at first.
OfficeFormat = Literal["docx", "xlsx", "xlsb", "pptx", "odt", "ods", "odp", "odg", "doc", "xls", "ppt", "rtf"]
SPREADSHEETS = frozenset({"xlsx", "xlsb", "ods", "xls"})
# The parts by which a package of Office Open XML is known (ECMA-376 Part 2 §10.1.2, Part 1 §11.3).
OPC_PARTS = frozenset({"[Content_Types].xml", "_rels/.rels"})
OOXML_MAIN_PARTS: Mapping[str, OfficeFormat] = {
    "word/document.xml": "docx",
    "word/document2.xml": "docx",  # as some of Microsoft's services name it
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "ppt/presentation.xml": "pptx",
}
# OpenDocument v1.3 Part 2 §3.3: the first entry, not packed. Templates end in -template.
ODF_TYPES: Mapping[str, OfficeFormat] = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.graphics": "odg",
}
# Streams and storages of OLE containers, and what has them.
OLE_STREAMS = {
    "__properties_version1.0": "msg",  # first: a forwarded message may hold any of the others
    "EncryptedPackage": "encrypted",  # [MS-OFFCRYPTO] §1.3.2
    "WordDocument": "doc",
    "PowerPoint Document": "ppt",
    "Workbook": "xls",
    "Book": "xls",
}
_HEADER = 30  # bytes of a local file header before the name
_DIRECTORY_ENTRY = 128  # bytes; sectors begin at multiples of 512
_OLE_NAME = 64  # bytes, of 16-bit characters; then its length, and the type of the entry
_STORAGE_STREAM_ROOT = frozenset({b"\1", b"\2", b"\5"})


def is_zip(head: bytes) -> bool:
    return head.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC))


def zip_names(head: bytes) -> frozenset[str]:
    """The names of the entries whose headers are in `head`."""
    return frozenset(name for name, _ in _local_entries(head))


def odf_type(head: bytes) -> str | None:
    """The media type of an OpenDocument package, without the mark of a template."""
    for name, data in _local_entries(head):
        if name == "mimetype":
            declared = data[:80].split(b"PK")[0].decode("ascii", "replace").strip()
            return declared.removesuffix("-template") if declared.startswith("application/vnd.oasis.") else None
    return None


def ole_format(content: bytes) -> str | None:
    """What an OLE container holds, as an extension; None where no directory entry says it."""
    return next((what for name, what in OLE_STREAMS.items() if _has_ole_entry(content, name)), None)


def _local_entries(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and what follows them. A header inside of packed data is taken for one as well; it takes intent."""
    at = head.find(ZIP_MAGIC)
    while at >= 0:
        header = head[at : at + _HEADER]
        if len(header) == _HEADER:
            length, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
            name = head[at + _HEADER : at + _HEADER + length]
            start = at + _HEADER + length + extra
            yield name.decode("utf-8", "replace").replace("\\", "/"), head[start : start + 128]
        at = head.find(ZIP_MAGIC, at + 4)


def _has_ole_entry(content: bytes, name: str) -> bool:
    wanted = name.encode("utf-16-le") + b"\0\0"
    at = content.find(wanted)
    while at >= 0:
        length = content[at + _OLE_NAME : at + _OLE_NAME + 2]
        kind = content[at + _OLE_NAME + 2 : at + _OLE_NAME + 3]
        is_named = at % _DIRECTORY_ENTRY == 0 and int.from_bytes(length, "little") == len(wanted)
        if is_named and kind in _STORAGE_STREAM_ROOT:
            return True
        at = content.find(wanted, at + 2)
    return False
