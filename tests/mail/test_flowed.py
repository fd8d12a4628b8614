"""RFC 3676: lines that end with a space go on."""

import pytest

from gateway.mail.flowed import unflow


@pytest.mark.parametrize(
    ("text", "delsp", "paragraphs"),
    [
        ("one \ntwo \nthree\nfour", False, "one two three\nfour"),
        ("Donau \ndampf", True, "Donaudampf"),
        (" >stuffed\n From stuffed", False, ">stuffed\nFrom stuffed"),
        ("> quoted \n> goes on\nmine", False, "> quoted goes on\nmine"),
        ("> quoted \nmine", False, "> quoted \nmine"),
        ("text \n-- \nJana", False, "text \n-- \nJana"),
        ("", False, ""),
    ],
)
def test_a_flowed_text_has_its_paragraphs_back(text: str, delsp: bool, paragraphs: str) -> None:
    assert unflow(text, delsp=delsp) == paragraphs
