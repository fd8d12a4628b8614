"""ZIP archives (APPNOTE.TXT): their files, within limits, one level deep. Only for converter processes."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath

from gateway.documents.containers import OOXML_MAIN_PARTS, is_zip, odf_type, zip_names
from gateway.documents.entries import MOST_SENTENCES, named, sentence
from gateway.documents.finding import DocumentLimits, Entry, Fault, Unpacked

MOST_NAMES = 1000  # files and directories, the ones that are left out among them
MOST_RATIO = 200  # of unpacked to packed, of all files together, beyond what a few white pages unfold to
FREE_OF_RATIO = 16 * 1024 * 1024  # bytes
_PIECE = 1024 * 1024
_HEAD = 64 * 1024
_ENCRYPTED = 0x1  # APPNOTE.TXT §4.4.4, bits of the general purpose flag
_UTF8 = 0x800
_OF_THE_SYSTEM = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})

DAMAGED = Fault("is a damaged ZIP archive")
EMPTY = Fault("is a ZIP archive with nothing in it that could be faxed")
NESTED = "is a ZIP archive that holds another archive; send the files themselves"
OFFICE_IN_DISGUISE = Fault("is an office document under a wrong name; send it under its own")


class _TooMuch(Exception):
    pass


def unpacked_archive(content: bytes, limits: DocumentLimits) -> Unpacked | Fault:
    """Its files in their order. Never raises but MemoryError, whatever the bytes."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _fault(archive, limits) or _files(archive, len(content), limits)
    except _TooMuch:
        return _too_much(limits)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError):
        return DAMAGED
    except (NotImplementedError, RuntimeError):  # of zipfile: a method, or a version, that it doesn't know
        return Fault("is a ZIP archive that is packed in an unusual way; pack it anew or send the files themselves")


def _fault(archive: zipfile.ZipFile, limits: DocumentLimits) -> Fault | None:
    """What its directory alone shows."""
    entries = archive.infolist()
    if any(each.flag_bits & _ENCRYPTED for each in entries):
        return Fault("is an encrypted ZIP archive and can't be opened without its password", "5.6.1")
    if not OOXML_MAIN_PARTS.keys().isdisjoint(archive.namelist()):
        return OFFICE_IN_DISGUISE
    wanted = [each for each in entries if _why_left_out(each) is None]
    if len(entries) > MOST_NAMES or len(wanted) > limits.documents:
        return Fault(f"is a ZIP archive with too many files; at most {limits.documents} can be faxed in one job")
    if sum(each.file_size for each in wanted) > limits.bytes:
        return _too_much(limits)
    return None


def _files(archive: zipfile.ZipFile, packed: int, limits: DocumentLimits) -> Unpacked | Fault:
    entries: list[Entry] = []
    left_out: list[str] = []
    left = min(limits.bytes, max(FREE_OF_RATIO, packed * MOST_RATIO))
    for each in archive.infolist():
        name = named(_name(each))
        why = _why_left_out(each)
        if why is None:
            data = b"".join(_pieces(archive, each, left))
            left -= len(data)
            if is_zip(data) and not _is_office(data):
                return Fault(NESTED)
            entries.append(Entry(name, "", data))
        elif why:
            left_out.append(sentence(f"{name}: {why}"))
    if not entries:
        return EMPTY
    return Unpacked(None, None, tuple(entries), tuple(left_out[:MOST_SENTENCES]))


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """What is really there: a directory may claim less."""
    with archive.open(entry) as file:
        while piece := file.read(_PIECE):
            most -= len(piece)
            if most < 0:
                raise _TooMuch
            yield piece


def _why_left_out(entry: zipfile.ZipInfo) -> str | None:
    """None: it is not. Empty: it is nothing to speak of, a directory."""
    path = PurePosixPath(_name(entry))
    if entry.filename.endswith("/"):  # as ZipInfo.is_dir, which an empty name breaks in Python 3.11
        return ""
    if "__MACOSX" in path.parts or path.name.lower() in _OF_THE_SYSTEM:
        return "left by the system that packed the archive"
    return None if entry.file_size else "empty"


def _name(entry: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 without saying so (APPNOTE.TXT Appendix D)."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _is_office(data: bytes) -> bool:
    head = data[:_HEAD]
    names = zip_names(head)
    return odf_type(head) is not None or "[Content_Types].xml" in names or "_rels/.rels" in names


def _too_much(limits: DocumentLimits) -> Fault:
    return Fault(
        f"is a ZIP archive that unfolds too far; at most {limits.bytes // 1_000_000} MB can be faxed in one job"
    )
