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
    """It can be faxed. `rewrite` says what has to be done to it first, as a clause; None: it goes out byte for byte."""

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


PaperFormat = Literal["A4", "LETTER"]  # the wire's names (fax4a.md, renderingOptions)
Finding = Sound | Fault | Unsettled
Look = Callable[[Kind, bytes], Finding]
# What `Sound.rewrite` promised, done.
Convert = Callable[[Kind, bytes, Sound], bytes | Fault]

NEEDS_OPENING = frozenset({Kind.PDF, Kind.TIFF, Kind.IMAGE})
