"""HTML without scripts and remote references; what came with the mail is put in."""

import base64
from html import unescape

import pytest

from gateway.documents.html import clean_html, text_of
from gateway.mail import Part

PNG = b"\x89PNG\r\n\x1a\n"


def part(declared_type: str = "image/png", content: bytes = PNG) -> Part:
    return Part(
        declared_type=declared_type,
        filename=None,
        charset=None,
        disposition="inline",
        content_id="logo@example.com",
        load=lambda: content,
    )


@pytest.mark.parametrize(
    "hostile",
    [
        '<script>fetch("http://evil.example/")</script>',
        '<img src="http://evil.example/a.png">',
        '<img src="//evil.example/a.png">',
        '<img src="file:///etc/passwd">',
        '<img srcset="http://evil.example/a.png 1x">',
        '<img src="data:text/html,<script>x</script>">',
        '<img src="data:image/svg+xml;base64,AAAA">',
        '<img src="x" onerror="evil()">',
        '<p style="background: url(http://evil.example/a)">x</p>',
        '<p style="background-image: url(http://evil.example/a)">x</p>',
        '<p style="list-style: url(http://evil.example/a)">x</p>',
        '<p style="width: expression(evil())">x</p>',
        "<style>@import 'http://evil.example/a.css'; p { background: url(http://evil.example/b) }</style>",
        '<link rel="stylesheet" href="http://evil.example/a.css">',
        '<meta http-equiv="refresh" content="0; url=http://evil.example/">',
        '<base href="http://evil.example/">',
        '<iframe src="http://evil.example/"></iframe>',
        '<object data="http://evil.example/"></object>',
        '<embed src="http://evil.example/">',
        '<form action="http://evil.example/"><input name="a"></form>',
        '<video src="http://evil.example/a" poster="http://evil.example/b"></video>',
        '<svg><image href="http://evil.example/a"/><script>evil()</script></svg>',
        '<math><a xlink:href="http://evil.example/">x</a></math>',
        '<table background="http://evil.example/a"><tr><td>x</td></tr></table>',
        '<body background="http://evil.example/a">x</body>',
        '<a href="javascript:evil()">x</a>',
        '<a href="http://evil.example/">x</a>',
        "<!-- http://evil.example/ -->",
        '<!--[if mso]><img src="http://evil.example/a"><![endif]-->',
        '<noscript><p title="</noscript><img src=http://evil.example/a>">',
    ],
)
def test_nothing_of_a_hostile_mail_reaches_out_or_runs(hostile: str) -> None:
    cleaned = clean_html(f"<p>before</p>{hostile}<p>after</p>", {}).document()
    assert "evil" not in cleaned
    assert "passwd" not in cleaned
    assert "script" not in cleaned.lower()
    assert "before" in cleaned
    assert "after" in cleaned


def test_what_matters_in_print_stays() -> None:
    source = (
        '<h1 style="text-align: center; font-weight: bold">Angebot</h1>'
        '<table border="1"><tr><td colspan="2">Preis</td></tr></table><ul><li>eins</li></ul><b>fett</b>'
    )
    cleaned = clean_html(source, {}).fragment
    for kept in ("text-align:center", "font-weight:bold", 'border="1"', 'colspan="2"', "<li>eins</li>", "<b>fett</b>"):
        assert kept in cleaned


def test_a_picture_that_came_with_the_mail_is_put_in() -> None:
    cleaned = clean_html('<img src="cid:logo@example.com">', {"logo@example.com": part()})
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in cleaned.fragment
    assert cleaned.dropped == ()


def test_a_picture_that_did_not_come_along_is_named_as_dropped() -> None:
    cleaned = clean_html('<img src="cid:other@example.com"><img src="https://example.com/a.png">', {"x": part()})
    assert "src" not in cleaned.fragment
    assert cleaned.dropped == ("2 pictures that the mail does not bring along",)


def test_a_script_does_not_come_in_as_a_picture() -> None:
    inline = {"logo@example.com": part("text/html", b"<script>")}
    assert "src" not in clean_html('<img src="cid:logo@example.com">', inline).fragment


def test_a_document_is_complete_and_says_its_charset() -> None:
    document = clean_html("<p>Größe</p>", {}).document("Müller & Söhne")
    assert document.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in document
    assert "<title>Müller &amp; Söhne</title>" in document
    assert "<p>Größe</p>" in document


@pytest.mark.parametrize(
    ("wide", "fits"),
    [
        (
            '<table width="1400"><tbody><tr><td width="700">x</td></tr></tbody></table>',
            '<table width="100%"><tbody><tr><td>',
        ),
        ('<table style="width: 30cm;color:red"></table>', '<table style="width:100%;color:red">'),
        ('<div style="width:1200px">x</div>', '<div style="">'),
        ('<div style="min-width:1200px">x</div>', '<div style="">'),
        ('<p style="white-space:nowrap">x</p>', '<p style="white-space:normal">'),
        ('<p style="white-space: PRE !important">x</p>', '<p style="white-space:pre-wrap">'),
        ("<table><tbody><tr><td nowrap>x</td></tr></tbody></table>", "<td>x"),
        ('<table width="600"></table>', '<table width="600">'),
        ('<table style="width:100.0%"></table>', '<table style="width:100.0%">'),
    ],
)
def test_nothing_asks_for_a_page_that_is_wider_than_paper(wide: str, fits: str) -> None:
    """It would be drawn smaller as a whole, the cover's own lines too, until nobody can read them."""
    assert fits in clean_html(wide, {}).fragment


def test_a_long_address_of_a_page_may_break_and_says_the_same() -> None:
    address = "https://example.com/?a=1&b=" + "x" * 150
    fragment = clean_html(f"<table><tr><td>Link</td><td>{address.replace('&', '&amp;')}</td></tr></table>", {}).fragment
    assert max(map(len, unescape(fragment).replace("<", " <").replace(">", "> ").split())) < 30
    assert text_of(fragment).split()[-1].removeprefix("Link") == address


def test_words_and_pictures_stay_as_they_are() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 400}">'
    word = "Donaudampfschiffahrtsgesellschaft"
    assert clean_html(f"<p>{word}</p>{picture}", {}).fragment == f"<p>{word}</p>{picture}"
