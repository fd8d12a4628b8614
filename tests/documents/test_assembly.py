"""What a fax is made of: the cover, the text, the attachments in their order; and what is refused or left out."""

import zlib
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.documents.assembly import CoverRules, CoverWhen, Plan, Unfaxable, assemble, plan
from gateway.documents.cover import CoverContext, Covers, Sender
from gateway.mail import Mail, MailLimits, parse_mail

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def rules(when: CoverWhen = "body", *, drop_body: bool = False, template: str = "default") -> CoverRules:
    return CoverRules(template=template, when=when, drop_body=drop_body)


def mail(text: str = "", html: str = "", *files: tuple[str, bytes]) -> Mail:
    message = EmailMessage()
    message["Subject"] = "Angebot"
    if text:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    for filename, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=filename)
    return parse_mail(message.as_bytes(), MailLimits())


def context(**changes: object) -> CoverContext:
    facts: dict[str, object] = {
        "sender": Sender("jana@example.com"),
        "subject": "Angebot",
        "date": datetime(2026, 11, 23, tzinfo=UTC),
        "document_count": 1,
        "body_text": "Guten Tag",
    }
    return CoverContext(**(facts | changes))  # type: ignore[arg-type] # the keywords come from tests


def planned(content: Mail, cover: CoverRules) -> Plan:
    result = plan(content, cover, most_documents=50)
    assert isinstance(result, Plan), result
    return result


@pytest.mark.parametrize(
    ("when", "text", "with_file", "cover", "body"),
    [
        ("body", "Guten Tag", True, True, False),
        ("body", "Guten Tag", False, True, False),
        ("body", "", True, False, False),
        ("body", "  \n ", True, False, False),
        ("always", "", True, True, False),
        ("always", "Guten Tag", False, True, False),
        ("no-attachments", "Guten Tag", True, False, True),
        ("no-attachments", "Guten Tag", False, True, False),
        ("never", "Guten Tag", True, False, True),
        ("never", "Guten Tag", False, False, True),
    ],
)
def test_the_mails_text_goes_on_the_cover_or_is_a_document_of_its_own(
    when: CoverWhen, text: str, with_file: bool, cover: bool, body: bool
) -> None:
    result = planned(mail(text, "", *([("a.pdf", PDF)] if with_file else [])), rules(when))
    assert (result.cover, result.body) == (cover, body)


def test_dropping_the_text_is_said_and_never_leaves_an_empty_fax() -> None:
    dropped = planned(mail("Guten Tag", "", ("a.pdf", PDF)), rules("never", drop_body=True))
    assert (dropped.cover, dropped.body) == (False, False)
    assert dropped.left_out == ("the mail's text: cover.drop_body is set",)
    assert planned(mail("Guten Tag"), rules("never", drop_body=True)).body


def test_the_documents_are_in_the_order_of_the_fax() -> None:
    content = mail("Guten Tag", "", ("b.pdf", PDF), ("a.txt", b"text"), ("c.html", b"<p>x</p><script>y</script>"))
    made = assemble(content, planned(content, rules()), rules(), Covers(), context())
    assert [document.name for document in made.documents] == ["cover.html", "b.pdf", "a.txt", "c.html"]
    cover, pdf, text, html = made.documents
    assert "Guten Tag" in cover.data.decode()
    assert (pdf.data, pdf.charset) == (PDF, None)
    assert (text.data, text.charset) == (b"text", "UTF-8")
    assert b"script" not in html.data


def test_a_text_without_a_cover_is_the_first_document() -> None:
    content = mail("Größe", "", ("a.pdf", PDF))
    made = assemble(content, planned(content, rules("never")), rules("never"), Covers(), context())
    assert [(document.name, document.charset) for document in made.documents] == [
        ("mail.txt", "UTF-8"),
        ("a.pdf", None),
    ]
    assert made.documents[0].data.decode().strip() == "Größe"


def test_an_html_text_without_a_cover_is_a_clean_html_document() -> None:
    content = mail("", "<p>Größe<img src='http://example.com/pixel.png'></p>")
    made = assemble(content, planned(content, rules("never")), rules("never"), Covers(), context())
    (document,) = made.documents
    assert document.name == "mail.html"
    assert b"http://" not in document.data
    assert made.warnings == ("1 pictures that the mail does not bring along",)


def test_an_attachment_of_zero_bytes_is_left_out_and_named() -> None:
    content = mail("Guten Tag", "", ("a.pdf", PDF), ("empty.pdf", b""))
    result = planned(content, rules())
    assert [each.part.filename for each in result.attachments] == ["a.pdf"]
    assert result.left_out == ("empty.pdf: empty",)


@pytest.mark.parametrize(
    ("content", "culprit", "code"),
    [
        (mail(), None, "5.6.0"),
        (mail("   "), None, "5.6.0"),
        (mail("", "", ("empty.pdf", b"")), None, "5.6.0"),
        (mail("Guten Tag", "", ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(60))), "photo.png", "5.6.1"),
        (mail("Guten Tag", "", ("a.pdf", b"PK\x03\x04" + zlib.compress(bytes(99)))), "a.pdf", "5.6.1"),
    ],
)
def test_what_cannot_be_faxed_is_refused_with_its_culprit(content: Mail, culprit: str | None, code: str) -> None:
    result = plan(content, rules(), most_documents=50)
    assert isinstance(result, Unfaxable)
    assert (result.culprit, result.enhanced_code) == (culprit, code)
    assert culprit is None or culprit in result.sentence


def test_the_cover_counts_among_the_documents_of_a_job() -> None:
    content = mail("Guten Tag", "", ("a.pdf", PDF), ("b.pdf", PDF))
    assert isinstance(plan(content, rules(), most_documents=3), Plan)
    assert isinstance(plan(content, rules(), most_documents=2), Unfaxable)


def test_a_broken_template_of_the_administrator_costs_no_fax(tmp_path: Path) -> None:
    (tmp_path / "cover").mkdir()
    (tmp_path / "cover" / "default.html.j2").write_text("{{ nonsense.here }}", encoding="utf-8")
    content = mail("Guten Tag", "", ("a.pdf", PDF))
    made = assemble(content, planned(content, rules()), rules(), Covers([tmp_path]), context())
    assert "Guten Tag" in made.documents[0].data.decode()
    (warning,) = made.warnings
    assert warning.startswith("cover template default is broken, the bundled one was used")
