"""The fax as a whole: the TIFF's shape and tags, page order, header line, errors."""

import io
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pikepdf
import pytest
from PIL import Image

from gateway.documents.render import (
    HeaderLine,
    Paper,
    RenderError,
    RenderOptions,
    Resolution,
    SourceDocument,
    pages_as_png,
    render_fax,
)

Faxed = Callable[..., list[Image.Image]]
Inked = Callable[[Image.Image], tuple[int, int, int, int] | None]
Words = Callable[[list[str]], list[SourceDocument]]


@pytest.mark.parametrize(
    ("paper", "resolution", "size", "dpi"),
    [
        (Paper.A4, Resolution.HIGH, (1728, 2291), (204, 196)),
        (Paper.A4, Resolution.LOW, (1728, 1145), (204, 98)),
        (Paper.LETTER, Resolution.HIGH, (1728, 2156), (204, 196)),
        (Paper.LETTER, Resolution.LOW, (1728, 1078), (204, 98)),
    ],
)
def test_every_page_is_a_fax_page(
    paper: Paper,
    resolution: Resolution,
    size: tuple[int, int],
    dpi: tuple[int, int],
    faxed: Faxed,
    pdf: Callable[..., bytes],
    tiff: Callable[..., bytes],
    inked: Inked,
) -> None:
    documents = (
        SourceDocument("a.pdf", pdf("one", "two")),
        SourceDocument("b.TIFF", tiff(pages=2, dpi=(204, 98))),
        SourceDocument("c.txt", b"five"),
        SourceDocument("d.htm", b"<p>six"),
    )
    pages = faxed(*documents, options=RenderOptions(paper=paper, resolution=resolution))
    assert len(pages) == 6
    for number, page in enumerate(pages):
        tags = page.info["tags"]
        assert (page.mode, page.size) == ("1", size)
        assert tags[259] == 4  # Compression: T.6, Group 4
        assert (tags[282], tags[283], tags[296]) == (*dpi, 2)  # X- and YResolution, in inches
        assert (tags[254], tags[297]) == (2, (number, 6))  # a page of several; PageNumber
        assert len(tags[273]) == 1  # one strip
        assert inked(page) is not None


def test_cover_comes_first(faxed: Faxed, words: Words) -> None:
    cover, document = words(["C" * 70, "d"])
    alone = [faxed(each)[0].tobytes() for each in (cover, document)]
    assert [page.tobytes() for page in faxed(document, cover=cover)] == alone


def test_the_same_input_gives_the_same_bytes_in_any_thread(words: Words, pdf: Callable[..., bytes]) -> None:
    documents = [*words(["text"]), SourceDocument("a.pdf", pdf("one", "two")), SourceDocument("b.html", b"<h1>three")]
    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(render_fax, documents, options=RenderOptions()) for _ in range(6)]
        assert len({job.result().tiff for job in jobs}) == 1


@pytest.mark.parametrize("resolution", list(Resolution))
def test_header_stands_above_the_page(
    resolution: Resolution, faxed: Faxed, words: Words, moment: datetime, inked: Inked
) -> None:
    header = HeaderLine.parse("%d.%m.%Y %H:%M%c%C%rPage %P/%T")
    options = RenderOptions(resolution=resolution, header=header, csid="+4989123456", moment=moment)
    documents = words(["one\ftwo"])
    bare = faxed(*documents, options=RenderOptions(resolution=resolution))
    pages = faxed(*documents, options=options)
    below = 60 * resolution.dpi_down // 196
    for before, after in zip(bare, pages, strict=True):
        box = (0, below, 1728, before.height)
        assert before.crop(box).tobytes() == after.crop(box).tobytes()  # the page kept its place
        assert inked(after.crop((0, 0, 600, below))) is not None
        assert inked(after.crop((700, 0, 1000, below))) is not None
        assert inked(after.crop((1500, 0, 1728, below))) is not None
    assert pages[0].crop((1500, 0, 1728, below)).tobytes() != pages[1].crop((1500, 0, 1728, below)).tobytes()


def test_header_hides_nothing(faxed: Faxed, moment: datetime, inked: Inked) -> None:
    full = io.BytesIO()
    Image.new("1", (1728, 2291), 0).save(full, "TIFF", compression="group4", dpi=(204, 196))
    options = RenderOptions(header=HeaderLine.parse("one%ntwo"), moment=moment)
    [page] = faxed(SourceDocument("black.tif", full.getvalue()), options=options)
    assert page.getpixel((864, 5)) == 255
    box = inked(page.crop((0, 80, 1728, 2291)))
    assert box is not None
    assert (box[2] - box[0]) / (box[3] - box[1]) == pytest.approx(1728 / 2291, rel=0.02)


def test_a_header_needs_its_moment(moment: datetime) -> None:
    for when in (None, moment.replace(tzinfo=None)):
        with pytest.raises(ValueError, match="moment"):
            RenderOptions(header=HeaderLine.parse("x"), moment=when)


@pytest.mark.parametrize("name", ["a.docx", "pdf", "a.pdf.exe", "", "a."])
def test_unknown_types(name: str, faxed: Faxed) -> None:
    with pytest.raises(RenderError, match="has an extension that is none of") as caught:
        faxed(SourceDocument(name, b"x"))
    assert caught.value.document == name


def encrypted() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(target, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return target.getvalue()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow's own word about it
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"", "is a damaged PDF"),
        ("a.pdf", b"%PDF-1.7\nno more", "is a damaged PDF"),
        ("a.pdf", encrypted(), "is encrypted"),
        ("a.tif", b"", "is no TIFF"),
        ("a.tif", b"II*\0\x08\0\0\0", "is no TIFF"),
        ("a.tif", struct.pack("<2sHIH", b"II", 42, 8, 3) + b"\xff" * 40, "is no TIFF"),
        ("a.tif", b"%PDF-1.7", "is no TIFF"),
    ],
)
def test_broken_documents(name: str, content: bytes, says: str, faxed: Faxed, words: Words) -> None:
    with pytest.raises(RenderError, match=says) as caught:
        faxed(*words(["sound"]), SourceDocument(name, content))
    assert caught.value.document == name


def test_a_fax_of_nothing() -> None:
    with pytest.raises(ValueError, match="needs a document"):
        render_fax([], options=RenderOptions())


def test_pictures_for_people_have_square_pixels(words: Words) -> None:
    for resolution in Resolution:
        fax = render_fax(words(["one\ftwo"]), options=RenderOptions(resolution=resolution))
        pictures = pages_as_png(fax.tiff)
        assert len(pictures) == 2
        with Image.open(io.BytesIO(pictures[0])) as picture:
            assert picture.format == "PNG"
            assert picture.width / picture.height == pytest.approx(1728 / 204 / (297 / 25.4), rel=0.002)
