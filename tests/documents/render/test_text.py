"""Plain text: every charset of the API, page breaks, wrapping, white space."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.documents.render import RenderError, RenderOptions, Resolution, SourceDocument
from gateway.documents.render.paper import Paper
from gateway.documents.render.text import text_pages

Faxed = Callable[..., list[Image.Image]]
WESTERN = "Grüße aus München, ça va?"
WIDE = "Grüße, Καλημέρα, Привет, 5 €"


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        (None, "utf-8", WIDE),
        ("US-ASCII", "ascii", "Gruesse"),
        ("UTF-8", "utf-8", WIDE),
        ("UTF-8", "utf-8-sig", WIDE),
        ("UTF-16", "utf-16", WIDE),
        ("UTF-16", "utf-16-be", WIDE),  # RFC 2781 §4.3: no byte order mark, so big-endian
        ("UTF-16BE", "utf-16-be", WIDE),
        ("UTF-16LE", "utf-16-le", WIDE),
        ("ISO-8859-1", "latin-1", WESTERN),
        ("Windows-1252", "cp1252", WESTERN + " 5 € – „so“"),
        ("windows-1252", "cp1252", WESTERN),
    ],
)
def test_charsets(charset: str | None, codec: str, text: str, faxed: Faxed) -> None:
    [page] = faxed(SourceDocument("letter.txt", text.encode(codec), charset))
    [expected] = faxed(SourceDocument("letter.txt", text.encode(), "UTF-8"))
    assert page.tobytes() == expected.tobytes()
    assert text_pages(SourceDocument("letter.txt", text.encode(codec), charset)) == (text,)


@pytest.mark.parametrize(
    ("charset", "content", "says"),
    [
        ("US-ASCII", "Grüße".encode(), "is not US-ASCII text (byte 2)"),
        (None, "Grüße".encode("latin-1"), "is not UTF-8 text (byte 2)"),
        ("UTF-16BE", b"\0a\0", "is not UTF-16BE text (byte 2)"),
        ("Windows-1252", b"abc\x81", "is not Windows-1252 text (byte 3)"),
        ("EBCDIC", b"abc", "has the charset EBCDIC, which the service doesn't know"),
    ],
)
def test_what_is_not_of_its_charset(charset: str | None, content: bytes, says: str, faxed: Faxed) -> None:
    with pytest.raises(RenderError) as caught:
        faxed(SourceDocument("letter.txt", content, charset))
    assert (caught.value.document, caught.value.reason) == ("letter.txt", says)


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("", ("",)),
        ("one", ("one",)),
        ("one\ftwo", ("one", "two")),
        ("one\f", ("one",)),
        ("one\f\r\n", ("one",)),
        ("one\f\fthree", ("one", "", "three")),
        ("\fsecond", ("", "second")),
        ("a\r\nb\rc\nd", ("a\nb\nc\nd",)),
        ("a\tb\n123456789\tc", ("a       b\n123456789       c",)),
        ("bell\a nul\0 escape\x1b[1m", ("bell nul escape[1m",)),
        ("trailing   \n\n\n", ("trailing",)),
        ("\n\n  indented", ("\n\n  indented",)),
    ],
)
def test_pages(text: str, pages: tuple[str, ...], faxed: Faxed) -> None:
    source = SourceDocument("letter.txt", text.encode())
    assert text_pages(source) == pages
    assert len(faxed(source)) == len(pages)


def test_an_empty_page_between_others_stays_empty(
    faxed: Faxed, inked: Callable[[Image.Image], tuple[int, int, int, int] | None]
) -> None:
    pages = faxed(SourceDocument("letter.txt", b"one\f\fthree"))
    assert [inked(page) is not None for page in pages] == [True, False, True]


@pytest.mark.parametrize("resolution", list(Resolution))
@pytest.mark.parametrize("paper", list(Paper))
def test_eighty_columns_fit_and_longer_lines_wrap(
    resolution: Resolution,
    paper: Paper,
    faxed: Faxed,
    inked: Callable[[Image.Image], tuple[int, int, int, int] | None],
) -> None:
    options = RenderOptions(paper=paper, resolution=resolution)
    heights = []
    for columns in (80, 160):
        [page] = faxed(SourceDocument("letter.txt", b"H" * columns), options=options)
        box = inked(page)
        assert box is not None
        left, top, right, bottom = box
        assert left > 100
        assert right < 1728 - 100
        heights.append(bottom - top)
    assert heights[1] > 2 * heights[0]


def test_letters_are_of_one_width(
    faxed: Faxed, inked: Callable[[Image.Image], tuple[int, int, int, int] | None]
) -> None:
    narrow, wide = (inked(faxed(SourceDocument("a.txt", text))[0]) for text in (b"iiiiiiiiiiH", b"mmmmmmmmmmH"))
    assert narrow is not None
    assert wide is not None
    assert abs(narrow[2] - wide[2]) <= 2


def test_markup_is_text(faxed: Faxed) -> None:
    pages = [faxed(SourceDocument("a.txt", text))[0].tobytes() for text in (b"<b>bold</b> &amp;", b"bold &")]
    assert pages[0] != pages[1]


def test_many_lines_flow_onto_further_pages(faxed: Faxed) -> None:
    assert len(faxed(SourceDocument("a.txt", b"line\n" * 200))) == 4


@given(st.binary(max_size=200), st.sampled_from([None, "US-ASCII", "UTF-16", "UTF-16LE", "ISO-8859-1"]))
def test_any_bytes_are_pages_or_refused(content: bytes, charset: str | None) -> None:
    try:
        pages = text_pages(SourceDocument("a.txt", content, charset))
    except RenderError:
        return
    assert pages
    assert not any("\f" in page or "\r" in page or "\0" in page for page in pages)
