"""PDFs: untouched where nothing is wrong, mended where that loses nothing, refused with a reason where it would."""

import io
import os
import re
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents import pdf
from gateway.documents.finding import Fault, Sound
from gateway.documents.pdf import inspect_pdf, rewritten_pdf, sound_at_once


def opened(content: bytes | Fault) -> pikepdf.Pdf:
    """It opens without a warning, a recovery or a password."""
    assert isinstance(content, bytes)
    document = pikepdf.open(io.BytesIO(content), attempt_recovery=False)
    assert len(document.pages)
    assert document.get_warnings() == []
    assert not document.is_encrypted
    return document


@pytest.mark.parametrize("pages", [1, 3])
def test_a_sound_pdf_goes_out_byte_for_byte(documents: Any, pages: int) -> None:
    for content in (documents.pdf(pages=pages), documents.compressed(pages=pages), documents.pdf(linearize=True)):
        found = inspect_pdf(content)
        assert isinstance(found, Sound)
        assert found.rewrite is None
        assert rewritten_pdf(content) is content
    assert inspect_pdf(documents.pdf(pages=pages)) == Sound(pages)
    assert inspect_pdf(documents.compressed(pages=pages)) == Sound(pages)


def test_active_content_is_left_in(documents: Any) -> None:
    def add(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")

    assert inspect_pdf(documents.pdf(add)) == Sound(1)


def test_a_pdf_that_needs_a_password_is_refused(documents: Any) -> None:
    content = documents.locked(user="geheim")
    assert inspect_pdf(content) == pdf.ENCRYPTED
    assert rewritten_pdf(content) == pdf.ENCRYPTED
    assert pdf.ENCRYPTED.enhanced_code == "5.6.1"


@pytest.mark.parametrize(("was", "becomes"), [(b"/Filter /Standard", b"/Filter /Adobe.PubSec"), (b"/V 5", b"/V 9")])
def test_an_encryption_that_nobody_here_knows_is_one_all_the_same(documents: Any, was: bytes, becomes: bytes) -> None:
    content = documents.locked()
    assert was in content
    assert inspect_pdf(content.replace(was, becomes)) == pdf.ENCRYPTED


def test_an_owners_password_is_taken_off(documents: Any) -> None:
    """Fax4A: RENDERING_ERROR (a protected PDF, say)."""
    content = documents.locked()
    assert inspect_pdf(content) == Sound(1, pdf.UNLOCKED)
    with opened(rewritten_pdf(content)) as document:
        assert b"1 0 m" in document.pages[0].Contents.read_bytes()


def test_a_form_whose_pages_are_elsewhere_is_refused(documents: Any) -> None:
    assert inspect_pdf(documents.form(dynamic=True)) == pdf.XFA


def test_a_form_that_has_its_pages_loses_only_the_other_form(documents: Any) -> None:
    content = documents.form(dynamic=False)
    assert inspect_pdf(content) == Sound(1, pdf.WITHOUT_XFA)
    with opened(rewritten_pdf(content)) as document:
        assert "/XFA" not in document.Root.AcroForm
        assert document.Root.AcroForm.Fields[0].V == "Jana"


def test_a_form_that_says_that_it_must_be_drawn_first_is_refused(documents: Any) -> None:
    content = documents.form(dynamic=False).replace(b"/Type /Catalog", b"/NeedsRendering true /Type /Catalog")
    assert inspect_pdf(content) == pdf.XFA


def test_without_pages_there_is_nothing_to_fax(documents: Any) -> None:
    content = re.sub(rb"/Kids \[[^]]*\]", b"/Kids [ ]", documents.pdf()).replace(b"/Count 1", b"/Count 0")
    assert isinstance(inspect_pdf(content), Fault)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "table elsewhere": lambda content: content.replace(b"startxref\n", b"startxref\n9"),
    "no table": lambda content: content[: content.rindex(b"xref\n0")],
    "end cut off": lambda content: content[: content.rindex(b"startxref")],
    "much behind it": lambda content: content + bytes(5000),
    "sent as text": lambda content: content.replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_pdf_is_repaired_where_nothing_is_lost(documents: Any, damage: str) -> None:
    content = DAMAGES[damage](documents.pdf(pages=2))
    assert inspect_pdf(content) == Sound(2, pdf.REPAIRED)
    with opened(rewritten_pdf(content)) as document:
        assert b"2 0 m" in document.pages[1].Contents.read_bytes()


def test_repairing_the_same_document_gives_the_same_bytes(documents: Any) -> None:
    content = DAMAGES["no table"](documents.pdf())
    assert rewritten_pdf(content) == rewritten_pdf(content)


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.75])
@pytest.mark.parametrize("kind", ["classic", "compressed", "linear"])
def test_a_pdf_of_which_a_part_is_missing_is_refused_not_faxed_blank(documents: Any, kind: str, share: float) -> None:
    """qpdf would mend it, to pages without contents."""
    content = {
        "classic": lambda: documents.pdf(pages=5),
        "compressed": lambda: documents.compressed(pages=5),
        "linear": lambda: documents.pdf(pages=5, linearize=True),
    }[kind]()
    found = inspect_pdf(content[: int(len(content) * share)])
    assert found in (pdf.DAMAGED, pdf.INCOMPLETE)


def test_a_last_stream_that_breaks_off_is_a_missing_part(documents: Any) -> None:
    def add(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Contents = pikepdf.Stream(document, b"0 0 m 99 99 l S\n" * 200)

    content = documents.pdf(add)
    assert content.rindex(b"endstream") < content.rindex(b"xref")
    cut = content[: content.rindex(b"endstream") - 500]
    assert b"endobj" not in cut[cut.rindex(b"stream\n") :]
    assert inspect_pdf(cut) == pdf.INCOMPLETE


def test_streams_that_a_transfer_as_text_has_broken_are_a_damage(documents: Any) -> None:
    def add(document: pikepdf.Pdf) -> None:
        random = pikepdf.Stream(document, b"% " + os.urandom(3000).hex().encode() + b"\n0 0 m 99 99 l S\n")
        document.pages[0].obj.Contents = random

    content = documents.pdf(add, compress_streams=True)
    assert b"FlateDecode" in content
    seven_bit = bytes(octet & 0x7F for octet in content)
    assert inspect_pdf(DAMAGES["table elsewhere"](seven_bit)) == pdf.DAMAGED


def test_a_page_that_unfolds_without_end_is_refused(documents: Any) -> None:
    assert inspect_pdf(documents.packed_twice()) == pdf.BOMB
    assert inspect_pdf(documents.packed_far(600)) == pdf.BOMB
    assert inspect_pdf(documents.packed_far(60)) == Sound(1)


def test_a_plain_pdf_is_known_at_once_however_large_its_pictures_are(documents: Any) -> None:
    def add(document: pikepdf.Pdf) -> None:
        picture = pikepdf.Stream(document, os.urandom(2_000_000), Filter=pikepdf.Name.DCTDecode)
        document.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))

    assert sound_at_once(documents.pdf(pages=2)) == Sound(2)
    assert sound_at_once(documents.pdf(add)) == Sound(1)


def test_what_might_take_time_or_a_repair_is_not_judged_at_once(documents: Any) -> None:
    def much(document: pikepdf.Pdf) -> None:
        document.Root.Padding = pikepdf.Array([0] * 100_000)

    later = [
        documents.compressed(),
        documents.locked(),
        documents.form(dynamic=False),
        documents.packed_twice(),
        documents.pdf(much),
        documents.pdf(pages=1000),
        documents.pdf().replace(b"/Type /Catalog", b"/Type /Catalog /A /#58R#65f"),
        *(damage(documents.pdf()) for damage in DAMAGES.values()),
    ]
    assert [sound_at_once(content) for content in later] == [None] * len(later)


@given(st.binary(max_size=400))
def test_what_is_known_at_once_never_raises(content: bytes) -> None:
    assert sound_at_once(b"%PDF-1.7\n" + content) is None


@given(cut=st.integers(0, 900), garbage=st.binary(max_size=40))
def test_a_pdf_with_any_bytes_in_it_is_sound_or_not_judged_at_once(documents: Any, cut: int, garbage: bytes) -> None:
    content = documents.pdf()
    found = sound_at_once(content[:cut] + garbage + content[cut + len(garbage) :])
    assert found is None or found == Sound(1)
