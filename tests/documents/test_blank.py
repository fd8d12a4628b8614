"""Blank pages go, specks and all; whatever has a letter stays, and a document that is blank as a whole."""

import io

import pikepdf
import pytest
from PIL import Image, ImageDraw

from gateway.documents.blank import is_blank, without_blank_pages
from gateway.documents.conversion import leave_out_blanks
from gateway.documents.converter import Converters
from gateway.documents.finding import DocumentLimits
from gateway.documents.sniff import Kind


def page(*, words: bool = False, specks: int = 0, number: bool = False) -> Image.Image:
    """A page of a scanner at 204 by 196 dpi."""
    image = Image.new("1", (1728, 2292), 1)
    draw = ImageDraw.Draw(image)
    for each in range(specks):
        draw.point((100 + each * 37 % 1500, 80 + each * 91 % 2100), fill=0)
    if number:
        draw.text((860, 2200), "- 2 -", fill=0, font_size=24)
    if words:
        draw.text((200, 300), "Guten Tag", fill=0, font_size=60)
    return image


def tiff(*pages: Image.Image) -> bytes:
    target = io.BytesIO()
    first, *others = pages
    first.save(target, "TIFF", compression="group4", save_all=True, append_images=others, dpi=(204, 196))
    return target.getvalue()


def pdf(*pages: Image.Image) -> bytes:
    target = io.BytesIO()
    first, *others = pages
    first.save(target, "PDF", resolution=204, save_all=True, append_images=others)
    return target.getvalue()


@pytest.mark.parametrize(
    ("sheet", "blank"),
    [
        (page(), True),
        (page(specks=40), True),
        (page(words=True), False),
        (page(number=True), False),  # a page with nothing but its number may be meant
        (page(number=True, specks=40), False),
    ],
    ids=["white", "specks", "words", "number", "number and specks"],
)
def test_a_page_is_blank_without_its_specks(sheet: Image.Image, blank: bool) -> None:
    assert is_blank(sheet) is blank


def test_the_backs_of_scanned_sheets_are_left_out_of_a_tiff() -> None:
    made = without_blank_pages(Kind.TIFF, tiff(page(words=True), page(specks=9), page(number=True)))
    assert made is not None
    with Image.open(io.BytesIO(made)) as image:
        assert getattr(image, "n_frames", 1) == 2
        assert image.info["dpi"] == (204, 196)
        assert image.tag_v2[259] == 4  # type: ignore[attr-defined] # TIFF 6.0: Group 4


def test_the_backs_of_scanned_sheets_are_left_out_of_a_pdf() -> None:
    made = without_blank_pages(Kind.PDF, pdf(page(), page(words=True), page(specks=9), page(words=True)))
    assert made is not None
    with pikepdf.open(io.BytesIO(made)) as document:
        assert len(document.pages) == 2
    assert len(made) < len(pdf(page(), page(words=True), page(specks=9), page(words=True)))


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.TIFF])
@pytest.mark.parametrize("words", [True, False], ids=["all with words", "all blank"])
def test_otherwise_it_stays_as_it_is(kind: Kind, words: bool) -> None:
    pages = (page(words=words), page(words=words))
    assert without_blank_pages(kind, tiff(*pages) if kind is Kind.TIFF else pdf(*pages)) is None


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.TIFF])
def test_what_cannot_be_drawn_stays_as_it_is(kind: Kind) -> None:
    assert leave_out_blanks(kind, b"%PDF-1.7 and no more") is None


def test_it_is_done_in_a_converter_process() -> None:
    with Converters() as converters:
        leave_out = converters.leave_out_blanks_within(DocumentLimits(), 30)
        made = leave_out(Kind.PDF, pdf(page(words=True), page()))
        assert made is not None
        with pikepdf.open(io.BytesIO(made)) as document:
            assert len(document.pages) == 1
        assert leave_out(Kind.PDF, pdf(page(words=True))) is None
