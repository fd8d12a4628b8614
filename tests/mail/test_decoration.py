"""Which pictures are documents and which belong to the text or to nobody."""

import struct

import pytest

from gateway.mail.decoration import LARGEST_ENCODED, SMALL_BYTES, File, sort_files
from gateway.mail.model import Part


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def file(
    data: bytes,
    *,
    kind: str = "image/png",
    disposition: str | None = "inline",
    cid: str | None = None,
    related: bool = False,
    encoded_size: int | None = None,
) -> File:
    part = Part(
        declared_type=kind,
        filename=None,
        charset=None,
        disposition=disposition,
        content_id=cid,
        load=lambda: data,
    )
    return File(part, in_related=related, encoded_size=encoded_size)


LOGO, SCAN = png(160, 50), png(1240, 1754)


@pytest.mark.parametrize(
    ("given", "is_document"),
    [
        (file(LOGO), False),
        (file(png(1, 1)), False),
        (file(LOGO, disposition=None, cid="a", related=True), False),
        (file(LOGO, disposition=None, cid="a"), True),  # not inline by any sign
        (file(LOGO, disposition="attachment"), True),
        (file(LOGO, disposition="attachment", cid="a", related=True), True),
        (file(SCAN), True),  # as Apple's Mail sends it
        (file(SCAN, disposition=None, cid="a", related=True), True),
        (file(png(200, 200)), True),
        (file(png(199, 200)), False),
        (file(b"BM" + b"x" * 100, kind="image/bmp"), False),
        (file(b"BM" + b"x" * SMALL_BYTES, kind="image/bmp"), True),
        (file(b"II*\0", kind="image/tiff"), True),  # an almost empty page
        (file(b"%PDF-", kind="application/pdf"), True),
        (file(LOGO, encoded_size=LARGEST_ENCODED + 1), True),  # not even decoded
    ],
    ids=range(15),
)
def test_a_small_inline_picture_that_is_not_shown_is_left_out(given: File, is_document: bool) -> None:
    found = sort_files([given], "<p>text</p>", has_text=True)
    assert bool(found.documents) is is_document
    assert bool(found.left_out) is not is_document
    assert found.shown == {}


@pytest.mark.parametrize(
    ("html", "forms"),
    [
        ('<img src="cid:a@example.com">', ["a@example.com"]),
        ("<IMG SRC=CID:A@EXAMPLE.COM>", ["A@EXAMPLE.COM"]),
        ("<td background='cid:a%40example.com'>", ["a%40example.com"]),
        ("<style>p { background: url(cid:a@example.com) }</style>", ["a@example.com"]),
        ('<img src="cid:a@example.com"><img src="cid:a%40example.com">', ["a@example.com", "a%40example.com"]),
        ('<img src="cid:a@example.community">', []),
        ("<p>a@example.com</p>", []),
        (None, []),
    ],
)
def test_what_the_html_shows_belongs_to_it_in_each_form_that_it_writes(html: str | None, forms: list[str]) -> None:
    found = sort_files([file(SCAN, cid="a@example.com")], html, has_text=True)
    assert list(found.shown) == forms
    assert bool(found.documents) is not bool(forms)


def test_of_two_pictures_with_one_id_the_second_is_a_document() -> None:
    first, second = file(SCAN, cid="a"), file(png(2000, 2000), cid="a")
    found = sort_files([first, second], '<img src="cid:a">', has_text=True)
    assert found.shown == {"a": first.part}
    assert found.documents == (second.part,)


def test_what_is_no_picture_is_shown_only_within_related() -> None:
    pdf = file(b"%PDF-", kind="application/pdf", cid="a")
    assert sort_files([pdf], '<a href="cid:a">', has_text=True).documents == (pdf.part,)
    unnamed = file(SCAN, kind="application/octet-stream", cid="a", related=True)
    assert sort_files([unnamed], '<img src="cid:a">', has_text=True).shown == {"a": unnamed.part}


def test_a_mail_of_small_pictures_alone_is_these_pictures() -> None:
    logo = file(LOGO)
    assert sort_files([logo], None, has_text=False).documents == (logo.part,)
    scan = file(SCAN)
    assert sort_files([logo, scan], None, has_text=False).documents == (scan.part,)


def test_documents_keep_the_order_of_the_mail() -> None:
    files = [file(SCAN), file(LOGO), file(b"%PDF-", kind="application/pdf"), file(SCAN, disposition="attachment")]
    assert sort_files(files, None, has_text=True).documents == tuple(files[at].part for at in (0, 2, 3))
