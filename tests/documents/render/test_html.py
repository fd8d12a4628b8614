"""HTML: charsets, nothing fetched, never a blank fax."""

import base64
import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from gateway.documents.render import RenderError, SourceDocument
from gateway.documents.render.html import html_text, visible_text

Faxed = Callable[..., list[Image.Image]]
Inked = Callable[[Image.Image], tuple[int, int, int, int] | None]


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server: its URL, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"body { color: white }")

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{web.server_port}", asked
        web.shutdown()
        thread.join()


def test_nothing_is_fetched(
    server: tuple[str, list[str]], tmp_path: Path, faxed: Faxed, capfd: pytest.CaptureFixture[str]
) -> None:
    url, asked = server
    (tmp_path / "white.css").write_text("body { color: white }")
    page = "".join(
        f"""<link rel=stylesheet href="{at}/white.css"><style>@import "{at}/white.css"; @import url({at}/white.css);
        @font-face {{ font-family: q; src: url({at}/white.css) }} p {{ background: url({at}/a.png); font-family: q }}
        li {{ list-style-image: url({at}/a.png) }} p::before {{ content: url({at}/a.png) }}</style>
        <img src="{at}/a.png"><iframe src="{at}/white.css"></iframe><object data="{at}/a.svg"></object>
        <embed src="{at}/a.svg"><video poster="{at}/a.png"></video>
        <svg><image href="{at}/a.png" width=9 height=9 /></svg>
        <svg><use href="{at}/a.svg#x"/></svg><script src="{at}/a.js"></script><ul><li>point</ul>"""
        for at in (url, tmp_path.as_uri(), str(tmp_path), url.removeprefix("http:"))
    )
    [sheet] = faxed(SourceDocument("page.html", f"<base href='{url}/'>{page}<p>text</p><img src=b.png>".encode()))
    assert asked == []
    assert sheet.getextrema() == (0, 255)  # white.css was not read from the disk either
    assert "Traceback" not in capfd.readouterr().err


def test_data_urls_are_shown(faxed: Faxed, inked: Inked) -> None:
    picture = io.BytesIO()
    Image.new("L", (50, 50), 0).save(picture, "PNG")
    source = f'<img width=300 height=300 src="data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}">'
    box = inked(faxed(SourceDocument("page.html", source.encode()))[0])
    assert box is not None
    assert box[2] - box[0] == pytest.approx(300 * 204 / 96, abs=3)
    assert box[3] - box[1] == pytest.approx(300 * 196 / 96, abs=3)


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("Grüße Привет".encode(), None),
        ("\ufeffGrüße Привет".encode(), "ISO-8859-1"),
        ("\ufeffGrüße Привет".encode("utf-16-le"), None),
        ("\ufeffGrüße Привет".encode("utf-16-be"), "UTF-8"),
        ("Grüße Привет".encode(), "UTF-8"),
        ("Grüße Привет".encode("utf-16-le"), "UTF-16LE"),
    ],
)
def test_charsets(content: bytes, charset: str | None) -> None:
    assert html_text(SourceDocument("page.html", content, charset)).removeprefix("\ufeff") == "Grüße Привет"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<meta charset=windows-1251>\xcf\xf0\xe8", "При"),
        (b"<meta charset='iso-8859-1'>5 \x80 \xfc", "5 € ü"),
        (b'<META http-equiv="Content-Type" content="text/html; charset=koi8-r">\xf0', "П"),
        (b"<meta charset=no-such-thing>\xc3\xbc", "ü"),
        (b"<p>\xfc", "\ufffd"),
        (b"<meta charset=hex>6162", "6162"),
    ],
)
def test_declared_charsets(content: bytes, text: str) -> None:
    assert visible_text(html_text(SourceDocument("page.html", content))) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>a &amp; <b>b</b></p>", "a & b"),
        ("<title>t</title><style>p{}</style><script>x()</script><!-- c --><p>text", "text"),
        ("<img src=x><br>", ""),
        ("", ""),
    ],
)
def test_visible_text(source: str, text: str) -> None:
    assert visible_text(source) == text


@pytest.mark.parametrize(
    ("case", "source"),
    [
        ("white on white", "<p style='color: white'>secret</p>"),
        ("hidden", "<p style='display: none'>secret</p>"),
    ],
)
def test_text_that_would_not_be_seen_is_an_error(case: str, source: str, faxed: Faxed) -> None:
    with pytest.raises(RenderError) as caught:
        faxed(SourceDocument("page.html", source.encode()))
    assert caught.value.document == "page.html", case
    assert "secret" not in str(caught.value)


def test_a_page_that_was_empty_stays_empty(faxed: Faxed, inked: Inked) -> None:
    assert [inked(page) for page in faxed(SourceDocument("page.html", b"<p></p>"))] == [None]


@pytest.mark.parametrize("content", [b"<" * 5000, b"<p>" * 5000, b"\0\xff\xfe"])
def test_odd_sources_are_pages_or_refused(content: bytes, faxed: Faxed) -> None:
    with contextlib.suppress(RenderError):
        assert faxed(SourceDocument("page.html", content))


@pytest.mark.parametrize("tag", ["table", "svg", "table><tr><td", "TABLE><TR><TD><svg"])
def test_deep_nesting_is_refused_instead_of_laid_out_for_ever(tag: str, faxed: Faxed) -> None:
    with pytest.raises(RenderError, match="nested deeper than 16 levels"):
        faxed(SourceDocument("page.html", f"<{tag}>".encode() * 100))


def test_usual_nesting_and_many_tables_are_laid_out(faxed: Faxed) -> None:
    source = "<table><tr><td>" * 12 + "text" + "</table>" * 12 + "<table><tr><td>x</table>" * 40
    assert faxed(SourceDocument("page.html", source.encode()))
