"""An attached mail as a page: its header, then its text."""

from zoneinfo import ZoneInfo

from gateway.documents.letter import letter_html
from gateway.mail import MailLimits, parse_mail

BERLIN = ZoneInfo("Europe/Berlin")
RAW = """\
From: =?utf-8?q?Max_M=C3=BCller?= <max@example.com>
To: Jana <jana@example.com>, "Einkauf <3>" <einkauf@example.com>
Date: Mon, 23 Nov 2026 09:30:00 +0000
Subject: Angebot <b>
MIME-Version: 1.0
Content-Type: {content_type}; charset=utf-8

{text}
"""


def letter(text: str, content_type: str = "text/plain", language: str = "en") -> tuple[str, tuple[str, ...]]:
    mail = parse_mail(RAW.format(text=text, content_type=content_type).encode(), MailLimits())
    return letter_html(mail, language, BERLIN)  # type: ignore[arg-type] # a table's word


def test_who_wrote_to_whom_and_when_stands_above_the_text() -> None:
    page, dropped = letter("Grüße & <mehr>")
    for fact in (
        "<th>From</th><td>Max Müller &lt;max@example.com&gt;</td>",
        "<th>Date</th><td>2026-11-23 10:30 CET</td>",
        "<th>Subject</th><td>Angebot &lt;b&gt;</td>",
        "Einkauf &lt;3&gt;",
        "<pre>Grüße &amp; &lt;mehr&gt;",
    ):
        assert fact in page
    assert dropped == ()


def test_its_words_are_in_the_language_of_the_profile() -> None:
    page, _ = letter("x", language="de")
    assert "<th>Von</th>" in page
    assert "<th>Betreff</th>" in page


def test_its_html_is_cleaned_as_any_other() -> None:
    page, dropped = letter("<p>x</p><script>y</script><img src='http://example.com/p.png'>", "text/html")
    assert "<p>x</p>" in page
    assert "script" not in page
    assert "example.com/p.png" not in page
    assert dropped == ("1 pictures that the mail does not bring along",)


def test_a_mail_without_a_header_is_a_page_all_the_same() -> None:
    page, _ = letter_html(parse_mail(b"\r\njust text", MailLimits()), "en", BERLIN)
    assert "just text" in page
