"""Pages of a TIFF (TIFF 6.0): any compression and colour that libtiff reads, any size, square pixels or not."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from gateway.documents.render.bilevel import has_ink, to_bilevel
from gateway.documents.render.paper import DPI_ACROSS, WIDTH, Placement, Sheet, place
from gateway.documents.render.source import RenderError

_LEAST_DPI = 10  # a page of less is a placeholder's: 1 dpi, say
_SAME = 0.02  # the metric and the inch reading of ITU-T T.4 differ by less
_ORIENTATION = 274
_SIDEWAYS = frozenset({5, 6, 7, 8})  # TIFF 6.0, Orientation: the 0th row is a side of the page
# What Pillow raises for broken files; SyntaxError is its word for a bad header.
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, MemoryError, Image.DecompressionBombError)


class TiffPages:
    """An opened TIFF; `name` is the document's for errors. Raises RenderError: damaged, no TIFF, too many pixels."""

    def __init__(self, name: str, content: bytes) -> None:
        self._name = name
        try:
            image = Image.open(io.BytesIO(content), formats=("TIFF",))
        except Image.DecompressionBombError as error:
            raise RenderError(name, "has more pixels than can be opened") from error
        except (UnidentifiedImageError, *_BROKEN) as error:
            raise RenderError(name, "is no TIFF or a damaged one") from error
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        self._image = image
        try:
            self._count = image.n_frames
        except _BROKEN as error:
            image.close()
            raise RenderError(name, "is a damaged TIFF") from error

    @property
    def count(self) -> int:
        return self._count

    def draw(self, index: int, sheet: Sheet, below: int = 0) -> Image.Image:
        with self._at(index):
            return self._placed(sheet, below)

    def shades(self, index: int, sheet: Sheet) -> Image.Image | None:
        with self._at(index):
            if self._image.mode == "1":
                return None
            grey, where = self._scaled(sheet, 0)
            page = Image.new("L", (WIDTH, sheet.rows), 255)
            page.paste(grey, (where.left, where.top))
            return page

    @contextmanager
    def _at(self, index: int) -> Iterator[None]:
        try:
            self._image.seek(index)
            self._image.load()
            yield
        except Image.DecompressionBombError as error:
            raise RenderError(self._name, f"has more pixels than can be opened (page {index + 1})") from error
        except _BROKEN as error:
            raise RenderError(self._name, f"is a damaged TIFF (page {index + 1})") from error

    def _placed(self, sheet: Sheet, below: int) -> Image.Image:
        across, down = _dpi(self._image)
        page = Image.new("1", (WIDTH, sheet.rows), 1)
        if self._image.mode == "1" and not below and _is_fax_page(self._image, (across, down), sheet):
            page.paste(self._image, (0, 0))  # pixel for pixel: scaling would fray what is already a fax
            return page
        grey, where = self._scaled(sheet, below)
        page.paste(to_bilevel(grey, sheet.resolution), (where.left, where.top))
        return page

    def _scaled(self, sheet: Sheet, below: int) -> tuple[Image.Image, Placement]:
        across, down = _dpi(self._image)
        grey = _grey(self._image)
        where = place((grey.width / across, grey.height / down), sheet, below=below)
        if where.turned:
            grey = grey.transpose(Image.Transpose.ROTATE_90)
        return grey.resize((where.width, where.rows), Image.Resampling.BOX), where

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._image.close()


def _dpi(image: TiffImagePlugin.TiffImageFile) -> tuple[float, float]:
    """Dots per inch across and down of the page as it stands.

    Where the file gives no unit (TIFF 6.0, ResolutionUnit 1) or nonsense, only its shape is known: the numbers are then
    so small that the page is larger than any sheet, and fills it.
    """
    across, down = (float(each) for each in image.info.get("dpi") or image.info.get("resolution") or (1, 1))
    if not (across > 0 and down > 0):
        across = down = 1
    if "dpi" not in image.info or min(across, down) < _LEAST_DPI:
        across, down = across / max(across, down), down / max(across, down)
    # Pillow has turned the pixels upright by now, but not the resolution.
    return (down, across) if image.tag_v2.get(_ORIENTATION) in _SIDEWAYS else (across, down)


def _is_fax_page(image: Image.Image, dpi: tuple[float, float], sheet: Sheet) -> bool:
    """Whether this is a page of our raster already."""
    raster = (DPI_ACROSS, sheet.resolution.dpi_down)
    if image.width != WIDTH or any(abs(has / wants - 1) > _SAME for has, wants in zip(dpi, raster, strict=True)):
        return False
    below = image.crop((0, sheet.rows, WIDTH, max(image.height, sheet.rows + 1)))  # what hangs over must be white;
    return image.height <= sheet.rows or not has_ink(below)  # crop's own filling is black


def _grey(image: Image.Image) -> Image.Image:
    """Mode "L"; transparent is white paper."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")
    if image.mode in {"I", "F"}:  # no fixed range: stretch what is there
        darkest, lightest = image.getextrema()
        assert isinstance(darkest, int | float)
        assert isinstance(lightest, int | float)
        factor = 255 / (lightest - darkest) if lightest > darkest else 1
        return image.convert("F").point(lambda value: value * factor - darkest * factor).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("L")
    if image.mode == "LAB":
        return image.getchannel("L")
    return image.convert("L") if image.mode in {"1", "L"} else image.convert("RGB").convert("L")
