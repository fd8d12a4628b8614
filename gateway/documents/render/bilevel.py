"""Grey to black and white: text by a threshold, photographs by error diffusion, decided tile by tile.

A threshold keeps letters crisp, and at 98 lines per inch they stay readable only so; but it turns a photograph into
blots. Diffusion keeps a photograph, but frays letters. Most pages with a photograph have text beside it, so the choice
is made for tiles of a few millimetres: the edges of letters are grey too, but never most of a tile.
"""

from PIL import Image, ImageChops, ImageFilter

from gateway.documents.render.paper import DPI_ACROSS, Resolution

# Ink is whatever is darker: above the middle, so that strokes that cover only half of a row at 98 dpi don't break.
INK_BELOW = 176
# The greys that make a tile a picture's. Lighter ones are backgrounds or highlights, darker ones are ink.
_GREYS = range(24, INK_BELOW)
_PICTURE = [255 if value in _GREYS else 0 for value in range(256)]
# The greys that a picture goes on in. What is lighter is paper: shading behind a whole page stays off it.
_TONES = range(24, 236)
_TONED = [255 if value in _TONES else 0 for value in range(256)]
_INK = [255 if value >= INK_BELOW else 0 for value in range(256)]
_TILE = 12  # pixels across: 1.5 mm
# The share of such greys that decides: grey letters stay below, shading behind letters is above.
_MOSTLY = [255 if value >= 0.6 * 255 else 0 for value in range(256)]


def to_bilevel(grey: Image.Image, resolution: Resolution) -> Image.Image:
    """Mode "L" in, mode "1" of the same size out."""
    page = grey.point(_INK, mode="1")
    pictures = picture_mask(grey, resolution)
    if pictures is not None:
        page.paste(_diffused(grey), mask=pictures)
    if not has_ink(page) and grey.point(_TONED).getbbox() is not None:
        return _diffused(grey)  # a pencil drawing: faint, but not a blank page
    return page


def has_ink(page: Image.Image) -> bool:
    """Whether a bilevel page has a single black pixel."""
    return page.getextrema()[0] == 0


def darker(page: Image.Image, other: Image.Image) -> Image.Image:
    """Both in one: black where either is."""
    return ImageChops.logical_and(page, other)


def _diffused(grey: Image.Image) -> Image.Image:
    return grey.convert("1", dither=Image.Dither.FLOYDSTEINBERG)


def picture_mask(grey: Image.Image, resolution: Resolution) -> Image.Image | None:
    """A mask (mode "1") of where pictures are, None where there are none: most pages."""
    across, down = _TILE, _TILE * resolution.dpi_down // DPI_ACROSS
    tiles = grey.point(_PICTURE).reduce((across, down)).point(_MOSTLY)
    # A few tiles together are a picture, one alone is a fat grey letter.
    tiles = tiles.filter(ImageFilter.MinFilter(3))
    if tiles.getbbox() is None:
        return None
    toned = grey.point(_TONED).reduce((across, down)).point(_MOSTLY)
    # The two tiles beside belong to it: rims, letters on it.
    tiles = _spread(tiles.filter(ImageFilter.MaxFilter(3)), toned).filter(ImageFilter.MaxFilter(5))
    mask = tiles.resize((tiles.width * across, tiles.height * down), Image.Resampling.NEAREST)
    return mask.crop((0, 0, *grey.size)).convert("1")


def _spread(tiles: Image.Image, ground: Image.Image) -> Image.Image:
    """`tiles` grown over all of `ground` that hangs together with them; both of mode "L", 0 or 255."""
    while True:
        grown = ImageChops.lighter(tiles, ImageChops.darker(tiles.filter(ImageFilter.MaxFilter(3)), ground))
        if ImageChops.difference(grown, tiles).getbbox() is None:
            return tiles
        tiles = grown
