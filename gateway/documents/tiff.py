"""TIFFs (TIFF 6.0): a fax's own pages go out as they are, all others are drawn anew as such."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image, TiffImagePlugin

from gateway.documents.finding import DocumentLimits, Fault, Sound
from gateway.documents.render import Paper, RenderError, RenderOptions, Resolution, SourceDocument, render_fax

DRAWN_ANEW = "its pages have been drawn anew in black and white (Group 4)"
DAMAGED = Fault("is a damaged TIFF")
_COMPRESSION = 259
_GROUP_3, _GROUP_4 = 3, 4  # TIFF 6.0 §11: ITU-T T.4 and T.6
_CLASSIC = (b"II*\x00", b"MM\x00*")  # TIFF 6.0 §2; BigTIFF has 43 instead of 42


def inspect_tiff(content: bytes, limits: DocumentLimits) -> Sound | Fault:
    """Reads every pixel. Only for a process with one thread; raises what Pillow raises for broken files."""
    plain = content.startswith(_CLASSIC)
    pages = 0
    with Image.open(io.BytesIO(content), formats=("TIFF",)) as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        for _ in _each_page(image):
            pages += 1
            if pages > limits.pages:
                return Fault(f"has more than {limits.pages} pages")
            if image.width * image.height > limits.pixels:
                return too_many_pixels(image, limits)
            compression = image.tag_v2.get(_COMPRESSION)
            with _errors_of_libtiff() as any_error:
                image.load()
                broken = any_error()
            if broken:
                if compression != _GROUP_3:
                    return DAMAGED
                plain = False  # a few bad lines from a noisy call: each of Group 3's stands for itself
            plain = plain and image.mode == "1" and compression in (_GROUP_3, _GROUP_4)
    return Sound(pages, None if plain else DRAWN_ANEW)


def normalised_tiff(content: bytes, paper: Paper) -> bytes | Fault:
    """All pages as a fax has them: Group 4, 1728 pixels wide, 204 by 196 dpi."""
    try:
        options = RenderOptions(paper=paper, resolution=Resolution.HIGH)
        return render_fax([SourceDocument("document.tif", content)], options=options).tiff
    except RenderError as error:
        return Fault(error.reason)


def too_many_pixels(image: Image.Image, limits: DocumentLimits) -> Fault:
    million = limits.pixels / 1_000_000
    return Fault(f"has {image.width} x {image.height} pixels; at most {million:g} million can be faxed")


def _each_page(image: TiffImagePlugin.TiffImageFile) -> Iterator[None]:
    """Goes from page to page; ``n_frames`` would read the directories of all, however many there are."""
    page = 0
    while True:
        try:
            image.seek(page)
        except EOFError:
            return
        yield
        page += 1


@contextmanager
def _errors_of_libtiff() -> Iterator[Callable[[], bool]]:
    """Whether libtiff wrote something to standard error: its only word for pixels that it could not decode."""
    said = os.memfd_create("libtiff")  # a converter process can make no file
    before = os.dup(2)
    os.dup2(said, 2)
    try:
        yield lambda: os.fstat(said).st_size > 0
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(said)
