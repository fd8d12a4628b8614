"""What a fax is made of: the cover, the text, the attachments in their order; and what is refused or left out."""

import hashlib
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents import planning
from gateway.documents.assembly import Assembled, Makers, assemble
from gateway.documents.conversion import convert, inspect, leave_out_blanks
from gateway.documents.cover import CoverContext, Covers, Sender
from gateway.documents.finding import DocumentLimits, Fault, Finding, Look, Sound, Unsettled
from gateway.documents.planning import Attachment, CoverWhen, FaxRules, Opened, Plan
from gateway.documents.sniff import Kind
from gateway.documents.unfaxable import Unfaxable
from gateway.mail import Mail, MailLimits, Part, parse_mail

LIMITS = DocumentLimits()


def blank_pdf() -> bytes:
    bodies = (
        b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n",
        b"2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> endobj\n",
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>> endobj\n",
    )
    out, table = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for body in bodies:
        table += b"%010d 00000 n \n" % len(out)
        out += body
    return out + b"xref\n0 4\n%btrailer <</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))


PDF = blank_pdf()


def look(kind: Kind, content: bytes) -> Finding:
    """As in a converter process, without one."""
    return inspect(kind, content, LIMITS)


def made_of(content: Mail, cover: FaxRules, covers: Covers | None = None) -> Assembled:
    def made(kind: Kind, document: bytes, _found: Sound) -> bytes | Fault:
        return convert(kind, document, "A4")

    makers = Makers(made, leave_out_blanks)
    result = assemble(planned(content, cover), cover, LIMITS, covers or Covers(), context(), makers)
    assert isinstance(result, Assembled), result
    return result


def rules(
    when: CoverWhen = "body",
    *,
    drop_body: bool = False,
    template: str = "default",
    cover_as: Literal["html", "pdf"] = "html",
    drop_blank_pages: bool = False,
) -> FaxRules:
    return FaxRules(
        template=template,
        when=when,
        cover_as=cover_as,
        drop_body=drop_body,
        archives="refuse",
        drop_blank_pages=drop_blank_pages,
        language="en",
        timezone="UTC",
    )


def plan(content: Mail, fax: FaxRules, limits: DocumentLimits, looked: Look) -> Plan | Unfaxable:
    return planning.plan(content, fax, limits, MailLimits(), Opened(looked, lambda _kind, _content: Unsettled()))


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


def planned(content: Mail, cover: FaxRules) -> Plan:
    result = plan(content, cover, LIMITS, look)
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


@pytest.mark.parametrize(
    ("text", "html", "with_file", "cover"),
    [
        ("-- \nBeispiel GmbH", "", True, False),
        ("-- \nBeispiel GmbH", "", False, True),  # else there were nothing to fax
        ("", "<p>-- <br>Beispiel GmbH</p>", True, False),
        ("", "<p>Von meinem iPhone gesendet</p>", True, False),
        ("", "<p>Anbei.<br>Von meinem iPhone gesendet</p>", True, True),
    ],
)
def test_a_signature_alone_is_worth_no_page_beside_a_document(
    text: str, html: str, with_file: bool, cover: bool
) -> None:
    result = planned(mail(text, html, *([("a.pdf", PDF)] if with_file else [])), rules())
    assert (result.cover, result.body) == (cover, False)
    left_out = "the mail's text: it is a quote, a signature or a disclaimer and nothing else"
    assert result.left_out == (() if cover else (left_out,))


def test_a_subject_alone_is_faxed_where_a_cover_is_on_every_fax() -> None:
    content = mail("", "<html><body><div><br></div></body></html>")
    result = planned(content, rules("always"))
    assert (result.cover, result.body, result.document_count, result.least_pages) == (True, False, 0, 1)
    (cover,) = made_of(content, rules("always")).documents
    assert (cover.name, b"Angebot" in cover.data) == ("cover.html", True)


@pytest.mark.parametrize(
    ("content", "when", "said"),
    [
        (mail(), "body", "the mail has a subject, but no text and no document: "),
        (mail(), "no-attachments", "the mail has a subject, but no text and no document: "),
        (mail(), "never", "the mail has a subject, but no text and no document: "),
        (Mail(headers={}, subject=" \x07\n "), "always", "the mail has neither subject, text nor document: "),
        # What was left out was to be faxed: a cover alone would pass over it.
        (
            Mail(headers={}, subject="x", left_out=("a.pdf: its content is not in the mail",)),
            "always",
            "a subject, but",
        ),
    ],
    ids=["only with text", "only without documents", "no cover", "nothing to be read", "left out"],
)
def test_where_nothing_is_left_to_fax_the_sender_hears_what_to_do(content: Mail, when: CoverWhen, said: str) -> None:
    refused = plan(content, rules(when), LIMITS, look)
    assert isinstance(refused, Unfaxable)
    assert said in refused.sentence
    assert refused.sentence.endswith(": write a text or attach a document")


def test_dropping_the_text_is_said_and_never_leaves_an_empty_fax() -> None:
    dropped = planned(mail("Guten Tag", "", ("a.pdf", PDF)), rules("never", drop_body=True))
    assert (dropped.cover, dropped.body) == (False, False)
    assert dropped.left_out == ("the mail's text: cover.drop_body is set",)
    assert planned(mail("Guten Tag"), rules("never", drop_body=True)).body


def test_the_documents_are_in_the_order_of_the_fax() -> None:
    content = mail("Guten Tag", "", ("b.pdf", PDF), ("a.txt", b"text"), ("c.html", b"<p>x</p><script>y</script>"))
    made = made_of(content, rules())
    assert [document.name for document in made.documents] == ["cover.html", "b.pdf", "a.txt", "c.html"]
    cover, pdf, text, html = made.documents
    assert "Guten Tag" in cover.data.decode()
    assert (pdf.data, pdf.charset) == (PDF, None)
    assert (text.data, text.charset) == (b"text", "UTF-8")
    assert b"script" not in html.data


def test_a_text_without_a_cover_is_the_first_document() -> None:
    content = mail("Größe", "", ("a.pdf", PDF))
    made = made_of(content, rules("never"))
    assert [(document.name, document.charset) for document in made.documents] == [
        ("mail.txt", "UTF-8"),
        ("a.pdf", None),
    ]
    assert made.documents[0].data.decode().strip() == "Größe"


def test_an_html_text_without_a_cover_is_a_clean_html_document() -> None:
    content = mail("", "<p>Größe<img src='http://example.com/pixel.png'></p>")
    made = made_of(content, rules("never"))
    (document,) = made.documents
    assert document.name == "mail.html"
    assert b"http://" not in document.data
    assert made.warnings == ("1 pictures that the mail does not bring along",)


@pytest.mark.parametrize(
    "gap",
    [
        ("text/plain", "ATT00001.txt", b""),
        ("text/plain", "ATT00001.txt", b"\r\n\r\n"),
        (
            "text/html",
            "ATT00001.htm",
            b"<html><head><style>p{}</style></head><body><div><br></div>&nbsp;</body></html>",
        ),
    ],
)
def test_a_text_without_a_word_that_a_mail_server_has_added_is_no_blank_page(gap: tuple[str, str, bytes]) -> None:
    (maintype, _, subtype), name, data = gap[0].partition("/"), *gap[1:]
    message = EmailMessage()
    message.set_content("Guten Tag")
    for kind, called, content in (("pdf", "a.pdf", PDF), ("pdf", "b.pdf", PDF)):
        message.add_attachment(content, maintype="application", subtype=kind, filename=called)
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    result = planned(parse_mail(message.as_bytes(), MailLimits()), rules())
    assert [each.part.filename for each in result.attachments if isinstance(each, Attachment)] == ["a.pdf", "b.pdf"]
    assert [each.partition(":")[0] for each in result.left_out] == [name, name]


def test_a_page_with_nothing_but_a_picture_is_a_document() -> None:
    page = b"<p><img src='data:image/png;base64,iVBORw0KGgo='></p>"
    assert planned(mail("Guten Tag", "", ("plan.html", page)), rules()).document_count == 1


def test_a_scan_of_zero_bytes_is_refused_its_sender_would_take_it_for_sent() -> None:
    result = plan(mail("Guten Tag", "", ("a.pdf", PDF), ("Befund.pdf", b"")), rules(), LIMITS, look)
    assert isinstance(result, Unfaxable)
    assert result.sentence == "Befund.pdf is empty: not a byte of it has come; send it again"


@pytest.mark.parametrize(
    ("content", "culprit", "code"),
    [
        (mail(), None, "5.6.0"),
        (mail("   "), None, "5.6.0"),
        (mail("", "", ("empty.pdf", b"")), "empty.pdf", "5.6.0"),
        (mail("Guten Tag", "", ("photo.gif", b"GIF89a" + bytes(60))), "photo.gif", "5.6.0"),
        (mail("Guten Tag", "", ("a.pdf", b"%PDF-1.7\n")), "a.pdf", "5.6.0"),
        (mail("Guten Tag", "", ("a.pdf", b"PK\x03\x04" + zlib.compress(bytes(99)))), "a.pdf", "5.6.1"),
    ],
)
def test_what_cannot_be_faxed_is_refused_with_its_culprit(content: Mail, culprit: str | None, code: str) -> None:
    result = plan(content, rules(), LIMITS, look)
    assert isinstance(result, Unfaxable)
    assert (result.culprit, result.enhanced_code) == (culprit, code)
    assert culprit is None or culprit in result.sentence


def test_the_cover_counts_among_the_documents_of_a_job() -> None:
    content = mail("Guten Tag", "", ("a.pdf", PDF), ("b.pdf", PDF))
    assert isinstance(plan(content, rules(), DocumentLimits(documents=3), look), Plan)
    assert isinstance(plan(content, rules(), DocumentLimits(documents=2), look), Unfaxable)


def test_the_pages_of_all_documents_are_counted_together(documents: Any) -> None:
    content = mail("", "", ("a.pdf", documents.pdf(pages=3)), ("b.pdf", documents.compressed(pages=4)))
    assert planned(content, rules()).known_pages == 7
    assert isinstance(plan(content, rules(), DocumentLimits(pages=7), look), Plan)
    refused = plan(content, rules(), DocumentLimits(pages=6), look)
    assert refused == Unfaxable("the mail has 7 pages; at most 6 can be faxed in one job", "5.6.0")


def test_the_bytes_of_all_documents_are_counted_together() -> None:
    content = mail("", "", ("a.pdf", PDF), ("b.pdf", PDF))
    assert isinstance(plan(content, rules(), DocumentLimits(bytes=2 * len(PDF)), look), Plan)
    assert isinstance(plan(content, rules(), DocumentLimits(bytes=2 * len(PDF) - 1), look), Unfaxable)


def test_what_was_converted_counts_as_it_has_become() -> None:
    content = mail("", "", ("a.pdf", PDF))
    wanted = planned(content, rules())
    (attachment,) = wanted.attachments
    assert isinstance(attachment, Attachment)
    rewritten = replace(attachment, found=Sound(1, "it was turned over"))
    wanted = replace(wanted, attachments=(rewritten,))
    small = DocumentLimits(bytes=2000)
    for size, outcome in ((2000, Assembled), (2001, Unfaxable)):
        made = assemble(
            wanted, rules(), small, Covers(), context(), Makers(lambda *_, size=size: bytes(size), leave_out_blanks)
        )
        assert isinstance(made, outcome)


def test_a_document_that_is_rewritten_is_an_event_with_the_reason_and_both_hashes(documents: Any) -> None:
    sent = documents.saved(documents.picture(), "JPEG")
    made = made_of(mail("", "", ("Foto 1.jpg", sent), ("a.pdf", PDF)), rules())
    assert [document.name for document in made.documents] == ["Foto-1.pdf", "a.pdf"]
    assert made.documents[1].data == PDF
    before, after = (hashlib.sha256(data).hexdigest() for data in (sent, made.documents[0].data))
    (event,) = made.warnings
    assert event == (
        "Foto 1.jpg is not sent as it came: the picture has been put on a page of a PDF; "
        f"SHA-256 {before} became {after}"
    )


def test_a_refusal_names_the_file_and_what_to_do(documents: Any) -> None:
    result = plan(mail("Guten Tag", "", ("Vertrag.pdf", documents.locked(user="x"))), rules(), LIMITS, look)
    assert result == Unfaxable(
        "Vertrag.pdf is encrypted and can't be opened without its password; send it without one", "5.6.1", "Vertrag.pdf"
    )


def test_what_nobody_could_say_in_time_is_planned_and_judged_later() -> None:
    content = mail("", "", ("a.pdf", PDF))
    result = plan(content, rules(), LIMITS, lambda _kind, _content: Unsettled())
    assert isinstance(result, Plan)
    assert not result.is_settled
    assert planned(content, rules()).is_settled
    later = assemble(result, rules(), LIMITS, Covers(), context(), Makers(lambda *_: b"", leave_out_blanks))
    assert later == Unfaxable("a.pdf takes too long to be opened", "5.6.0", "a.pdf")


def test_a_conversion_that_fails_is_told_with_the_files_name(documents: Any) -> None:
    content = mail("", "", ("a.png", documents.saved(documents.picture(), "PNG")))
    broken = Fault("can't be opened")
    made = assemble(
        planned(content, rules()), rules(), LIMITS, Covers(), context(), Makers(lambda *_: broken, leave_out_blanks)
    )
    assert made == Unfaxable("a.png can't be opened", "5.6.0", "a.png")


HEADS = [
    b"%PDF-1.7\n",
    b"II*\0\x08\0\0\0",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    b"GIF89a",
    b"BM",
    b"",
]
TYPES = ["application/pdf", "image/tiff", "image/png", "text/plain", "text/html", "application/octet-stream", "x/y"]


@given(
    head=st.sampled_from(HEADS),
    rest=st.binary(max_size=300),
    declared_type=st.sampled_from(TYPES),
    filename=st.none() | st.text(max_size=20),
)
def test_any_bytes_under_any_type_have_a_plan_or_a_reason(
    head: bytes, rest: bytes, declared_type: str, filename: str | None
) -> None:
    part = Part(
        declared_type=declared_type,
        filename=filename,
        charset="no-such-charset",
        disposition="attachment",
        content_id=None,
        load=lambda: head + rest,
    )
    result = plan(Mail(headers={}, attachments=(part,)), rules(), LIMITS, look)
    assert isinstance(result, Plan | Unfaxable)


def test_a_broken_template_of_the_administrator_costs_no_fax(tmp_path: Path) -> None:
    (tmp_path / "cover").mkdir()
    (tmp_path / "cover" / "default.html.j2").write_text("{{ nonsense.here }}", encoding="utf-8")
    content = mail("Guten Tag", "", ("a.pdf", PDF))
    made = made_of(content, rules(), Covers([tmp_path]))
    assert "Guten Tag" in made.documents[0].data.decode()
    (warning,) = made.warnings
    assert warning.startswith("cover template default is broken, the bundled one was used")


def test_a_cover_may_be_printed_here() -> None:
    made = made_of(mail("Guten Tag", "", ("a.pdf", PDF)), rules(cover_as="pdf"))
    assert [document.name for document in made.documents] == ["cover.pdf", "a.pdf"]
    assert made.documents[0].data.startswith(b"%PDF-")
    assert made.warnings == ()


def test_a_cover_that_cannot_be_printed_here_is_left_to_the_service() -> None:
    content, wanted = mail("Guten Tag", "", ("a.pdf", PDF)), rules(cover_as="pdf")
    broken = Fault("can't be laid out")
    made = assemble(
        planned(content, wanted), wanted, LIMITS, Covers(), context(), Makers(lambda *_: broken, leave_out_blanks)
    )
    assert isinstance(made, Assembled)
    assert [document.name for document in made.documents] == ["cover.html", "a.pdf"]
    assert made.warnings == ("the cover can't be laid out: it is sent as HTML, for the fax service to print",)


def test_blank_pages_are_left_out_where_the_configuration_says_so(documents: Any) -> None:
    sent = documents.tiff()
    content = mail("", "", ("scan.tif", sent), ("a.txt", b"text"))
    wanted = rules(drop_blank_pages=True)
    makers = Makers(lambda *_: b"", lambda _kind, data: data + b"!")
    made = assemble(planned(content, wanted), wanted, LIMITS, Covers(), context(), makers)
    assert isinstance(made, Assembled)
    assert [document.data for document in made.documents] == [sent + b"!", b"text"]
    (event,) = made.warnings
    assert event.startswith("scan.tif: blank pages have been left out; SHA-256 ")
