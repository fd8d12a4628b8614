"""Text crisp, pictures diffused, on the same page."""

import pytest
from PIL import Image, ImageDraw

from gateway.documents.render.bilevel import has_ink, to_bilevel
from gateway.documents.render.paper import Resolution

BOTH = pytest.mark.parametrize("resolution", list(Resolution))


@BOTH
def test_text_is_a_plain_threshold(resolution: Resolution) -> None:
    page = Image.new("L", (1000, 400), 255)
    ImageDraw.Draw(page).text((20, 20), "Lorem ipsum\ndolor sit", fill=0, font_size=30)
    crisp = page.point([255 if value >= 176 else 0 for value in range(256)], mode="1")
    assert to_bilevel(page, resolution).tobytes() == crisp.tobytes()


@BOTH
def test_a_picture_keeps_its_tones(resolution: Resolution) -> None:
    ramp = Image.linear_gradient("L").resize((800, 800))
    page = to_bilevel(ramp, resolution).convert("L")
    for top in range(100, 700, 100):
        box = (100, top, 700, top + 50)
        assert mean(page.crop(box)) == pytest.approx(mean(ramp.crop(box)), abs=12)


@BOTH
def test_text_beside_a_picture_stays_crisp(resolution: Resolution) -> None:
    page = Image.new("L", (1700, 1000), 255)
    page.paste(Image.linear_gradient("L").resize((600, 600)), (0, 300))
    ImageDraw.Draw(page).text((1000, 20), "Lorem ipsum", fill=0, font_size=30)
    box = (900, 0, 1700, 1000)
    crisp = page.crop(box).point([255 if value >= 176 else 0 for value in range(256)], mode="1")
    assert to_bilevel(page, resolution).crop(box).tobytes() == crisp.tobytes()


@BOTH
@pytest.mark.parametrize(("background", "shows"), [(255, 255), (240, 255), (200, 255), (0, 0)])
def test_backgrounds(resolution: Resolution, background: int, shows: int) -> None:
    page = Image.new("L", (400, 400), background)
    ImageDraw.Draw(page).text((20, 20), "text", fill=255 - background if background in {0, 255} else 0, font_size=40)
    drawn = to_bilevel(page, resolution)
    assert drawn.getpixel((390, 390)) == shows
    assert drawn.getextrema() == (0, 255)


@BOTH
def test_letters_on_dark_shading_are_not_drowned(resolution: Resolution) -> None:
    page = Image.new("L", (600, 300), 255)
    draw = ImageDraw.Draw(page)
    draw.rectangle((100, 100, 500, 200), fill=136)
    draw.rectangle((290, 120, 300, 180), fill=0)
    drawn = to_bilevel(page, resolution).convert("L")
    assert mean(drawn.crop((292, 125, 299, 175))) < 10
    assert 80 < mean(drawn.crop((150, 110, 280, 190))) < 200


@BOTH
def test_a_faint_page_is_not_a_blank_one(resolution: Resolution) -> None:
    page = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(page).text((20, 20), "pencil", fill=200, font_size=90)
    assert has_ink(to_bilevel(page, resolution))
    assert not has_ink(to_bilevel(Image.new("L", (400, 400), 255), resolution))
    assert not has_ink(to_bilevel(Image.new("L", (400, 400), 246), resolution))


def mean(image: Image.Image) -> float:
    histogram = image.histogram()
    return sum(value * count for value, count in enumerate(histogram)) / sum(histogram)
