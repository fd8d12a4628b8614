"""Which pages an overlay lies on, and that it lets through what is below."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from gateway.documents.render import Overlay, OverlayMode, RenderError, RenderOptions, SourceDocument


@pytest.mark.parametrize(
    ("mode", "with_cover", "without_cover"),
    [
        # A cover of one page, a first file of two, a second of two.
        (OverlayMode.ALL_PAGES, {1, 2, 3, 4, 5}, {1, 2, 3, 4}),
        (OverlayMode.NO_OVERLAY, set(), set()),
        (OverlayMode.FIRST_PAGE, {1}, {1}),
        (OverlayMode.LAST_PAGE, {5}, {4}),
        (OverlayMode.ALL_BUT_FIRST_PAGE, {2, 3, 4, 5}, {2, 3, 4}),
        (OverlayMode.ALL_BUT_LAST_PAGE, {1, 2, 3, 4}, {1, 2, 3}),
        (OverlayMode.ALL_BUT_FIRST_AND_LAST_PAGE, {2, 3, 4}, {2, 3}),
        (OverlayMode.FIRST_FILE, {2, 3}, {1, 2}),
    ],
)
def test_pages_of_each_mode(
    mode: OverlayMode,
    with_cover: set[int],
    without_cover: set[int],
    faxed: Callable[..., list[Image.Image]],
    words: Callable[[list[str]], list[SourceDocument]],
) -> None:
    documents = words(["one\ftwo", "three\ffour"])
    options = RenderOptions(overlay=Overlay(letterhead(), mode))
    assert overlaid(faxed(*documents, options=options)) == without_cover
    assert overlaid(faxed(*documents, cover=words(["cover"])[0], options=options)) == with_cover


def test_only_a_cover(
    faxed: Callable[..., list[Image.Image]], words: Callable[[list[str]], list[SourceDocument]]
) -> None:
    [cover] = words(["cover"])
    for mode, expected in (
        (OverlayMode.FIRST_FILE, set()),
        (OverlayMode.FIRST_PAGE, {1}),
        (OverlayMode.LAST_PAGE, {1}),
    ):
        assert overlaid(faxed(cover=cover, options=RenderOptions(overlay=Overlay(letterhead(), mode)))) == expected


def test_page_and_overlay_are_both_seen(
    faxed: Callable[..., list[Image.Image]], words: Callable[[list[str]], list[SourceDocument]]
) -> None:
    documents = words(["some text"])
    [bare] = faxed(*documents)
    [page] = faxed(*documents, options=RenderOptions(overlay=Overlay(letterhead(), OverlayMode.ALL_PAGES)))
    above = (0, 0, 1728, 2000)
    assert page.crop(above).tobytes() == bare.crop(above).tobytes()
    assert overlaid([page]) == {1}


@pytest.mark.parametrize("form", ["TIFF", "PNG", "PDF"])
def test_forms(
    form: str, faxed: Callable[..., list[Image.Image]], words: Callable[[list[str]], list[SourceDocument]]
) -> None:
    overlay = Overlay(letterhead(form), OverlayMode.ALL_PAGES)
    assert overlaid(faxed(*words(["text"]), options=RenderOptions(overlay=overlay))) == {1}


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7 but no more", b"\x89PNG\r\n\x1a\nno", b"II*\0no"])
def test_a_broken_overlay(
    content: bytes, faxed: Callable[..., list[Image.Image]], words: Callable[[list[str]], list[SourceDocument]]
) -> None:
    with pytest.raises(RenderError) as caught:
        faxed(*words(["text"]), options=RenderOptions(overlay=Overlay(content, OverlayMode.ALL_PAGES)))
    assert caught.value.document == "overlay"


def letterhead(form: str = "TIFF") -> bytes:
    """A black bar near the foot of an A4 page."""
    page = Image.new("1", (1728, 2291), 1)
    ImageDraw.Draw(page).rectangle((100, 2100, 1600, 2200), fill=0)
    target = io.BytesIO()
    if form == "PDF":
        page.resize((1728, 2384)).save(target, "PDF", resolution=204)
    else:
        page.save(target, form, dpi=(204, 196))
    return target.getvalue()


def overlaid(pages: list[Image.Image]) -> set[int]:
    return {number for number, page in enumerate(pages, start=1) if page.getpixel((800, 2150)) == 0}
