"""What a look at one document says, and what may be done with it. Plain values: they come from other processes, too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.documents.sniff import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """What the documents of one job may amount to."""

    documents: int = 50  # the cover among them
    pages: int = 500  # of all documents whose pages are known before they are rendered
    pixels: int = 50_000_000  # of one picture, or one page of a TIFF: the largest that telephones take
    bytes: int = 64 * 1024 * 1024  # of all documents as they are sent


@dataclass(frozen=True, slots=True)
class Sound:
    """It can be faxed. `rewrite` says what has to be done to it first, as a clause; None: it goes out byte for byte.

    `pages` is 0 where only that shows how many there are: in a document of an office program.
    """

    pages: int
    rewrite: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """It can't be faxed. `reason` completes the sentence "NAME ..."; the code is RFC 3463's."""

    reason: str
    enhanced_code: str = "5.6.0"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Nobody could say within the time that there was."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document out of a container. `name` is as it is called there, perhaps with folders, perhaps empty.

    `content_id` is that by which the container's HTML refers to it (RFC 2392).
    """

    name: str
    declared_type: str  # "" where the container says none
    data: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a container held: the text of a mail, if it is one, and documents; `left_out` says of what is not there why.

    A text is there at most once: as HTML or as plain text.
    """

    body_text: str | None
    body_html: str | None
    entries: tuple[Entry, ...]
    left_out: tuple[str, ...] = ()


PaperFormat = Literal["A4", "LETTER"]  # the wire's names (Fax4A, renderingOptions)
Finding = Sound | Fault | Unsettled
Look = Callable[[Kind, bytes], Finding]
# What `Sound.rewrite` promised, done.
Convert = Callable[[Kind, bytes, Sound], bytes | Fault]
# A PDF or TIFF that can be sent, without its blank pages; None: it stays as it is.
LeaveOutBlanks = Callable[[Kind, bytes], bytes | None]
# Of the kinds in CONTAINERS. Their entries are documents of their own, to be looked at one by one.
Unpack = Callable[[Kind, bytes], Unpacked | Fault | Unsettled]

NEEDS_OPENING = frozenset({Kind.PDF, Kind.TIFF, Kind.IMAGE, Kind.OFFICE})
CONTAINERS = frozenset({Kind.WINMAIL, Kind.ARCHIVE})
