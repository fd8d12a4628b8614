"""Grey to black and white: text by a threshold, photographs by error diffusion, decided tile by tile.

A threshold keeps letters crisp, and at 98 lines per inch they stay readable only so; but it turns a photograph into
blots. Diffusion keeps a photograph, but frays letters. Most pages with a photograph have text beside it, so the choice
is made for tiles of a few millimetres: the edges of letters are grey too, but never most of a tile.
"""

from PIL import Image, ImageChops, ImageFilter

# Ink is whatever is darker: above the middle, so that strokes that cover only half of a row at 98 dpi don't break.
INK_BELOW = 176
# The greys that count as a picture's. Lighter ones are backgrounds, darker ones are ink.
_MIDDLE = range(40, INK_BELOW)
_TILE = 24  # pixels: 3 mm across
_MOSTLY = 0.62 * 255


def to_bilevel(grey: Image.Image) -> Image.Image:
    """Mode "L" in, mode "1" of the same size out."""
    crisp = grey.point(_threshold, mode="1")
    photo = _photo_mask(grey)
    if photo is None:
        return crisp
    diffused = grey.convert("1", dither=Image.Dither.FLOYDSTEINBERG)
    crisp.paste(diffused, mask=photo)
    return crisp


def has_ink(page: Image.Image) -> bool:
    """Whether a bilevel page has a single black pixel."""
    return page.getextrema()[0] == 0


def darker(page: Image.Image, other: Image.Image) -> Image.Image:
    """Both in one: black where either is."""
    return ImageChops.logical_and(page, other)


def _threshold(value: int) -> int:
    return 255 if value >= INK_BELOW else 0


def _photo_mask(grey: Image.Image) -> Image.Image | None:
    middle = grey.point([255 if value in _MIDDLE else 0 for value in range(256)])
    density = middle.reduce(_TILE)
    if density.getextrema()[1] < _MOSTLY:
        return None
    tiles = density.point([255 if value >= _MOSTLY else 0 for value in range(256)])
    # A tile alone is a fat grey letter; a picture is at least a few tiles, and its rim belongs to it.
    tiles = tiles.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.MaxFilter(5))
    if tiles.getbbox() is None:
        return None
    whole = tiles.resize((tiles.width * _TILE, tiles.height * _TILE), Image.Resampling.NEAREST)
    return whole.crop((0, 0, *grey.size)).convert("1")
