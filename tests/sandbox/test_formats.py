"""Fax4A, FaxJobRequest.documents: every type that is accepted becomes pages, for real."""

import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw

Document = Callable[..., dict[str, str]]
Ink = Callable[..., float]

A4_LOW, LOW = (1728, 1145), (204.0, 98.0)
QUICK: dict[str, Any] = {"renderingOptions": {"resolution": "LOW"}}
BOX = (2.0, 3.0, 4.0, 5.0)  # inches: where the documents here have a black square; left, top, right, bottom
INSIDE = (2.2, 3.2, 3.8, 4.8)
AROUND = ((0.0, 0.0, 8.4, 2.8), (0.0, 5.3, 8.4, 11.6), (0.0, 2.8, 1.8, 5.3), (4.3, 2.8, 8.4, 5.3))


def pdf(*contents: bytes, encryption: pikepdf.Encryption | None = None) -> bytes:
    """A page of A4 for each content stream, whose unit is the point and whose origin lies at the lower left."""
    target = io.BytesIO()
    with pikepdf.new() as made:
        for content in contents:
            made.add_blank_page(page_size=(595, 842)).Contents = made.make_stream(content)
        made.save(target, encryption=encryption or False)
    return target.getvalue()


def square_pdf(pages: int = 1) -> bytes:
    left, top, right, bottom = (inches * 72 for inches in BOX)
    return pdf(*[f"{left} {842 - bottom} {right - left} {bottom - top} re f".encode()] * pages)


def square(mode: str = "L", size: tuple[int, int] = (827, 1169), dpi: tuple[int, int] = (100, 100)) -> Image.Image:
    """A page of A4; in colours, a dark red square and a bright yellow one beside it."""
    page = Image.new("L" if mode in {"L", "1"} else "RGB", size, "white")
    draw = ImageDraw.Draw(page)
    left, top, right, bottom = (inches * dpi[edge % 2] for edge, inches in enumerate(BOX))
    draw.rectangle((left, top, right, bottom), fill="black" if page.mode == "L" else "#a01010")
    if page.mode == "RGB":
        draw.rectangle((right + dpi[0] / 2, top, right + dpi[0] * 2, bottom), fill="#ffff60")
    return page.convert(mode)


def tiff(image: Image.Image, *more: Image.Image, **save: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "TIFF", save_all=True, append_images=more, **{"dpi": (100, 100)} | save)
    return target.getvalue()


def assert_square(page: Image.Image, ink: Ink, least: float = 0.99) -> None:
    assert (page.mode, page.size, page.info["dpi"]) == ("1", A4_LOW, LOW)
    assert ink(page, *INSIDE) > least
    assert all(ink(page, *box) == 0 for box in AROUND)


def test_pdf(darkroom: Any, document: Document, ink: Ink) -> None:
    pages = darkroom.fax(document("a.pdf", square_pdf(3)), **QUICK)
    assert len(pages) == 3
    for page in pages:
        assert_square(page, ink)


@pytest.mark.parametrize(
    "save",
    [
        {"compression": "raw"},
        {"compression": "group3"},
        {"compression": "group3", "tiffinfo": {292: 1}},  # T4Options: two-dimensional coding
        {"compression": "group4"},
        {"compression": "tiff_ccitt"},  # Group 3 without ends of lines
        {"compression": "tiff_lzw"},
        {"compression": "tiff_deflate"},
        {"compression": "tiff_adobe_deflate"},
        {"compression": "packbits"},
        {"compression": "group4", "tiffinfo": {262: 0}},  # black is 1
        {"compression": "group4", "strip_size": 10_000},
    ],
    ids=str,
)
def test_black_and_white_tiff(save: dict[str, Any], darkroom: Any, document: Document, ink: Ink) -> None:
    pages = darkroom.fax(document("a.tif", tiff(square("1"), square("1"), **save)), **QUICK)
    assert len(pages) == 2
    for page in pages:
        assert_square(page, ink)


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        ("L", "raw"),
        ("L", "jpeg"),
        ("RGB", "raw"),
        ("RGB", "jpeg"),
        ("RGB", "tiff_lzw"),
        ("RGB", "tiff_adobe_deflate"),
        ("RGB", "packbits"),
        ("RGBA", "raw"),
        ("CMYK", "raw"),
        ("CMYK", "jpeg"),
        ("P", "tiff_lzw"),
        ("YCbCr", "jpeg"),
    ],
)
def test_tiff_with_greys_and_colours(mode: str, compression: str, darkroom: Any, document: Document, ink: Ink) -> None:
    [page] = darkroom.fax(document("a.tif", tiff(square(mode), compression=compression)), **QUICK)
    assert_square(page, ink, least=0.99 if mode == "L" else 0.7)  # dark red is a dark grey


def test_a_fax_that_is_faxed_again_keeps_its_pixels(darkroom: Any, document: Document) -> None:
    received = square("1", A4_LOW, (204, 98))
    [page] = darkroom.fax(document("a.tif", tiff(received, compression="group4", dpi=(204, 98))), **QUICK)
    assert page.tobytes() == received.tobytes()


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("US-ASCII", "Hello"),
        ("UTF-8", "Grüße, Привет, 5 €"),
        ("UTF-16", "Grüße, Привет, 5 €"),
        ("UTF-16BE", "Grüße, Привет, 5 €"),
        ("UTF-16LE", "Grüße, Привет, 5 €"),
        ("ISO-8859-1", "Grüße £"),
        ("Windows-1252", "Grüße “5 €”"),
    ],
)
def test_text_of_every_charset(charset: str, text: str, darkroom: Any, document: Document, ink: Ink) -> None:
    [page] = darkroom.fax(document("a.txt", text.encode(charset), charset=charset), **QUICK)
    [same] = darkroom.fax(document("a.txt", text.encode()), **QUICK)  # UTF-8 is the default
    assert page.tobytes() == same.tobytes()
    assert ink(page, 0.5, 0.5, 2, 1) > 0.01
    assert ink(page, 0, 1.2, 8.4, 11.6) == 0


def test_text_has_pages_and_long_lines(darkroom: Any, document: Document, ink: Ink) -> None:
    text = "one\f" + "two\n" + "word " * 100 + "\f" + "line\n" * 100
    pages = darkroom.fax(document("a.txt", text.encode()), **QUICK)
    assert len(pages) == 4
    assert all(ink(page, 0, 0, 0.4, 11.6) == ink(page, 8.1, 0, 8.4, 11.6) == 0 for page in pages)
    assert ink(pages[1], 6, 0.5, 8, 1.5) > 0.01


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    """A server that must not be asked: its URL, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_html_is_laid_out_without_a_network(
    web: tuple[str, list[str]], darkroom: Any, document: Document, ink: Ink
) -> None:
    url, asked = web
    left, top, right, bottom = BOX
    style = f"""@import "{url}/a.css"; @font-face {{ font-family: f; src: url({url}/a.woff) }} @page {{ margin: 0 }}
        div {{ position: absolute; left: {left}in; top: {top}in; width: {right - left}in; height: {bottom - top}in;
        background: black url({url}/a.png); font-family: f }}"""
    source = f"""<!DOCTYPE html><link rel=stylesheet href="{url}/b.css"><style>{style}</style><div></div>
        <img src="{url}/b.png"><iframe style="border: 0" src="{url}/a.html"></iframe><script src="{url}/a.js"></script>
        <object data="{url}/a.svg"></object><svg><image href="{url}/c.png" width=9 height=9 /></svg>"""
    [page] = darkroom.fax(document("page.html", source.encode()), **QUICK)
    assert_square(page, ink)
    assert asked == []


def test_html_says_its_charset_or_the_job_does(darkroom: Any, document: Document) -> None:
    [plain] = darkroom.fax(document("a.html", "<p>Grüße".encode()), **QUICK)
    for content, fields in (
        (b"<meta charset=windows-1252><p>Gr\xfc\xdfe", {}),
        (b"<p>Gr\xfc\xdfe", {"charset": "ISO-8859-1"}),
    ):
        [page] = darkroom.fax(document("a.html", content, **fields), **QUICK)
        assert page.tobytes() == plain.tobytes()


def test_documents_follow_each_other(darkroom: Any, document: Document, ink: Ink) -> None:
    text, html = document("a.txt", b"one\ftwo"), document("b.html", b"<p>three")
    pages = darkroom.fax(text, document("c.PDF", square_pdf(2)), html, document("d.tif", tiff(square("1"))), **QUICK)
    assert [ink(page, *INSIDE) > 0.99 for page in pages] == [False, False, True, True, False, True]


@pytest.mark.parametrize(
    ("name", "content", "fields"),
    [
        ("a.pdf", b"", {}),
        ("a.pdf", b"%PDF-1.7 and no more", {}),
        ("a.pdf", pdf(b"", encryption=pikepdf.Encryption(owner="o", user="u")), {}),
        ("a.pdf", b"plain text", {}),
        ("a.tif", b"", {}),
        ("a.tif", b"II*\0\x08\0\0\0", {}),
        ("a.tif", tiff(square("RGB"))[:5000], {}),
        ("a.tif", square_pdf(), {}),
        ("a.txt", "Grüße".encode(), {"charset": "US-ASCII"}),
        ("a.txt", b"Gr\xfc\xdfe", {"charset": "UTF-8"}),
        ("a.txt", b"odd", {"charset": "UTF-16LE"}),
        ("a.html", b"<p style='color: white'>nothing to be seen", {}),
        ("a.html", b"<table>" * 5000, {}),
    ],
    # Names of their own: an encrypted PDF is another one each time it is made, and workers must agree on the tests.
    ids=[
        "empty PDF",
        "half a PDF",
        "encrypted PDF",
        "no PDF",
        "empty TIFF",
        "half a TIFF",
        "torn TIFF",
        "PDF named TIFF",
        "text beyond ASCII",
        "text beyond UTF-8",
        "odd UTF-16",
        "white HTML",
        "deep HTML",
    ],
)
def test_what_cannot_be_rendered_is_a_rendering_error(
    name: str, content: bytes, fields: dict[str, str], darkroom: Any, document: Document, job: Any
) -> None:
    documents = [document("sound.txt", b"sound"), document(name, content, **fields)]
    report = darkroom.report(job("+4989123456", "+4989123457", documents=documents))
    assert [each["status"] for each in report["recipientStatus"]] == ["RENDERING_ERROR"] * 2
    assert (report["pages"], report["recipientStatus"][0]["durationInSecs"]) == (0, 0)
