"""PDFs (ISO 32000): which go out as they are, which need a repair, and which can't be faxed.

qpdf reads a document's structure, not its pages: what a page draws is the fax service's business. A document that qpdf
opens without a warning, unencrypted and without XFA is never touched.
"""

import io
import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pikepdf

from gateway.documents.finding import Fault, Sound
from gateway.documents.unpacking import can_be_unpacked, is_surely_small, unfolds_too_far

# What a look may read that is over at once: qpdf needs up to 70 times that in memory. To count the pages of a sound
# document it reads 4 KB and 200 bytes a page, however large the rest is.
READ_AT_ONCE = 128 * 1024
# Any spelling of /XRef (ISO 32000-1 §7.3.5, §7.5.8): a file that isn't read so far as to this name is never inflated.
_COMPRESSED = re.compile(rb"/(?:X|#58)(?:R|#52)(?:e|#65)(?:f|#66)")
_LONGEST_SPELLING = 13

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ENCRYPTED = Fault("is encrypted and can't be opened without its password; send it without one", "5.6.1")
XFA = Fault("is an interactive form (XFA) whose pages only Adobe's programs can draw; print it to a PDF first", "5.6.1")
EMPTY = Fault("is a PDF without pages")
DAMAGED = Fault("is a damaged PDF")
BOMB = Fault("is a PDF whose pages would unfold to more than anybody can print")
INCOMPLETE = Fault("is a damaged PDF, and parts of it are missing; send it again")

REPAIRED = "it was damaged and has been repaired"
UNLOCKED = "its owner's password has been taken off"
WITHOUT_XFA = "its XFA form has been taken out, the pages are as before"


def sound_at_once(content: bytes) -> Sound | None:
    """Sound, where little has to be read to see it; None: unknown.

    Only documents whose structure isn't compressed, and without any repair: the work is bounded by what is read.
    """
    try:
        with _opened_sparingly(content) as pdf:
            pages = len(pdf.pages)
            plain = pages and not pdf.is_encrypted and _xfa_form(pdf) is None and is_surely_small(pdf)
            return Sound(pages) if plain and not pdf.get_warnings() else None
    except Exception:  # noqa: BLE001 - any library may stumble over any bytes; whoever takes longer finds the reason
        return None


def _opened_sparingly(content: bytes) -> pikepdf.Pdf:
    """Of a small one qpdf reads all by itself: for each piece from Python it would wait for the interpreter."""
    if len(content) > READ_AT_ONCE or _COMPRESSED.search(content):
        return pikepdf.open(_Sparing(content), attempt_recovery=False)
    with os.fdopen(os.memfd_create("document"), "r+b", buffering=0) as file:
        file.write(content)
        return pikepdf.open(file, attempt_recovery=False, access_mode=pikepdf.AccessMode.mmap_only)


class _TakesLonger(Exception):
    """The document can't be judged at once."""


class _Sparing(io.BytesIO):
    """Counts what is read, and looks at it before qpdf does."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._content = content
        self._left = READ_AT_ONCE

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        start = self.tell()
        length = super().readinto(buffer)
        self._left -= length
        around = (max(start - _LONGEST_SPELLING, 0), start + length + _LONGEST_SPELLING)
        if self._left < 0 or _COMPRESSED.search(self._content, *around):
            raise _TakesLonger
        return length

    def read(self, _size: int | None = -1, /) -> bytes:
        raise _TakesLonger  # pikepdf reads the other way; nothing may pass uncounted


def inspect_pdf(content: bytes) -> Sound | Fault:
    """Raises what pikepdf raises only where a document surprises it."""
    found, _ = _examined(content)
    return found


def rewritten_pdf(content: bytes) -> bytes | Fault:
    """The document that ``inspect_pdf`` promised; unchanged where nothing has to be done."""
    found, rewritten = _examined(content)
    return found if isinstance(found, Fault) else rewritten


def _examined(content: bytes) -> tuple[Sound | Fault, bytes]:
    try:
        pdf, recovered = _opened(content)
    except pikepdf.PasswordError:
        return ENCRYPTED, b""
    except pikepdf.PdfError as error:
        # Certificates, or a method of the future: qpdf has only words for it.
        return (ENCRYPTED if "encrypt" in str(error).lower() else DAMAGED), b""
    with pdf:
        fault = _fault(pdf, recovered=recovered)
        if fault is not None:
            return fault, b""
        pages = len(pdf.pages)
        damaged = recovered or bool(pdf.get_warnings())
        reasons = ([REPAIRED] if damaged else []) + _unlocked(pdf)
        if not reasons:
            return Sound(pages), content
        rewritten = _saved(pdf)
    if not _is_whole(rewritten, pages, damaged=damaged):
        return DAMAGED, b""
    return Sound(pages, ", ".join(reasons)), rewritten


def _fault(pdf: pikepdf.Pdf, *, recovered: bool) -> Fault | None:
    if not len(pdf.pages):
        return EMPTY
    form = _xfa_form(pdf)
    if form is not None and _is_dynamic(pdf, form):
        return XFA
    if recovered and _incomplete(pdf):
        return INCOMPLETE
    return BOMB if unfolds_too_far(pdf) else None


def _unlocked(pdf: pikepdf.Pdf) -> list[str]:
    """Takes out what the fax service may stumble over; says what that was. Encryption goes when it is saved."""
    reasons = [UNLOCKED] if pdf.is_encrypted else []
    form = _xfa_form(pdf)
    if form is not None:
        del form["/XFA"]
        reasons.append(WITHOUT_XFA)
    return reasons


def _opened(content: bytes) -> tuple[pikepdf.Pdf, bool]:
    """The document, and whether its cross-reference table had to be made anew. Raises PasswordError, PdfError."""
    try:
        return pikepdf.open(io.BytesIO(content), attempt_recovery=False), False
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError:
        # Without anything behind it, qpdf takes a last object for lost.
        return pikepdf.open(io.BytesIO(content + b"\n%%EOF\n")), True


def _xfa_form(pdf: pikepdf.Pdf) -> pikepdf.Object | None:
    """The AcroForm dictionary, where it holds an XFA form (ISO 32000-1 §12.7.8)."""
    form = pdf.Root.get("/AcroForm")
    return form if isinstance(form, pikepdf.Dictionary) and "/XFA" in form else None


def _is_dynamic(pdf: pikepdf.Pdf, form: pikepdf.Object) -> bool:
    """Whether the pages in the file are only a placeholder: "Please wait ...". Others have fields to draw as well."""
    fields = form.get("/Fields")
    return bool(pdf.Root.get("/NeedsRendering", False)) or not (isinstance(fields, pikepdf.Array) and len(fields))


def _incomplete(pdf: pikepdf.Pdf) -> bool:
    """Whether objects that are referred to were lost with the table, or a stream breaks off: a file that was cut.

    qpdf repairs those, too, but to blank pages.
    """
    # Reading the objects is what finds the streams that break off. A reference to nothing reads as None.
    objects: Iterable[object] = pdf.objects
    if any(each is None for each in objects):
        return True
    return any("treating stream as empty" in str(warning) for warning in pdf.get_warnings())


def _saved(pdf: pikepdf.Pdf) -> bytes:
    if "/Size" not in pdf.trailer:
        pdf.trailer.Size = 1  # a trailer made anew lacks it, and then qpdf writes none; its value is qpdf's
    target = io.BytesIO()
    pdf.save(target, encryption=False, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return target.getvalue()


def _is_whole(content: bytes, pages: int, *, damaged: bool) -> bool:
    """Whether a document of ours opens without a warning; one that was damaged: and whether its pages can be drawn."""
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as pdf:
            if len(pdf.pages) != pages or pdf.is_encrypted or pdf.get_warnings():
                return False
            # A transfer as text damages what is inside the streams, and no repair brings that back.
            return not damaged or can_be_unpacked(pdf)
    except pikepdf.PdfError:
        return False
