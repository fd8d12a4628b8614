"""Pictures become PDFs of one page: upright, fitted to the paper, their bytes as they are where a PDF can hold them."""

import base64
import io
import struct
import zlib
from typing import Any

import pikepdf
import pytest
from PIL import Image

from gateway.documents.conversion import convert, inspect
from gateway.documents.finding import DocumentLimits, Fault, PaperFormat, Sound
from gateway.documents.image import FIRST_ONLY, MADE_A_PDF
from gateway.documents.render import RenderOptions, Resolution, SourceDocument, pages_as_png, render_fax
from gateway.documents.sniff import Kind, sniff

LIMITS = DocumentLimits()
A4 = (595, 842)
LETTER = (612, 792)
# A white picture of 300 by 400 pixels with a black square in its upper right corner.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA"
    "AERAAAEAAQAAAAABewABAAAAAAAAAFMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA12lwcnAAAAC4"
    "aXBjbwAAAHlodmNDAQNwAAAAkAAAAAAAPPAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAPLoCQGEAAQAsQgEBA3AAAAMAkAAAAwAA"
    "AwA8oAmIBkd+W6kkprm4CGgwIAAAAwMgAAADACFiAAEAB0QBwXKwYkAAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAABLAAAAZAAAAAQ"
    "cGl4aQAAAAADCAgIAAAAF2lwbWEAAAAAAAAAAQABBIECAwQAAABbbWRhdAAAAE8oAa8EE5aoScxo/B3XPpvVl7cIyrGSlIX/+RaBGoDXgKgpLQ41"
    "VAvhgZMO9YBGK4AAWcCHAAADAABGwAAAAwAABWwAAAMAAC2gAAADAAHd"
)


def made(content: bytes, paper: PaperFormat = "A4") -> bytes:
    """The PDF of a picture that was found sound, as a document of its own would be."""
    assert inspect(Kind.IMAGE, content, LIMITS) in (Sound(1, MADE_A_PDF), Sound(1, FIRST_ONLY))
    pdf = convert(Kind.IMAGE, content, paper)
    assert isinstance(pdf, bytes)
    assert inspect(Kind.PDF, pdf, LIMITS) == Sound(1)
    return pdf


def page_size(pdf: bytes) -> tuple[int, int]:
    """In points, as the page is looked at."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        page = opened.pages[0]
        _, _, width, height = (round(float(each)) for each in page.mediabox)
        return (height, width) if page.obj.get("/Rotate", 0) % 180 else (width, height)


def faxed(pdf: bytes) -> Image.Image:
    fax = render_fax([SourceDocument("a.pdf", pdf)], options=RenderOptions(resolution=Resolution.LOW))
    (png,) = pages_as_png(fax.tiff)
    return Image.open(io.BytesIO(png))


def ink_of_quarters(page: Image.Image) -> list[bool]:
    """Whether there is ink: upper left, upper right, lower left, lower right; what blurs the middle is left out."""
    across, down = int(page.width * 0.45), int(page.height * 0.45)
    right, bottom = page.width - across, page.height - down
    corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)]
    return [page.crop((x, y, x + across, y + down)).getextrema()[0] == 0 for x, y in corners]


UPPER_RIGHT = [False, True, False, False]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P"])
def test_every_kind_of_picture_lands_upright_on_a_page(documents: Any, form: str, mode: str) -> None:
    if form == "JPEG" and mode in {"1", "P"}:
        mode = "L"
    content = documents.saved(documents.picture(mode=mode), form)
    assert sniff(content, declared_type="application/octet-stream", filename=None, charset=None).kind is Kind.IMAGE
    pdf = made(content)
    assert page_size(pdf) == A4
    assert ink_of_quarters(faxed(pdf)) == UPPER_RIGHT


def test_heic() -> None:
    assert sniff(HEIC, declared_type="application/octet-stream", filename=None, charset=None).kind is Kind.IMAGE
    pdf = made(HEIC)
    assert page_size(pdf) == A4
    assert ink_of_quarters(faxed(pdf)) == UPPER_RIGHT


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_that_was_turned_makes_an_upright_page(documents: Any, orientation: int, form: str) -> None:
    pdf = made(documents.turned(orientation, form))
    assert page_size(pdf) == A4
    assert ink_of_quarters(faxed(pdf)) == UPPER_RIGHT


@pytest.mark.parametrize(
    ("pixels", "paper", "page"),
    [
        ((900, 1200), "A4", A4),
        ((1200, 900), "A4", A4[::-1]),
        ((900, 1200), "LETTER", LETTER),
        ((1200, 900), "LETTER", LETTER[::-1]),
        ((1000, 1000), "A4", A4),
        ((300, 200), "A4", A4),  # small enough for a page that stands
    ],
)
def test_the_page_lies_where_the_picture_does(
    documents: Any, pixels: tuple[int, int], paper: PaperFormat, page: tuple[int, int]
) -> None:
    assert page_size(made(documents.saved(documents.picture(*pixels), "JPEG"), paper)) == page


@pytest.mark.parametrize(
    ("pixels", "options", "points"),
    [
        ((2480, 3508), {}, A4),
        ((1000, 1000), {}, (595, 595)),
        ((300, 200), {}, (300, 200)),  # an inch has no fewer than 72 pixels
        ((1728, 1145), {"dpi": (204, 98)}, (595, 821)),  # a fax's pixels are twice as high as wide
    ],
)
def test_a_picture_is_fitted_to_the_page(
    documents: Any, pixels: tuple[int, int], options: dict[str, Any], points: tuple[int, int]
) -> None:
    pdf = made(documents.saved(documents.picture(*pixels, "1"), "PNG", **options))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        matrix = opened.pages[0].Contents.read_bytes().split(b"cm")[0].split()
    assert (round(float(matrix[-6])), round(float(matrix[-3]))) == pytest.approx(points, abs=1)


def test_a_jpeg_and_a_png_are_held_as_they_are(documents: Any) -> None:
    for form, filtered in (("JPEG", "/DCTDecode"), ("PNG", "/FlateDecode")):
        content = documents.saved(documents.picture(), form)
        with pikepdf.open(io.BytesIO(made(content))) as opened:
            (image,) = opened.pages[0].get_images().values()
            assert str(image.Filter) == filtered
            assert image.read_raw_bytes() in content


def test_the_same_picture_makes_the_same_document(documents: Any) -> None:
    content = documents.saved(documents.picture(), "PNG")
    assert made(content) == made(content)


def test_transparent_is_white_paper() -> None:
    image = Image.new("RGBA", (300, 400), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (200, 0, 300, 100))
    for form in ("PNG", "WEBP"):
        content = io.BytesIO()
        image.save(content, form)
        assert ink_of_quarters(faxed(made(content.getvalue()))) == UPPER_RIGHT


def test_sixteen_bits_of_grey(documents: Any) -> None:
    wide = documents.picture(mode="L").convert("I").point(lambda value: value * 257).convert("I;16")
    assert ink_of_quarters(faxed(made(documents.saved(wide, "PNG")))) == UPPER_RIGHT


def test_of_a_moving_picture_the_first_one_is_faxed_and_that_is_said(documents: Any) -> None:
    others = [Image.new("RGB", (300, 400), "black")] * 3
    for form in ("GIF", "WEBP", "PNG"):
        content = documents.saved(documents.picture(), form, save_all=True, append_images=others)
        assert inspect(Kind.IMAGE, content, LIMITS) == Sound(1, FIRST_ONLY)
        assert ink_of_quarters(faxed(made(content))) == UPPER_RIGHT


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_a_picture_of_which_a_part_is_missing_is_refused(documents: Any, form: str) -> None:
    content = documents.saved(documents.picture(), form)
    damaged = Fault("is a damaged picture")
    assert inspect(Kind.IMAGE, content[: len(content) * 2 // 3], LIMITS) == damaged
    assert inspect(Kind.IMAGE, content[:30], LIMITS) == damaged


def huge_png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 12_000, 100_000])
def test_more_pixels_than_are_allowed_are_not_decoded(side: int) -> None:
    found = inspect(Kind.IMAGE, huge_png(side), LIMITS)
    assert isinstance(found, Fault)
    assert "50 million" in found.reason
