"""Reasons as people read them in German, whatever a server or a sender's file is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reasons.german import CHANGES, NAMES, PREDICATES, SENTENCES
from gateway.reasons.matching import change_in_german, in_german


@pytest.mark.parametrize(
    ("reason", "german"),
    [
        ("Befund 3.pdf is a damaged PDF", "Befund 3.pdf ist ein beschädigtes PDF"),
        ("attachment 2 is a damaged picture", "Anlage 2 ist ein beschädigtes Bild"),
        (
            "alles.zip: a file is of the type audio/mpeg, which can't be faxed; send it as a PDF",
            "alles.zip: eine Datei ist vom Typ audio/mpeg und lässt sich nicht faxen; bitte senden Sie ein PDF",
        ),
        (
            "the mail has too many documents; at most 50 can be faxed in one job",
            "Die Mail hat zu viele Dokumente; in einem Auftrag lassen sich höchstens 50 faxen",
        ),
        (
            "Re: Angebot: the mail's text is encrypted (PGP) and can't be read here; send it unencrypted",
            (
                "Re: Angebot: der Text der Mail ist verschlüsselt (PGP) und lässt sich hier nicht lesen; "
                "bitte senden Sie ihn unverschlüsselt"
            ),
        ),
        # A file may be called like a reason: the last one counts.
        ("a is a damaged PDF.zip is a damaged ZIP archive", "a is a damaged PDF.zip ist ein beschädigtes ZIP-Archiv"),
        ("no connection: TimeoutError: no connection within 0:00:20", "Keine Verbindung: aufgegeben nach 0:00:20"),
        (
            "no connection: ClientConnectorError: Cannot connect to host fax.example.com:443",
            "Keine Verbindung: „ClientConnectorError: Cannot connect to host fax.example.com:443“",
        ),
        ("503 Try again", "503 „Try again“"),
        ("503", "503"),
        ("500 Oops, before the request was sent whole", "500 „Oops“, bevor die Anfrage ganz gesendet war"),
        (
            "restored from a backup of 2026-07-01 12:00 UTC",
            "Aus einer Sicherung vom 2026-07-01, 12:00 UTC wiederhergestellt",
        ),
        ("no number available", "„no number available“"),
        (
            "554 5.6.1 the mail has 9 parts; at most 5 are read",
            "554 5.6.1 die Mail hat 9 Teile; höchstens 5 werden gelesen",
        ),
        ("550 5.7.1 No.", "550 5.7.1 „No.“"),
        ("what {an} earlier release: said", "„what {an} earlier release: said“"),
    ],
    ids=[f"case{number}" for number in range(16)],
)
def test_reasons_as_a_sender_reads_them(reason: str, german: str) -> None:
    assert in_german(reason) == german


@pytest.mark.parametrize(
    ("clause", "german"),
    [
        ("attachment 2: empty", "Anlage 2: leer"),
        ("Fotos.zip: signature a.p7s: empty", "Fotos.zip: signature a.p7s: leer"),
        ("the mail's text: cover.drop_body is set", "der Text der Mail: cover.drop_body ist gesetzt"),
        ("signature around Vertrag.pdf", "Signatur um Vertrag.pdf"),
        (
            (
                "Plan.pdf is not sent as it came: it was damaged and has been repaired, "
                "its XFA form has been taken out, the pages are as before; SHA-256 1a became 2b"
            ),
            (
                "Plan.pdf wird nicht so gesendet, wie es kam: es war beschädigt und ist repariert, "
                "sein XFA-Formular ist entfernt, die Seiten sind wie zuvor; aus SHA-256 1a wurde 2b"
            ),
        ),
        (
            "cover template ward is broken, the bundled one was used: ward.html.j2, line 7: 'nme' is undefined",
            (
                "Deckblattvorlage ward ist fehlerhaft, benutzt wurde die mitgelieferte: "
                "„ward.html.j2, line 7: 'nme' is undefined“"
            ),
        ),
        ("what an earlier release said", "what an earlier release said"),
    ],
    ids=[f"case{number}" for number in range(7)],
)
def test_what_was_left_out_or_changed(clause: str, german: str) -> None:
    assert change_in_german(clause) == german


@pytest.mark.parametrize("piece", [" is ", "is a PDF ", "a: ", "no connection: ", "503 ", "x is a, "])
@pytest.mark.parametrize("times", [100, 10_000])
def test_a_reason_that_goes_on_and_on_stays_as_it_is(piece: str, times: int) -> None:
    """A server may say anything, and a name be as long as a header: neither costs time nor breaks the mail."""
    endless = piece * times + "."
    assert in_german(endless).endswith(f"{endless[-50:]}“")
    assert change_in_german(endless) == endless


@given(
    st.lists(st.sampled_from([*PREDICATES, *SENTENCES, *CHANGES, *NAMES, "scan.pdf", "{", ": "]), max_size=6).map(
        " ".join
    )
)
def test_whatever_was_said_is_told(said: str) -> None:
    assert in_german(said)
    assert bool(change_in_german(said)) == bool(said)
