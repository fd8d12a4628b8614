"""TIFF of every kind onto the sheet."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from gateway.documents.render import RenderError, RenderOptions, Resolution, SourceDocument

Faxed = Callable[..., list[Image.Image]]
Made = Callable[..., bytes]
Inked = Callable[[Image.Image], tuple[int, int, int, int] | None]


@pytest.mark.parametrize("compression", [None, "group3", "group4", "packbits", "tiff_lzw", "tiff_adobe_deflate"])
def test_compressions(compression: str | None, tiff: Made, faxed: Faxed) -> None:
    pages = faxed(SourceDocument("a.tif", tiff(compression=compression, dpi=(204, 98), pages=2)))
    [plain, _] = faxed(SourceDocument("a.tif", tiff(dpi=(204, 98), pages=2)))
    assert [page.tobytes() for page in pages] == [plain.tobytes()] * 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I", "F"])
def test_colours(mode: str, tiff: Made, faxed: Faxed, inked: Inked) -> None:
    if mode in {"LAB", "I;16", "F", "I"}:
        grey = Image.new("L", (800, 1100), 255)
        grey.paste(0, (100, 100, 400, 200))
        image = {
            "LAB": lambda: Image.merge("LAB", (grey, Image.new("L", grey.size, 0), Image.new("L", grey.size, 0))),
            "I;16": lambda: grey.convert("I").point(lambda value: value * 257).convert("I;16"),
            "I": lambda: grey.convert("I"),
            "F": lambda: grey.convert("F"),
        }[mode]()
        target = io.BytesIO()
        image.save(target, "TIFF", dpi=(100, 100))
        content = target.getvalue()
    else:
        content = tiff((800, 1100), mode=mode, dpi=(100, 100))
    [page] = faxed(SourceDocument("a.tif", content))
    box = inked(page)
    assert box is not None
    assert box[2] < 1500
    assert box[3] < 1000  # black on white, not the other way round


def test_a_page_of_our_own_raster_passes_pixel_for_pixel(tiff: Made, faxed: Faxed) -> None:
    content = tiff((1728, 1145), dpi=(204, 98), compression="group4")
    [page] = faxed(SourceDocument("a.tif", content), options=RenderOptions(resolution=Resolution.LOW))
    with Image.open(io.BytesIO(content)) as image:
        assert page.tobytes() == image.tobytes()


@pytest.mark.parametrize("dpi", [(204, 98), (204, 196), (200, 200), (100, 100), (300, 600), None])
@pytest.mark.parametrize("resolution", list(Resolution))
def test_shape_is_kept(dpi: tuple[int, int] | None, resolution: Resolution, faxed: Faxed, inked: Inked) -> None:
    across, down = dpi or (100, 100)
    square = Image.new("1", (8 * across, 11 * down), 1)
    square.paste(0, (across, across and down, 3 * across, 3 * down))  # two inches by two
    target = io.BytesIO()
    square.save(target, "TIFF", **({"dpi": dpi} if dpi else {}))
    [page] = faxed(SourceDocument("a.tif", target.getvalue()), options=RenderOptions(resolution=resolution))
    box = inked(page)
    assert box is not None
    assert (box[2] - box[0]) / 204 == pytest.approx((box[3] - box[1]) / resolution.dpi_down, rel=0.02)


def test_landscape_is_turned(tiff: Made, faxed: Faxed, inked: Inked) -> None:
    [page] = faxed(SourceDocument("a.tif", tiff((1169, 827), mode="L", dpi=(100, 100))))
    box = inked(page)
    assert box is not None
    left, top, right, bottom = box
    assert bottom - top > right - left  # the word runs upwards,
    assert top > 2291 / 2  # from the lower left


def test_a_truncated_file(tiff: Made, faxed: Faxed) -> None:
    content = tiff((1000, 1000), mode="RGB", dpi=(100, 100))
    with pytest.raises(RenderError, match="damaged"):
        faxed(SourceDocument("a.tif", content[: len(content) // 2]))
