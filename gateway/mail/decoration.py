"""Which files of a mail are decoration: pictures that its text shows, and small ones that its reader hardly sees.

The rule, for each picture (`image/...`):

1. One that the HTML shows by its Content-ID (RFC 2392) belongs to the text, wherever it stands, and is no document.
2. One that is sent as an attachment (`Content-Disposition: attachment`) is a document, however small.
3. One that is inline (`Content-Disposition: inline`, or a Content-ID within multipart/related, RFC 2387) and that the
   HTML doesn't show is left out if it is small: fewer than 40,000 pixels (200 x 200, some 2.5 cm on a fax), or, where
   its first bytes don't tell its size, less than 2 KB. These are tracking pixels, icons, logos of signatures whose HTML
   was lost on the way.
4. Any larger one is a document: Apple's Mail sends scans and photos inline. So is a TIFF of any size: it is what
   scanners and fax machines send, and an almost empty page of it is small.
5. A mail with nothing else in it is what its only picture shows: then even a small one is a document.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from gateway.mail.model import Part
from gateway.mail.picture import pixel_size

SMALL_PIXELS = 40_000
SMALL_BYTES = 2048
LARGEST_ENCODED = 256 * 1024  # bytes: no picture of so few pixels has more, so it needn't be decoded
_SHOWN = re.compile(r"""cid:([^"'\s<>)]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """A part that is no text of the mail, and what its place in the mail says of it."""

    part: Part
    in_related: bool = False
    encoded_size: int | None = None


@dataclass(frozen=True, slots=True)
class Sorted:
    documents: tuple[Part, ...]
    shown: dict[str, Part]  # by content id, in each form in which the HTML writes it
    left_out: tuple[str, ...]


def sort_files(files: Sequence[File], html: str | None, *, has_text: bool) -> Sorted:
    """What of the files is a document, what the HTML shows, and what is left out."""
    if all(file.part.content_id is None and file.part.disposition != "inline" for file in files):
        return Sorted(tuple([file.part for file in files]), {}, ())
    referred = _referred(html)
    shown: dict[str, Part] = {}
    rest = []
    for file in files:
        forms = referred.pop((file.part.content_id or "").lower(), None) if _can_be_shown(file) else None
        if forms is None:
            rest.append(file)
        else:
            shown |= dict.fromkeys(forms, file.part)
    small = [file for file in rest if _is_decoration(file)]
    if len(small) == len(rest) and not has_text:
        small = []
    documents = tuple(file.part for file in rest if not any(file is each for each in small))
    return Sorted(documents, shown, tuple(_clauses(small)))


def _referred(html: str | None) -> dict[str, list[str]]:
    """The content ids in the HTML, in lower case, with the forms in which it writes them (RFC 2392 §2)."""
    found: dict[str, list[str]] = {}
    if html is not None and "cid:" in html.lower():
        for form in dict.fromkeys(unescape(match[1]) for match in _SHOWN.finditer(html)):
            found.setdefault(unquote(form).lower(), []).append(form)
    return found


def _can_be_shown(file: File) -> bool:
    """A picture by its type or, where a mailer says nothing of that, by the HTML that it was sent with."""
    return file.part.declared_type.startswith("image/") or file.in_related


def _is_decoration(file: File) -> bool:
    part = file.part
    inline = part.disposition == "inline" or (part.disposition is None and file.in_related and part.content_id)
    if not inline or not part.declared_type.startswith("image/") or part.declared_type.startswith("image/tif"):
        return False
    if file.encoded_size is not None and file.encoded_size > LARGEST_ENCODED:
        return False
    content = part.content
    size = pixel_size(content)
    return len(content) < SMALL_BYTES if size is None else size[0] * size[1] < SMALL_PIXELS


def _clauses(pictures: Iterable[File]) -> Iterable[str]:
    for file in pictures:
        yield f"{file.part.filename or file.part.declared_type}: a small picture that the text doesn't show"
