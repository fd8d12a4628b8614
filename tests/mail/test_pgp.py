"""OpenPGP in texts (RFC 4880 §7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.pgp import is_encrypted_html, is_encrypted_text, without_armour

BEGIN, SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----\n", "-----BEGIN PGP SIGNATURE-----\n"
END = "-----END PGP SIGNATURE-----\n"
SIGNED = f"{BEGIN}Hash: SHA256\n\nGuten Tag\n{SIGNATURE}\niQEz\n{END}"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        (SIGNED, "Guten Tag\n"),
        (f"vor\n{SIGNED}nach\n", "vor\nGuten Tag\nnach\n"),
        (SIGNED + SIGNED, "Guten Tag\nGuten Tag\n"),
        (f"{BEGIN}\nohne Hash\n{SIGNATURE}iQEz\n{END}", "ohne Hash\n"),
        (f"{BEGIN}Hash: SHA1\n\n- -----BEGIN\n- - a\n-b\n{SIGNATURE}iQEz\n{END}", "-----BEGIN\n- a\n-b\n"),
        (f"{BEGIN}\nabgeschnitten\n{SIGNATURE}iQE", "abgeschnitten\n"),
    ],
)
def test_a_signed_text_is_shown_without_its_armour(text: str, bare: str) -> None:
    assert without_armour(text) == (bare, True)


@pytest.mark.parametrize(
    "text", ["", "Guten Tag", f"{BEGIN}\nnever signed\n", "> " + SIGNED.replace("\n", "\n> "), SIGNATURE + END]
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert without_armour(text) == (text, False)


@pytest.mark.parametrize(
    ("text", "encrypted"),
    [
        ("-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n", True),
        ("vor\n-----BEGIN PGP MESSAGE, PART 1/2-----\n", True),
        ("> -----BEGIN PGP MESSAGE-----\n", False),  # only quoted
        ("A message begins with -----BEGIN PGP MESSAGE-----.", False),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n", False),
    ],
)
def test_an_encrypted_text_is_told_from_one_that_speaks_of_it(text: str, encrypted: bool) -> None:
    assert is_encrypted_text(text) is encrypted


def test_html_is_encrypted_where_it_holds_a_whole_message() -> None:
    assert is_encrypted_html("<p>-----BEGIN PGP MESSAGE-----<br>hQEM<br>-----END PGP MESSAGE-----</p>")
    assert not is_encrypted_html("<p>-----BEGIN PGP MESSAGE-----</p>")


@given(st.lists(st.sampled_from([BEGIN, SIGNATURE, END, "\n", "- a\n", "Hash: x\n", "text\n"]), max_size=12))
def test_any_order_of_lines_can_be_read(lines: list[str]) -> None:
    text = "".join(lines)
    bare, signed = without_armour(text)
    assert len(bare) <= len(text)
    assert signed or bare == text
