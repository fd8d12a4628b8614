"""Names of documents as the API takes them: at most 32 characters of ``a-zA-Z0-9-_.``, still readable. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

from anyascii import anyascii

from gateway.documents.sniff import Kind

LONGEST = 32  # Fax4A, documents[].name
# What goes out as which kind: pictures and office documents as PDFs.
ENDINGS = {
    Kind.PDF: ".pdf",
    Kind.TIFF: ".tif",
    Kind.IMAGE: ".pdf",
    Kind.OFFICE: ".pdf",
    Kind.TEXT: ".txt",
    Kind.HTML: ".html",
}
NAMELESS = "document"

# How German writes these without its own letters; anyascii would drop the dots.
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"})
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9._-]+")
_DASHES = re.compile(r"-{2,}|-(?=[._])|(?<=[._])-")
# An extension that somebody gave the file; the one that counts is put in its place.
_EXTENSION = re.compile(r"\.[a-zA-Z0-9]{1,5}$")


def wire_names(wanted: Sequence[tuple[str | None, Kind]]) -> tuple[str, ...]:
    """A name for each document of a job, from the file name that the sender gave it and what it is.

    Unique within the job whatever the case of its letters, never empty, never with a dot in front.
    """
    taken: set[str] = set()
    names = []
    for original, kind in wanted:
        name = _unique(_stem(original or ""), ENDINGS[kind], taken)
        taken.add(name.lower())
        names.append(name)
    return tuple(names)


def _stem(original: str) -> str:
    """The name without path and extension, in the characters that are allowed."""
    bare = PurePosixPath(PureWindowsPath(original).name).name
    latin = anyascii(unicodedata.normalize("NFC", bare).translate(_GERMAN))
    stem = _FORBIDDEN.sub("-", _EXTENSION.sub("", latin))
    return _DASHES.sub(lambda run: "-" if len(run[0]) > 1 else "", stem).strip(".-_") or NAMELESS


def _unique(stem: str, ending: str, taken: set[str]) -> str:
    number = 1
    while True:
        mark = "" if number == 1 else f"-{number}"
        room = LONGEST - len(ending) - len(mark)
        name = stem[:room].rstrip(".-_") + mark + ending
        if name.lower() not in taken:
            return name
        number += 1
