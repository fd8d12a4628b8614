"""Pictures become PDFs of one page: their bytes as they are where a PDF can hold them, upright, fitted to the paper."""

import io
from typing import Any

import img2pdf
import pi_heif
from PIL import Image, ImageOps

from gateway.documents.finding import DocumentLimits, Fault, Sound
from gateway.documents.render import Paper
from gateway.documents.tiff import too_many_pixels

MADE_A_PDF = "the picture has been put on a page of a PDF"
FIRST_ONLY = "the first of its pictures has been put on a page of a PDF"

_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "HEIF")
_ORIENTATION = 274  # Exif 2.32 §4.6.4, as in TIFF 6.0
_TURNS = frozenset({1, 3, 6, 8})  # the others are mirrored, which no page of a PDF can be
_SIDEWAYS = frozenset({5, 6, 7, 8})
_POINTS = 72  # an inch; and the fewest pixels an inch that a small picture is blown up to
_LONGEST_SIDE = 3508  # pixels: A4 at 300 dpi, more than any fax shows
_LOSSY = frozenset({"JPEG", "MPO", "WEBP", "HEIF"})
_PNG_DEPTH = 24  # PNG §11.2.1: where IHDR has the bits of a sample


def inspect_image(content: bytes, limits: DocumentLimits) -> Sound | Fault:
    """Decodes it; raises what Pillow raises for broken files."""
    with _opened(content) as image:
        if image.width * image.height > limits.pixels:
            return too_many_pixels(image, limits)
        several = bool(getattr(image, "is_animated", False)) and image.format != "MPO"  # there the others are previews
        if image.format in {"JPEG", "MPO"}:
            image.draft(None, (1, 1))  # every bit is read, but an eighth of each side decoded
        image.load()
    return Sound(1, FIRST_ONLY if several else MADE_A_PDF)


def image_pdf(content: bytes, paper: Paper) -> bytes:
    """Raises what Pillow and img2pdf raise for broken files."""
    with _opened(content) as image:
        fits = _fits_a_pdf(image, content)
        turned = fits and image.getexif().get(_ORIENTATION) in _SIDEWAYS
        source = content if fits else _redrawn(image)

    def layout(width: int, height: int, dpi: tuple[float, float]) -> tuple[float, float, float, float]:
        # Before the turn, which concerns page and picture alike.
        size = _page_and_picture((height, width) if turned else (width, height), dpi[::-1] if turned else dpi, paper)
        (page_width, page_height), (across, down) = size
        return (page_height, page_width, down, across) if turned else (page_width, page_height, across, down)

    pdf = img2pdf.convert(
        source,
        layout_fun=layout,
        rotation=img2pdf.Rotation.ifvalid,
        engine=img2pdf.Engine.internal,
        nodate=True,  # the same picture makes the same document
    )
    assert isinstance(pdf, bytes)
    return pdf


def _opened(content: bytes) -> Image.Image:
    pi_heif.register_heif_opener()
    return Image.open(io.BytesIO(content), formats=_FORMATS)


def _fits_a_pdf(image: Image.Image, content: bytes) -> bool:
    """Whether a PDF can hold its bytes (ISO 32000-1 §7.4: DCTDecode, FlateDecode with PNG's predictors)."""
    if image.getexif().get(_ORIENTATION, 1) not in _TURNS:
        return False
    match image.format:
        case "JPEG" | "MPO":
            return image.mode in {"L", "RGB", "CMYK"}
        case "PNG":
            opaque = image.mode in {"1", "L", "RGB", "P"} and not image.has_transparency_data
            return opaque and content[_PNG_DEPTH] <= 8  # noqa: PLR2004 - bits of a byte
        case _:
            return False


def _redrawn(image: Image.Image) -> bytes:
    """Its first picture upright, on white, no larger than a fax needs it, as JPEG or PNG."""
    lossy = image.format in _LOSSY
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    elif upright.mode.startswith("I"):
        upright = upright.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")  # 16 bits of grey
    elif upright.mode not in {"1", "L", "RGB"}:
        upright = upright.convert("RGB")
    if upright.mode != "1":
        upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    options: dict[str, Any] = {"quality": 92} if lossy else {}
    upright.info.clear()  # what it says of colours, transparency and resolution is of the former picture
    upright.save(target, "JPEG" if lossy else "PNG", **options)
    return target.getvalue()


def _page_and_picture(
    pixels: tuple[int, int], dpi: tuple[float, float], paper: Paper
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Width and height of the page and of the picture on it, in points.

    The page lies where the picture is wider than high, unless it is small enough for a page that stands.
    """
    across, down = (side * _POINTS for side in paper.inches)
    width, height = float(pixels[0]), float(pixels[1])
    shape = dpi[0] / dpi[1] if min(dpi) > 0 else 1
    if 1 / 3 < shape < 3:  # noqa: PLR2004 - a fax's own pixels are twice as high as wide
        height *= shape
    if width > height and width > across:
        across, down = down, across
    scale = min(across / width, down / height, 1)
    return (across, down), (width * scale, height * scale)
