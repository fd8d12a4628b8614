"""Whether a text says anything: quotes, signatures and disclaimers don't."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import MailLimits, parse_mail
from gateway.mail.quoting import LONGEST, is_answer, own_words

DISCLAIMER = (
    "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind,\n"
    "informieren Sie bitte den Absender."
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \r\n\r\n",
        "-- \r\nBeispiel GmbH\r\nWeg 1",
        "--\nJana Beispiel",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet\n",
        "Get Outlook for iOS",
        "Gesendet mit der Mail-App",
        DISCLAIMER,
        f"\n\n{DISCLAIMER}\n\n-- \nBeispiel GmbH",
        "CONFIDENTIALITY NOTICE: this message is confidential and meant for the intended recipient only.",
    ],
)
def test_nothing_was_written(text: str) -> None:
    assert own_words(text, is_answer=False) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Guten Tag,\n\nanbei das Angebot.",
        "Bitte sofort vorlegen!",
        "Viele Grüße\nJana Beispiel",
        "Der Vertrag ist vertraulich zu behandeln.",
        "> Wie besprochen",  # no answer: it is what there is
        "---------- Forwarded message ---------\nFrom: Max <max@example.com>\n\nHier der Text.",
        "x" * (LONGEST + 1),
    ],
)
def test_something_was_written(text: str) -> None:
    assert own_words(text, is_answer=False)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Am 23.11.2026 um 10:00 schrieb Max Muster:\n> Bitte faxen\n> Danke", ""),
        ("On Mon, 23 Nov 2026 at 10:00, Max <max@example.com> wrote:\n\n> Please fax", ""),
        ("Gerne, anbei.\n\nAm 23.11.2026 um 10:00 schrieb Max Muster:\n> Bitte faxen", "Gerne, anbei."),
        ("Passt.\n\n-----Ursprüngliche Nachricht-----\nVon: Max\nBitte faxen", "Passt."),
        ("From: Max <max@example.com>\nSent: Monday\nTo: Jana\n\nPlease fax", ""),
        ("Am 23.11.2026 um 10:00 schrieb Max Muster:\n> Geht das?\n\nJa, sehr gerne.", "Ja, sehr gerne."),
        ("> Geht das?\nJa.\n\n-- \nJana", "Ja."),
    ],
)
def test_an_answer_is_what_was_written_anew(text: str, left: str) -> None:
    assert own_words(text, is_answer=True) == left


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"Subject: Re: x\r\n\r\nx", False),
        (b"In-Reply-To: <1@example.com>\r\n\r\nx", True),
        (b"References: <1@example.com>\r\n\r\nx", True),
    ],
)
def test_an_answer_says_what_it_answers(raw: bytes, expected: bool) -> None:
    assert is_answer(parse_mail(raw, MailLimits())) is expected


@pytest.mark.parametrize("line", ["> Am 23.11. schrieb ", "On ", "Am \n", "From: a\n", "\n", "-----", "vertraulich "])
def test_no_text_takes_long(line: str) -> None:
    text = (line * LONGEST)[:LONGEST]
    began = time.process_time()
    own_words(text, is_answer=True)
    assert time.process_time() - began < 0.5


@given(st.text(), st.booleans())
def test_any_text_has_words_or_none(text: str, answer: bool) -> None:
    assert isinstance(own_words(text, is_answer=answer), str)
