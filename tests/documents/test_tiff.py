"""TIFFs: a fax's own pages go out as they are, all others are drawn anew, and what is broken is refused."""

import io
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from gateway.documents.conversion import convert, inspect
from gateway.documents.finding import DocumentLimits, Fault, Sound
from gateway.documents.sniff import Kind
from gateway.documents.tiff import DAMAGED, DRAWN_ANEW

LIMITS = DocumentLimits()


def look(content: bytes, limits: DocumentLimits = LIMITS) -> Sound | Fault:
    return inspect(Kind.TIFF, content, limits)


@pytest.mark.parametrize("compression", ["group3", "group4"])
@pytest.mark.parametrize("pages", [1, 3])
@pytest.mark.parametrize("width", [1728, 2480])
def test_a_faxs_own_pages_go_out_byte_for_byte(documents: Any, compression: str, pages: int, width: int) -> None:
    content = documents.tiff(*[documents.picture(width, 2291, "1")] * pages, compression=compression)
    assert look(content) == Sound(pages)


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        ("1", None),
        ("1", "tiff_ccitt"),
        ("1", "tiff_lzw"),
        ("L", "tiff_lzw"),
        ("RGB", "jpeg"),
        ("RGB", "tiff_deflate"),
        ("RGBA", "packbits"),
        ("P", "tiff_lzw"),
        ("CMYK", None),
    ],
)
def test_anything_else_becomes_pages_of_a_fax(documents: Any, mode: str, compression: str | None) -> None:
    content = documents.tiff(*[documents.picture(mode=mode)] * 2, compression=compression)
    assert look(content) == Sound(2, DRAWN_ANEW)
    made = convert(Kind.TIFF, content, "A4")
    assert isinstance(made, bytes)
    assert look(made) == Sound(2)
    with Image.open(io.BytesIO(made)) as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        assert image.width == 1728
        assert (image.mode, image.tag_v2[259]) == ("1", 4)


def test_one_page_of_another_kind_is_enough(documents: Any) -> None:
    grey = documents.picture(mode="L")
    grey.encoderinfo = {"compression": "tiff_lzw"}
    assert look(documents.tiff(documents.picture(1728, 2291, "1"), grey)) == Sound(2, DRAWN_ANEW)


def test_the_new_kind_of_tiff_is_made_the_old_one(documents: Any) -> None:
    content = documents.tiff(compression=None, big_tiff=True)
    assert content[2] == 43
    assert look(content) == Sound(1, DRAWN_ANEW)
    made = convert(Kind.TIFF, content, "A4")
    assert isinstance(made, bytes)
    assert made[2] == 42


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", None])
def test_a_tiff_of_which_a_part_is_missing_is_refused(documents: Any, compression: str | None, share: float) -> None:
    content = documents.tiff(*[documents.picture(400, 600, "1")] * 3, compression=compression)
    assert look(content[: int(len(content) * share)]) == DAMAGED


def test_pixels_that_cannot_be_decoded_are_a_damage(documents: Any) -> None:
    content = bytearray(documents.tiff())
    start = TiffImagePlugin.TiffImageFile(io.BytesIO(content)).tag_v2[273][0]
    content[start : start + 40] = bytes(range(0, 200, 5))
    assert look(bytes(content)) == DAMAGED


def test_a_few_bad_lines_of_a_noisy_call_are_no_reason_to_refuse(documents: Any) -> None:
    content = bytearray(documents.tiff(compression="group3", tiffinfo={292: 4}))  # T4Options: lines end on a byte
    start = TiffImagePlugin.TiffImageFile(io.BytesIO(content)).tag_v2[273][0]
    content[start + 400 : start + 410] = b"\xff\x55" * 5
    assert look(bytes(content)) == Sound(1, DRAWN_ANEW)
    made = convert(Kind.TIFF, bytes(content), "A4")
    assert isinstance(made, bytes)
    assert look(made) == Sound(1)


def test_more_pages_than_are_allowed_are_not_even_read(documents: Any) -> None:
    content = documents.tiff(*[documents.picture(40, 60, "1")] * 4)
    found = look(content, DocumentLimits(pages=3))
    assert found == Fault("has more than 3 pages")


def test_more_pixels_than_are_allowed_are_not_decoded(documents: Any) -> None:
    found = look(documents.tiff(), DocumentLimits(pixels=1_000_000))
    assert found == Fault("has 1728 x 2291 pixels; at most 1 million can be faxed")


def test_directories_in_a_ring_end(documents: Any) -> None:
    content = bytearray(documents.tiff(documents.picture(40, 60, "1")))
    with Image.open(io.BytesIO(content)) as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        entries = len(image.tag_v2)
    first = int.from_bytes(content[4:8], "little")
    after = first + 2 + 12 * int.from_bytes(content[first : first + 2], "little")
    content[after : after + 4] = content[4:8]
    assert entries
    assert look(bytes(content)) == Sound(1)
