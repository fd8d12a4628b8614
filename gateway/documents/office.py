"""Documents of office programs: what they are, whether they are locked, how far they unfold. Only for converters.

Nothing is drawn here: that is LibreOffice's work (libreoffice.py), and what it should never see is refused here.
"""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

import olefile

from gateway.documents.containers import ODF_TYPES, OLE_MAGIC, OLE_STREAMS, OOXML_MAIN_PARTS, OfficeFormat, is_zip
from gateway.documents.finding import Fault, Sound

MOST_PARTS = 10_000
MOST_UNPACKED = 256 * 1024 * 1024  # bytes of all parts; long workbooks have a tenth
_PIECE = 1024 * 1024
_ENCRYPTED_ENTRY = 0x1  # APPNOTE.TXT §4.4.4

CONVERTED = "it has been made a PDF"
ENCRYPTED = Fault("is encrypted and can't be opened without its password; send it without one, or as a PDF", "5.6.1")
DAMAGED = Fault("is a damaged office document")
FOREIGN = Fault("is no document of Word, Excel, PowerPoint or OpenDocument; send it as a PDF", "5.6.1")
BOMB = Fault("is an office document that would unfold to more than anybody can print")
# ECMA-376 Part 2 §8.1.4 forbids DTDs; OpenDocument needs no entities.
ENTITIES = Fault("is an office document with XML entities, which no office program writes; it was not opened")


def inspect_office(content: bytes) -> Sound | Fault:
    """Never raises but MemoryError, whatever the bytes."""
    found = office_format(content)
    return found if isinstance(found, Fault) else Sound(0, CONVERTED)


def office_format(content: bytes) -> OfficeFormat | Fault:
    """What LibreOffice may open."""
    try:
        if is_zip(content):
            with zipfile.ZipFile(BytesIO(content)) as package:
                return _of_package(package)
        if content.startswith(OLE_MAGIC):
            with olefile.OleFileIO(content) as container:
                return _of_container(container)
    except _Refused as refused:
        return refused.fault
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - for hostile bytes the libraries raise anything
        return DAMAGED
    return "rtf" if content[:1024].lstrip().startswith(b"{\\rt") else DAMAGED


class _Refused(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def _of_package(package: zipfile.ZipFile) -> OfficeFormat | Fault:
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        return BOMB
    if any(part.flag_bits & _ENCRYPTED_ENTRY for part in parts):
        return ENCRYPTED
    names = package.namelist()
    kind = _odf(package) if "mimetype" in names else _ooxml(names)
    if kind is None:
        return FOREIGN
    unpacked = 0
    for part in parts:
        unpacked = _checked(package, part, unpacked)
    return kind


def _ooxml(names: list[str]) -> OfficeFormat | None:
    return next((kind for part, kind in OOXML_MAIN_PARTS.items() if part in names), None)


def _odf(package: zipfile.ZipFile) -> OfficeFormat | None:
    """OpenDocument v1.3 Part 2 §3.4.1: the manifest says which parts are encrypted."""
    declared = package.read("mimetype")[:100].decode("ascii", "replace").strip().removesuffix("-template")
    manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in package.namelist() else b""
    if b"encryption-data" in manifest or "encrypted-package" in package.namelist():
        raise _Refused(ENCRYPTED)
    return ODF_TYPES.get(declared)


def _checked(package: zipfile.ZipFile, part: zipfile.ZipInfo, unpacked: int) -> int:
    """How many bytes there are with this part's; a directory may claim less than is there. Raises _Refused."""
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    before = b""
    for piece in _pieces(package, part):
        unpacked += len(piece)
        if unpacked > MOST_UNPACKED:
            raise _Refused(BOMB)
        if is_xml and any(mark in before + piece for mark in _ENTITY):
            raise _Refused(ENTITIES)
        before = piece[-_LONGEST_MARK:]
    return unpacked


_ENTITY = (b"<!ENTITY", "<!ENTITY".encode("utf-16-le"), "<!ENTITY".encode("utf-16-be"))
_LONGEST_MARK = 15


def _pieces(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with package.open(part) as file:
            while piece := file.read(_PIECE):
                yield piece
    except (zlib.error, zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise _Refused(DAMAGED) from error


def _of_container(container: "olefile.OleFileIO") -> OfficeFormat | Fault:
    streams = {path[0] for path in container.listdir(streams=True, storages=True) if len(path) == 1}
    kind = next((what for name, what in OLE_STREAMS.items() if name in streams), None)
    match kind:
        case "encrypted":
            return ENCRYPTED
        case "doc":
            return ENCRYPTED if _is_locked_doc(container) else "doc"
        case "xls":
            return ENCRYPTED if _is_locked_xls(container, streams) else "xls"
        case "ppt":
            return ENCRYPTED if _is_locked_ppt(container, streams) else "ppt"
        case _:
            return FOREIGN


def _is_locked_doc(container: "olefile.OleFileIO") -> bool:
    """[MS-DOC] §2.5.2, FibBase: fEncrypted is bit 8 of the word at 10."""
    head = container.openstream("WordDocument").read(12)
    return len(head) == 12 and bool(head[11] & 0x01)  # noqa: PLR2004 - as read


def _is_locked_xls(container: "olefile.OleFileIO", streams: set[str]) -> bool:
    """[MS-XLS] §2.4.117: a record FilePass, among the first ones behind BOF."""
    head = container.openstream("Workbook" if "Workbook" in streams else "Book").read(4096)
    at = 0
    while at + 4 <= len(head):
        record, length = int.from_bytes(head[at : at + 2], "little"), int.from_bytes(head[at + 2 : at + 4], "little")
        if record == 0x002F:  # noqa: PLR2004 - FilePass
            return True
        at += 4 + length
    return False


def _is_locked_ppt(container: "olefile.OleFileIO", streams: set[str]) -> bool:
    """[MS-PPT] §2.3.2, CurrentUserAtom: headerToken says it."""
    if "EncryptedSummary" in streams:
        return True
    head = container.openstream("Current User").read(16) if "Current User" in streams else b""
    return head[12:16] == b"\xdf\xc4\xd1\xf3"
