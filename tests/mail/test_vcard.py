"""A visiting card as a person reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.contentline import MOST_LINES
from gateway.mail.vcard import vcard_text


def card(*lines: str) -> str:
    return "\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["N:Beispiel;Jana;;;", "FN:Jana Beispiel"], "Jana Beispiel\n"),
        (["N:Beispiel;Jana;;;"], "Jana Beispiel\n"),
        (["N:Beispiel"], "Beispiel\n"),
        (["FN:J", "ORG:Beispiel GmbH;Einkauf"], "J\nOrganisation: Beispiel GmbH, Einkauf\n"),
        (["FN:J", "TEL;TYPE=WORK,FAX:+49 89 123457"], "J\nTelephone (work, fax): +49 89 123457\n"),
        (["FN:J", "TEL;WORK;VOICE:+49 89 123456"], "J\nTelephone (work): +49 89 123456\n"),  # vCard 2.1
        (["FN:J", "TEL;VALUE=uri;TYPE=cell:tel:+4989123458"], "J\nTelephone (mobile): +4989123458\n"),  # vCard 4
        (["FN:J", "item1.EMAIL;TYPE=INTERNET:j@example.com"], "J\nMail: j@example.com\n"),
        (["FN:J", "ADR:;;Musterstraße 1;München;;80331;"], "J\nAddress: Musterstraße 1, München, 80331\n"),
        (["FN:J\\, Dr.", "NOTE:not shown", "PHOTO;ENCODING=b:/9j/", " 4AAQ"], "J, Dr.\n"),
        (["FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCl=\nler"], "Müller\n"),
    ],
)
def test_a_card_is_shown_by_its_main_fields(lines: list[str], text: str) -> None:
    assert vcard_text(card(*lines)) == text


def test_several_cards_are_paragraphs_even_if_the_last_is_cut_off() -> None:
    assert vcard_text(card("FN:A") + "BEGIN:VCARD\nFN:B\n") == "A\n\nB\n"


@pytest.mark.parametrize("text", ["", "no card", card(), card(*["TEL:1"] * MOST_LINES)])
def test_what_has_nothing_to_show_is_shown_as_it_came(text: str) -> None:
    assert vcard_text(text) == text


@given(st.text(alphabet='BEGIN:VCARD\n NTEL;=,"\\QUOTED-PRINTABLE', max_size=120))
def test_any_text_is_shown_somehow(text: str) -> None:
    assert isinstance(vcard_text(card(text)), str)
