"""Made-up documents, and the fax's pages as images again."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageDraw

from gateway.documents.render import RenderOptions, SourceDocument, render_fax
from gateway.documents.render.html import html_to_pdf
from gateway.documents.render.paper import Paper


@pytest.fixture(scope="session")
def pdf() -> Callable[..., bytes]:
    """A PDF with one page per text; `size` is CSS's."""

    def build(*texts: str, size: str = "A4", style: str = "") -> bytes:
        sheets = "".join(f"<div>{text}</div>" for text in texts)
        rules = f"@page {{ size: {size}; margin: 15mm }} div + div {{ break-before: page }} {style}"
        return html_to_pdf("made.pdf", f"<style>{rules}</style>{sheets}", Paper.A4)

    return build


@pytest.fixture(scope="session")
def tiff() -> Callable[..., bytes]:
    """A TIFF with the word FAX, or a ramp of greys in the modes that have greys, on each page."""

    def build(
        size: tuple[int, int] = (1728, 1145),
        *,
        mode: str = "1",
        pages: int = 1,
        compression: str | None = None,
        **save: object,
    ) -> bytes:
        grey = Image.new("L", size, 255)
        ImageDraw.Draw(grey).text((size[0] // 10, size[1] // 10), "FAX", fill=0, font_size=size[1] // 8)
        image = (
            grey.convert("I")
            if mode.startswith("I")
            else grey.convert("RGB").convert("RGBA" if mode == "LA" else "RGB")
        )
        image = image.convert(mode)
        target = io.BytesIO()
        image.save(target, "TIFF", compression=compression, save_all=True, append_images=[image] * (pages - 1), **save)
        return target.getvalue()

    return build


@pytest.fixture(scope="session")
def faxed() -> Callable[..., list[Image.Image]]:
    """The pages of the fax that the documents become, as bilevel images with their TIFF tags in `info["tags"]`."""

    def render(
        *documents: SourceDocument, cover: SourceDocument | None = None, options: RenderOptions | None = None
    ) -> list[Image.Image]:
        fax = render_fax(documents, cover=cover, options=options or RenderOptions())
        pages = tiff_pages(fax.tiff)
        assert len(pages) == fax.pages
        return pages

    return render


@pytest.fixture(scope="session")
def moment() -> datetime:
    return datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)


def tiff_pages(content: bytes) -> list[Image.Image]:
    pages: list[Image.Image] = []
    with Image.open(io.BytesIO(content)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            page = image.copy()
            page.info["tags"] = dict(image.tag_v2)  # type: ignore[attr-defined] # a TIFF has them
            pages.append(page)
    return pages


def ink_box(page: Image.Image) -> tuple[int, int, int, int] | None:
    """The smallest box around everything black."""
    return page.convert("L").point(lambda value: 255 - value).getbbox()


@pytest.fixture(scope="session")
def inked() -> Callable[[Image.Image], tuple[int, int, int, int] | None]:
    return ink_box


@pytest.fixture(scope="session")
def words() -> Callable[[Sequence[str]], list[SourceDocument]]:
    return lambda texts: [SourceDocument(f"{n}.txt", text.encode(), None) for n, text in enumerate(texts)]
