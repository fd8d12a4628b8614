"""What of a page a fax machine can't show: light grey that turns white, photographs that turn into dots.

For people who look at a page before it is sent; the page itself is as ``to_bilevel`` makes it.
"""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from gateway.documents.render.bilevel import INK_BELOW, picture_mask
from gateway.documents.render.paper import Resolution

_PAPER_FROM = 240  # lighter greys are the white of a scan
_FAINT = [255 if INK_BELOW <= value < _PAPER_FROM else 0 for value in range(256)]
# The greys around letters are no loss: what lies within so many pixels of ink.
_EDGE = 5
_MUCH_FAINT = 0.002  # of the page: a line of text in light grey
_MUCH_PICTURE = 0.05  # of the page


@dataclass(frozen=True, slots=True)
class Legibility:
    """Shares of the page's area, 0 to 1."""

    faint: float  # marks that don't print
    pictures: float  # photographs and shading, that print as dots

    @property
    def notes(self) -> tuple[str, ...]:
        found = []
        if self.faint >= _MUCH_FAINT:
            found.append("parts of it are so light that they don't print")
        if self.pictures >= _MUCH_PICTURE:
            found.append("pictures or shading print as black dots")
        return tuple(found)


def legibility(grey: Image.Image, page: Image.Image, resolution: Resolution) -> Legibility:
    """Of a page of mode "L" and what ``to_bilevel`` made of it."""
    mask = picture_mask(grey, resolution)
    faint = ImageChops.darker(grey.point(_FAINT), _away_from_ink(page))
    if mask is not None:
        faint = ImageChops.darker(faint, ImageChops.invert(mask.convert("L")))
    return Legibility(_share(faint), _share(mask.convert("L")) if mask is not None else 0.0)


def _away_from_ink(page: Image.Image) -> Image.Image:
    return page.convert("L").filter(ImageFilter.MinFilter(_EDGE))


def _share(mask: Image.Image) -> float:
    return mask.histogram()[255] / (mask.width * mask.height)
