"""Pages of a TIFF (TIFF 6.0): any compression and colour that libtiff reads, any size, square pixels or not."""

import io
import warnings
from types import TracebackType
from typing import Self

from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from gateway.documents.render.bilevel import to_bilevel
from gateway.documents.render.paper import DPI_ACROSS, WIDTH, Sheet, place
from gateway.documents.render.source import RenderError

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
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow warns of broken metadata; the pixels decide
                self._image.seek(index)
                self._image.load()
                return self._placed(sheet, below)
        except Image.DecompressionBombError as error:
            raise RenderError(self._name, f"has more pixels than can be opened (page {index + 1})") from error
        except _BROKEN as error:
            raise RenderError(self._name, f"is a damaged TIFF (page {index + 1})") from error

    def _placed(self, sheet: Sheet, below: int) -> Image.Image:
        dpi = _dpi(self._image)
        page = Image.new("1", (WIDTH, sheet.rows), 1)
        if self._image.mode == "1" and not below and _is_fax_page(self._image, dpi, sheet):
            page.paste(self._image, (0, 0))  # pixel for pixel: scaling would fray what is already a fax
            return page
        grey = _grey(self._image)
        width, height = (grey.width / dpi[0], grey.height / dpi[1]) if dpi else (grey.width, grey.height)
        if dpi is None:  # a size in pixels alone says only the shape: let it fill the sheet
            width, height = width * 1000, height * 1000
        where = place((width, height), sheet, below=below)
        if where.turned:
            grey = grey.transpose(Image.Transpose.ROTATE_90)
        scaled = grey.resize((where.width, where.rows), Image.Resampling.BOX, reducing_gap=None)
        page.paste(to_bilevel(scaled), (where.left, where.top))
        return page

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._image.close()


def _dpi(image: TiffImagePlugin.TiffImageFile) -> tuple[float, float] | None:
    """Dots per inch across and down of the page as it stands, None where the file doesn't say or can't mean it."""
    found = image.info.get("dpi")
    if found is None:
        return None
    across, down = (float(each) for each in found)
    if not (10 <= across <= 10_000 and 10 <= down <= 10_000):  # noqa: PLR2004 - 1 dpi and the like are placeholders
        return None
    # Pillow has turned the pixels upright by now, but not the resolution.
    return (down, across) if image.tag_v2.get(_ORIENTATION) in _SIDEWAYS else (across, down)


def _is_fax_page(image: Image.Image, dpi: tuple[float, float] | None, sheet: Sheet) -> bool:
    """Whether this is a page of our raster already; sizes within 2 % are the metric and the inch reading of T.4."""
    if image.width != WIDTH or dpi is None:
        return False
    fits = abs(dpi[0] / DPI_ACROSS - 1) < 0.02 and abs(dpi[1] / sheet.resolution.dpi_down - 1) < 0.02  # noqa: PLR2004
    if not fits:
        return False
    if image.height <= sheet.rows:
        return True
    below = image.crop((0, sheet.rows, WIDTH, image.height))
    return below.getextrema()[0] != 0  # only white rows hang over


def _grey(image: Image.Image) -> Image.Image:
    """Mode "L"; transparent is white paper."""
    if image.mode.startswith(("I", "F")):
        low, high = image.getextrema()
        top = 65535 if image.mode.startswith("I;16") or high > 255 else 255  # noqa: PLR2004
        span = float(high - low) if image.mode == "F" and high > low else float(top)
        return image.convert("F").point(lambda value: value * (255 / span) + 0).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("L")
    return image.convert("L") if image.mode in {"1", "L", "RGB"} else image.convert("RGB").convert("L")
