"""The size of a picture, from its first bytes."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.mail.picture import pixel_size


def picture(form: str, size: tuple[int, int], **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB" if form == "JPEG" else "P", size).save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (160, 50), (1728, 2200)], ids=str)
@pytest.mark.parametrize("form", ["PNG", "GIF", "JPEG"])
def test_a_size_is_read_without_decoding(form: str, size: tuple[int, int]) -> None:
    assert pixel_size(picture(form, size)) == size


def test_what_stands_before_a_jpegs_frame_is_skipped() -> None:
    progressive = picture("JPEG", (30, 20), progressive=True, comment=b"x" * 3000, icc_profile=b"\xff\xc0" * 500)
    assert pixel_size(progressive) == (30, 20)


@pytest.mark.parametrize("data", [b"", b"II*\0", b"\x89PNG\r\n\x1a\n", b"GIF89a\1", b"\xff\xd8\xff", b"\xff\xd8" * 9])
def test_too_little_tells_nothing(data: bytes) -> None:
    assert pixel_size(data) is None


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"GIF87a", b"\xff\xd8\xff"]), st.binary(max_size=200))
def test_any_bytes_can_be_asked(start: bytes, rest: bytes) -> None:
    size = pixel_size(start + rest)
    assert size is None or len(size) == 2
