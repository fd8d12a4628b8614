"""winmail.dat: the text and the attachments that Outlook has packed into it."""

import struct
from typing import Any

import pytest
from compressed_rtf import compress

from gateway.documents.finding import DocumentLimits, Entry, Fault, Unpacked
from gateway.documents.winmail import EMPTY, INCOMPLETE, UNFORMATTED, unpacked_winmail

LIMITS = DocumentLimits(documents=5, bytes=100_000)
WRAPPED_HTML = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}{\*\htmltag18 <html>}{\*\htmltag50 <body>}"
    rb"\htmlrtf {\f0 \htmlrtf0 {\*\htmltag64 <p>}Gr\'fc\'dfe{\*\htmltag72 </p>}\htmlrtf }\htmlrtf0 "
    rb"{\*\htmltag58 </body>}{\*\htmltag27 </html>}}"
)
WRAPPED_TEXT = rb"{\rtf1\ansi\ansicpg1252\fromtext \deff0{\fonttbl{\f0\fswiss Arial;}}\uc1\pard\plain Guten Tag\par }"
RICH = rb"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\pard Guten \b Tag\b0\par}"


def unpacked(content: bytes) -> Unpacked:
    found = unpacked_winmail(content, LIMITS)
    assert isinstance(found, Unpacked)
    return found


def test_html_comes_before_plain_text(outlook: Any) -> None:
    content = outlook.winmail(
        outlook.message(
            outlook.prop(outlook.BODY, outlook.STRING, b"Guten Tag"),
            outlook.prop(outlook.HTML, outlook.BINARY, "<p>Grüße</p>".encode("cp1252")),
        )
    )
    assert unpacked(content) == Unpacked(None, "<p>Grüße</p>", ())


def test_html_is_taken_out_of_the_rtf_that_wraps_it(outlook: Any) -> None:
    content = outlook.winmail(
        outlook.message(
            outlook.prop(outlook.BODY, outlook.STRING, b"Gruesse"),
            outlook.prop(outlook.RTF, outlook.BINARY, compress(WRAPPED_HTML)),
        )
    )
    found = unpacked(content)
    assert found.body_text is None
    assert found.body_html is not None
    assert "<p>Grüße</p>" in found.body_html
    assert "htmlrtf" not in found.body_html


def test_plain_text_is_taken_out_of_the_rtf_that_wraps_it(outlook: Any) -> None:
    content = outlook.winmail(outlook.message(outlook.prop(outlook.RTF, outlook.BINARY, compress(WRAPPED_TEXT))))
    found = unpacked(content)
    assert (found.body_text or "").strip() == "Guten Tag"
    assert found.body_html is None


def test_rich_text_is_a_document_where_nothing_else_says_the_same(outlook: Any) -> None:
    rich = outlook.prop(outlook.RTF, outlook.BINARY, compress(RICH))
    plain = outlook.prop(outlook.BODY, outlook.UNICODE, "Grüße".encode("utf-16-le"))
    assert unpacked(outlook.winmail(outlook.message(plain, rich))) == Unpacked("Grüße", None, ())
    (entry,) = unpacked(outlook.winmail(outlook.message(rich))).entries
    assert (entry.name, entry.declared_type) == ("message.rtf", "application/rtf")
    assert entry.data.rstrip(b"\0") == RICH


def stored(rtf: bytes) -> bytes:
    """[MS-OXRTFCP] §2.1.3.1.5, COMPTYPE: not packed."""
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


def test_what_would_take_too_long_to_unwrap_goes_without_its_formatting(outlook: Any) -> None:
    paragraph = rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Guten Tag{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0 "
    rtf = outlook.prop(outlook.RTF, outlook.BINARY, stored(WRAPPED_HTML[:-1] + paragraph * 3000 + b"}"))
    plain = outlook.prop(outlook.BODY, outlook.STRING, b"Guten Tag")
    assert unpacked(outlook.winmail(outlook.message(plain, rtf))) == Unpacked("Guten Tag", None, (), (UNFORMATTED,))
    found = unpacked_winmail(outlook.winmail(outlook.message(rtf)), DocumentLimits())
    assert isinstance(found, Unpacked)
    assert [each.declared_type for each in found.entries] == ["application/rtf"]
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("rtf", "is_there"),
    [
        (rb"{\rtf1\ansi\deff0{\fonttbl{\f0\fswiss Arial;}}{\colortbl;\red0\green0\blue0;}\pard\plain\f0\par }", False),
        (rb"{\rtf1\ansi{\*\generator Outlook;}{\info{\author A}}\par}", False),
        (rb"{\rtf1\ansi a}", True),
        (rb"{\rtf1\ansi 1}", True),
        (rb"{\rtf1\ansi \'fc}", True),
        (rb"{\rtf1\ansi \u8364?}", True),
        (rb"{\rtf1\ansi {\pict\pngblip 89504e}}", True),
    ],
    ids=range(7),
)
def test_rich_text_without_a_letter_is_no_document(outlook: Any, rtf: bytes, is_there: bool) -> None:
    found = unpacked(outlook.winmail(outlook.message(outlook.prop(outlook.RTF, outlook.BINARY, stored(rtf)))))
    assert bool(found.entries) is is_there


@pytest.mark.parametrize(
    ("codepage", "raw", "text"),
    [(1252, b"Gr\xfc\xdfe", "Grüße"), (1251, "Привет всем".encode("cp1251"), "Привет всем"), (65001, b"Tag", "Tag")],
)
def test_text_is_read_in_its_code_page(outlook: Any, codepage: int, raw: bytes, text: str) -> None:
    content = outlook.winmail(outlook.attribute(1, 0x800C, 2, raw + b"\0"), codepage=codepage)
    assert unpacked(content) == Unpacked(text, None, ())


def test_attachments_have_their_long_names_and_types(outlook: Any) -> None:
    content = outlook.winmail(
        outlook.attachment(
            b"RECHNU~1.PDF",
            b"%PDF\0\0",
            outlook.prop(outlook.LONG_NAME, outlook.UNICODE, "Rechnung März.pdf".encode("utf-16-le")),
            outlook.prop(outlook.MIME_TAG, outlook.STRING, b"application/pdf"),
            outlook.prop(outlook.CONTENT_ID, outlook.STRING, b"<image1@example.com>"),
        ),
        outlook.attachment("Größe.txt".encode("cp1252"), b"a"),
        outlook.attachment(b"leer.txt", b""),
    )
    found = unpacked(content)
    assert found.entries == (
        Entry("Rechnung März.pdf", "application/pdf", b"%PDF\0\0", "image1@example.com"),
        Entry("Größe.txt", "", b"a"),
    )
    assert found.left_out == ("leer.txt: empty",)


def test_a_message_that_is_attached_is_its_text_and_its_attachments(outlook: Any) -> None:
    inner = outlook.winmail(
        outlook.message(outlook.prop(outlook.BODY, outlook.STRING, b"Guten Tag")),
        outlook.attachment(b"a.txt", b"Anlage"),
    )
    found = unpacked(outlook.winmail(outlook.embedded(b"Angebot", inner)))
    assert found.entries == (Entry("Angebot", "text/plain", b"Guten Tag"), Entry("a.txt", "", b"Anlage"))


def test_messages_within_messages_end_somewhere_and_it_is_told(outlook: Any) -> None:
    content = outlook.winmail(outlook.message(outlook.prop(outlook.BODY, outlook.STRING, b"innermost")))
    for depth in range(5):
        text = outlook.message(outlook.prop(outlook.BODY, outlook.STRING, b"depth %d" % depth))
        content = outlook.winmail(text, outlook.embedded(b"inner", content))
    found = unpacked(content)
    assert [each.data for each in found.entries] == [b"depth 3", b"depth 2"]
    assert found.left_out == (INCOMPLETE,)


def test_a_winmail_with_nothing_in_it_refuses_no_mail(outlook: Any) -> None:
    assert unpacked(outlook.winmail()) == Unpacked(None, None, (), (EMPTY,))


def test_what_the_library_could_not_read_is_told(outlook: Any) -> None:
    text = outlook.attribute(1, 0x800C, 2, b"Guten Tag\0")
    broken = outlook.attribute(1, 0x9003, 6, b"\x02\0\0\0" + outlook.prop(outlook.SUBJECT, 0x7777, b"a"))
    assert unpacked(outlook.winmail(text, broken)) == Unpacked("Guten Tag", None, (), (INCOMPLETE,))
    assert isinstance(unpacked_winmail(outlook.winmail(broken), LIMITS), Fault)


def test_too_much_is_refused(outlook: Any) -> None:
    many = outlook.winmail(*(outlook.attachment(b"a.txt", b"a") for _ in range(6)))
    large = outlook.winmail(outlook.attachment(b"a.txt", bytes(100_001)))
    for content, said in ((many, "more than 5 attachments"), (large, "more than 0 MB")):
        found = unpacked_winmail(content, LIMITS)
        assert isinstance(found, Fault)
        assert said in found.reason
