"""Fax4A, documents[].name: at most 32 characters of a-zA-Z0-9-_., and still what the sender called it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.names import ENDINGS, wire_names
from gateway.documents.sniff import Kind

ALLOWED = re.compile(r"[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,31}")
KINDS = st.sampled_from(sorted(ENDINGS))


@pytest.mark.parametrize(
    ("original", "kind", "name"),
    [
        ("Angebot für Müller & Söhne.pdf", Kind.PDF, "Angebot-fuer-Mueller-Soehne.pdf"),
        ("Größe.TXT", Kind.TEXT, "Groesse.txt"),
        ("scan.tiff", Kind.TIFF, "scan.tif"),
        ("offer", Kind.PDF, "offer.pdf"),
        ("offer.doc", Kind.PDF, "offer.pdf"),
        ("page.htm", Kind.HTML, "page.html"),
        ("C:\\Users\\jana\\offer.pdf", Kind.PDF, "offer.pdf"),
        ("/home/jana/offer.pdf", Kind.PDF, "offer.pdf"),
        (".htaccess", Kind.TEXT, "htaccess.txt"),
        ("...pdf", Kind.PDF, "document.pdf"),
        (None, Kind.PDF, "document.pdf"),
        ("", Kind.TEXT, "document.txt"),
        ("!!!", Kind.TEXT, "document.txt"),
        ("Résumé à jour.pdf", Kind.PDF, "Resume-a-jour.pdf"),
        ("Żółć.pdf", Kind.PDF, "Zolc.pdf"),
        ("Договор.pdf", Kind.PDF, "Dogovor.pdf"),
        ("Συμφωνία.pdf", Kind.PDF, "Symfonia.pdf"),
        ("v1.2 final.pdf", Kind.PDF, "v1.2-final.pdf"),
        ("a" * 100 + ".pdf", Kind.PDF, "a" * 28 + ".pdf"),
        ("a\u0308rger.pdf", Kind.PDF, "aerger.pdf"),  # a decomposed ä, as macOS writes it
    ],
)
def test_a_name_stays_readable(original: str | None, kind: Kind, name: str) -> None:
    assert wire_names([(original, kind)]) == (name,)


def test_names_of_one_job_differ_whatever_the_case_of_their_letters() -> None:
    wanted = [("Scan.pdf", Kind.PDF), ("scan.PDF", Kind.PDF), ("scan.pdf", Kind.PDF), ("scan.txt", Kind.TEXT)]
    assert wire_names(wanted) == ("Scan.pdf", "scan-2.pdf", "scan-3.pdf", "scan.txt")


def test_a_long_name_makes_room_for_what_tells_it_from_the_others() -> None:
    names = wire_names([("a" * 40, Kind.HTML)] * 11)
    assert names[0] == "a" * 27 + ".html"
    assert names[10] == "a" * 24 + "-11.html"


@given(st.lists(st.tuples(st.none() | st.text(), KINDS), max_size=60))
def test_whatever_the_senders_call_them_the_service_takes_the_names(wanted: list[tuple[str | None, Kind]]) -> None:
    names = wire_names(wanted)
    assert len(names) == len(wanted)
    assert len({name.lower() for name in names}) == len(names)
    for name, (_, kind) in zip(names, wanted, strict=True):
        assert ALLOWED.fullmatch(name), name
        assert name.endswith(ENDINGS[kind])
        assert name != ENDINGS[kind]


@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=28))
def test_a_name_that_is_good_already_is_kept(stem: str) -> None:
    assert wire_names([(f"{stem}.pdf", Kind.PDF)]) == (f"{stem}.pdf",)
