"""Cover pages: golden documents for each design and language, whose templates may say what, and what a broken one does.

After a wanted change of a design: GOLDEN=write pytest tests/documents/test_cover.py, look at the pages, commit both.
"""

import io
import os
import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import plutoprint
import pypdfium2
import pytest
from markupsafe import Markup

from gateway.documents.cover import Company, CoverContext, CoverError, Covers, Sender
from gateway.documents.fonts import set_up_fonts
from gateway.documents.templates import bundled_templates

GOLDEN = Path(__file__).parent / "golden" / "cover"
BUNDLED = ("default", "formal", "minimal")

CONTEXT = CoverContext(
    sender=Sender("anna@example.com", "Anna Beispiel"),
    subject="Angebot für Müller & Söhne",
    date=datetime(2026, 11, 23, 14, 5, tzinfo=ZoneInfo("Europe/Berlin")),
    document_count=2,
    sole_recipient="+49 89 123456",
    body_text="Guten Tag,\n\nanbei das Angebot:\n    1 Stück   12,50 €\n\nViele Grüße\nAnna Beispiel",
    company=Company(
        name="Beispiel GmbH", phone="+49 89 1234-0", fax="+49 89 1234-99", address="Musterweg 1\n80331 München"
    ),
)


def custom(directory: Path, **templates: str) -> Covers:
    """Covers whose administrator has put these templates into `directory`."""
    (directory / "cover").mkdir()
    for name, text in templates.items():
        (directory / "cover" / f"{name}.html.j2").write_text(text, "utf-8")
    return Covers([directory])


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_covers_are_as_they_were_looked_at(name: str, language: Literal["en", "de"]) -> None:
    html = Covers().render(name, replace(CONTEXT, language=language))
    golden = GOLDEN / f"{name}.{language}.html"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(html, "utf-8")
    assert html == golden.read_text("utf-8")


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_covers_stand_any_mail(name: str) -> None:
    assert Covers().problems(name) == []


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_covers_never_name_a_recipient_that_others_could_read(name: str) -> None:
    covers = Covers()
    assert not covers.names_recipient(name)
    shared = covers.render(name, replace(CONTEXT, recipient="+49 89 999999", sole_recipient=None))
    assert "999999" not in shared
    assert "+49 89 123456" in covers.render(name, CONTEXT)


@pytest.mark.parametrize("name", BUNDLED)
def test_what_is_left_out_is_named_where_the_configuration_wants_it(name: str) -> None:
    assert "Not on this fax:" not in Covers().render(name, CONTEXT)
    told = Covers().render(name, replace(CONTEXT, left_out=("logo.png: <empty>", "smime.p7s: a signature")))
    assert "Not on this fax: logo.png: &lt;empty&gt;; smime.p7s: a signature" in told


def test_the_pieces_of_the_bundled_covers_are_no_covers_and_an_administrators_own_are(tmp_path: Path) -> None:
    assert Covers().names() == {"default", "formal", "minimal"}
    assert custom(tmp_path, own="x").names() == {"default", "formal", "minimal", "own"}


@pytest.mark.parametrize("name", BUNDLED)
def test_pages_are_shown_only_when_they_are_known(name: str) -> None:
    assert "Pages" not in Covers().render(name, CONTEXT)
    assert "Pages" in Covers().render(name, replace(CONTEXT, pages=5))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('"><img src=http://192.0.2.1/x>', "&#34;&gt;&lt;img src=http://192.0.2.1/x&gt;"),
        ("{{ 7 * 7 }}{% raw %}", "{{ 7 * 7 }}{% raw %}"),
        ("</title></style><b>", "&lt;/title&gt;&lt;/style&gt;&lt;b&gt;"),
        ("a\x00b\x1b[31mc\x85", "ab[31mc"),
        ("lone \udcfc surrogate", "lone ? surrogate"),
    ],
)
@pytest.mark.parametrize("name", BUNDLED)
def test_a_hostile_mail_shows_as_text(name: str, text: str, shown: str) -> None:
    for mail in (replace(CONTEXT, subject=text), replace(CONTEXT, body_text=text)):
        html = Covers().render(name, mail)
        assert shown in html
        if shown != text:
            assert text not in html
    assert shown in Covers().render(name, replace(CONTEXT, sender=Sender("anna@example.com", text)))


def test_html_of_the_mail_replaces_its_text() -> None:
    html = Covers().render("default", replace(CONTEXT, body_html=Markup("<p>Guten <b>Tag</b></p>")))
    assert "<p>Guten <b>Tag</b></p>" in html
    assert "anbei das Angebot" not in html


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_covers_are_made_for_black_and_white_at_98_lines_per_inch(name: str) -> None:
    html = Covers().render(name, CONTEXT)
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)pt", html)]
    lines = [float(size) for size in re.findall(r"([\d.]+)pt solid", html)]
    assert min(sizes) >= 11
    assert min(lines) >= 1
    assert set(re.findall(r"(?:color|background|solid):? ([#a-z]+)", html)) <= {"black", "white", "none"}
    assert not re.search(r"url\(|https?:|@import|<link|<script|flex|grid", html)


def printed(html: str, size: plutoprint.PageSize = plutoprint.PAGE_SIZE_A4) -> list[str]:
    """The text of each page."""
    set_up_fonts()
    book = plutoprint.Book(size)
    book.load_html(html)
    pdf = io.BytesIO()
    book.write_to_pdf_stream(pdf)
    with pypdfium2.PdfDocument(pdf.getvalue()) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


@pytest.mark.parametrize("size", [plutoprint.PAGE_SIZE_A4, plutoprint.PAGE_SIZE_LETTER], ids=["A4", "Letter"])
@pytest.mark.parametrize("name", BUNDLED)
def test_a_long_body_flows_onto_further_pages(name: str, size: plutoprint.PageSize) -> None:
    body = "\n".join(f"Zeile {number}." for number in range(150))
    pages = printed(Covers().render(name, replace(CONTEXT, body_text=body)), size)
    assert len(pages) > 1
    found = [int(number) for number in re.findall(r"Zeile (\d+)\.", "".join(pages))]
    assert found == list(range(150))


def test_words_break_between_them_and_lines_where_the_mail_breaks_them() -> None:
    body = "kurz\n" + "Donaudampfschifffahrt und noch ein Wort " * 10 + "\n" + "x" * 300
    lines = "\n".join(printed(Covers().render("default", replace(CONTEXT, body_text=body)))).splitlines()
    assert "kurz" in lines
    assert sum(line.count("Donaudampfschifffahrt") for line in lines) == 10
    assert sum(len(line) for line in lines if set(line.strip()) == {"x"}) >= 300  # wrapped, nothing cut off


# An administrator's templates


def test_an_administrators_directory_comes_first_and_may_build_on_the_bundled_base(tmp_path: Path) -> None:
    covers = custom(
        tmp_path,
        default='{% extends "base.html.j2" %}{% block page %}OURS {{ subject }}{% endblock %}',
    )
    html = covers.render("default", CONTEXT)
    assert "OURS Angebot für Müller &amp; Söhne" in html
    assert html.startswith("<!DOCTYPE html>")
    assert "OURS" not in covers.render("formal", CONTEXT)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{ sender.address }}", False),
        ("{{ sole_recipient }}", False),
        ("{{ recipient }}", True),
        ("{% if recipient is defined %}x{% endif %}", True),
        ("{% macro m() %}{{ recipient }}{% endmacro %}", True),
        ('{% include "inner.html.j2" %}', True),
        ('{% import "inner.html.j2" as inner with context %}', True),
        ('{% from "outer.html.j2" import x with context %}', True),
        ('{% extends "base.html.j2" %}', False),
        ('{% include ["base.html.j2", "inner.html.j2"] %}', True),
        ("{% include subject %}", True),
        ('{% include "missing.html.j2" ignore missing %}', True),
        ("{% if %}", True),
        ("{% set recipient = subject %}{{ recipient }}", False),
        ("{# recipient #}the recipient", False),
        ('{% include "itself.html.j2" %}', False),
    ],
)
def test_whether_a_template_names_the_recipient(tmp_path: Path, template: str, names: bool) -> None:
    covers = custom(
        tmp_path,
        ours=template,
        inner="{{ recipient }}",
        outer='{% include "inner.html.j2" %}',
        itself='{% include "itself.html.j2" %}',
    )
    assert covers.names_recipient("ours") is names


def test_a_template_that_is_not_there_counts_as_naming_the_recipient() -> None:
    assert Covers().names_recipient("nowhere")


@pytest.mark.parametrize(
    ("template", "line", "problem"),
    [
        ("a\n{% if %}", 2, "Expected an expression"),
        ("a\nb\n{{ subjekt }}", 3, "'subjekt' is undefined"),
        ("a\n\n{{ sender.phone }}", 3, "has no attribute 'phone'"),
        ('\n{% include "gone.html.j2" %}', 2, "there is no template gone.html.j2"),
        ("\n\n\n{{ 1 / 0 }}", 4, "ZeroDivisionError"),
        ("\n{{ subject.__class__.__mro__ }}", 2, "unsafe"),
        ("\n{% for i in range(10 ** 9) %}{% endfor %}", 2, "OverflowError"),
        ("\n{{ [].append(1) }}", 2, "unsafe"),
    ],
)
def test_a_broken_template_is_named_with_file_and_line(tmp_path: Path, template: str, line: int, problem: str) -> None:
    covers = custom(tmp_path, ours=template)
    with pytest.raises(CoverError, match=re.escape(problem)) as caught:
        covers.render("ours", CONTEXT)
    assert caught.value.line == line
    assert caught.value.file == str(tmp_path / "cover" / "ours.html.j2")
    assert f"ours.html.j2, line {line}: " in str(caught.value)
    assert covers.problems("ours") == [str(caught.value)]


def test_a_template_that_names_the_recipient_gives_no_cover_without_one(tmp_path: Path) -> None:
    covers = custom(tmp_path, ours="To {{ recipient }}")
    with pytest.raises(CoverError, match="'recipient' is undefined"):
        covers.render("ours", CONTEXT)


@pytest.mark.parametrize("name", BUNDLED)
def test_a_mail_without_any_sender_says_so(name: str) -> None:
    assert "(not given)" in Covers().render(name, replace(CONTEXT, sender=Sender("")))


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(CoverError, match=r"there is no template nowhere\.html\.j2"):
        Covers().render("nowhere", CONTEXT)


def test_an_error_tells_nothing_of_the_mail(tmp_path: Path) -> None:
    covers = custom(
        tmp_path,
        python="{{ subject.index('x' ~ subject) }}{{ '%d' % subject }}",
        undefined="{{ {}[subject] }}",
        missing="{% include subject %}",
        unsafe="{{ subject | attr('__' ~ subject) }}",
    )
    for name in ("python", "undefined", "missing", "unsafe"):
        with pytest.raises(CoverError) as caught:
            covers.render(name, replace(CONTEXT, subject="secret"))
        assert "secret" not in str(caught.value)


def test_a_fault_that_only_some_mails_meet_is_found(tmp_path: Path) -> None:
    covers = custom(
        tmp_path, ours="{{ sender.display_name.upper() }}", two='{% if language == "de" %}{{ x }}{% endif %}'
    )
    assert len(covers.problems("ours")) == 1
    assert len(covers.problems("two")) == 1


@pytest.mark.parametrize(("name", "stand_in"), [("formal", "formal"), ("ours", "default"), ("nowhere", "default")])
def test_a_bundled_cover_stands_in_for_a_broken_one(tmp_path: Path, name: str, stand_in: str) -> None:
    covers = custom(tmp_path, ours="{{ oops }}", formal="{% if %}", base="{{ oops }}")
    html, error = covers.render_or_bundled(name, replace(CONTEXT, recipient="+49 89 999999"))
    assert error is not None
    assert html == Covers().render(stand_in, CONTEXT)


def test_a_sound_template_needs_no_stand_in(tmp_path: Path) -> None:
    covers = custom(tmp_path, ours="{{ recipient }}")
    assert covers.render_or_bundled("ours", replace(CONTEXT, recipient="+49 89 1")) == ("+49 89 1", None)


def test_a_template_can_use_every_field(tmp_path: Path) -> None:
    uses = " ".join(f"{{{{ {field.name} }}}}" for field in fields(CoverContext))
    assert custom(tmp_path, ours=uses).problems("ours") == []


@pytest.mark.parametrize("name", ["../cover/default", "/etc/passwd", "..", "", "a\x00b"])
def test_a_name_never_leaves_the_directories(name: str) -> None:
    with pytest.raises(CoverError):
        Covers().render(name, CONTEXT)


def test_the_date_is_shown_in_its_own_zone_and_language() -> None:
    def shown(**changes: Any) -> str:
        return Covers().render("default", replace(CONTEXT, **changes))

    assert "23 November 2026, 14:05 CET" in shown()
    assert "23. November 2026, 14:05 CET" in shown(language="de")
    assert "1. März 2027, 08:00 UTC" in shown(language="de", date=datetime(2027, 3, 1, 8, tzinfo=UTC))


def test_the_bundled_directory_can_be_another(tmp_path: Path) -> None:
    assert bundled_templates().is_dir()
    covers = custom(tmp_path, only="x")
    assert covers.render("only", CONTEXT) == "x"
    assert Covers(bundled=tmp_path).render("only", CONTEXT) == "x"
