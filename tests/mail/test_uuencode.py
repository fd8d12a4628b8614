"""Files that are written into a text come out whole, or the text stays as it is."""

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.uuencode import Enclosed, decode_uu, take_out


def uuencoded(name: str, data: bytes) -> str:
    lines = [binascii.b2a_uu(data[start : start + 45]).decode() for start in range(0, len(data), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


def test_a_file_is_taken_out_of_its_text() -> None:
    text = "Anbei:\n" + uuencoded("a b.txt", b"Guten Tag") + "Danke\n"
    assert take_out(text) == ("Anbei:\nDanke\n", (Enclosed("a b.txt", b"Guten Tag"),))


def test_several_files_keep_their_order() -> None:
    text = uuencoded("a", b"1") + "and\n" + uuencoded("b", b"2" * 100)
    rest, files = take_out(text)
    assert rest == "and\n"
    assert files == (Enclosed("a", b"1"), Enclosed("b", b"2" * 100))


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 a\n#0V%T\n",  # it has no end
        "begin 644 a\nend\n",  # ... no content
        "begin 644 a\nno uuencoded line, this\nend\n",
        "begin 644 a\n#0V%T\nÄ0V%T\n`\nend\n",
        "begin again, he said\nend\n",
        "we begin 644 a\n#0V%T\n`\nend\n",
        "=ybegin line=128 size=3 name=a\nabc\n=yend size=3\n",
        "",
    ],
)
def test_what_is_no_whole_file_stays_text(text: str) -> None:
    assert take_out(text) == (text, ())


def test_a_broken_file_does_not_hide_a_whole_one() -> None:
    rest, files = take_out("begin 644 a\nbroken here\n" + uuencoded("b", b"Tag"))
    assert rest == "begin 644 a\nbroken here\n"
    assert files == (Enclosed("b", b"Tag"),)


def test_spaces_that_were_stripped_at_the_end_of_a_line_are_zeros() -> None:
    stripped = uuencoded("a", b"x\0\0").replace("`", " ").replace("  \n", "\n")
    assert take_out(stripped)[1] == (Enclosed("a", b"x\0\0"),)


def test_base64_between_begin_and_end_is_read_too() -> None:
    assert take_out("begin-base64 644 a\nR3V0ZW4gVGFn\n====\n")[1] == (Enclosed("a", b"Guten Tag"),)


def test_a_transfer_encoding_is_the_first_file_of_it() -> None:
    assert decode_uu(uuencoded("a", b"Guten Tag").replace("\n", "\r\n").encode()) == b"Guten Tag"
    assert decode_uu(b"nothing of that kind") is None


@given(st.binary(min_size=1, max_size=300))
def test_any_file_comes_out_as_it_went_in(data: bytes) -> None:
    assert take_out(uuencoded("a", data))[1] == (Enclosed("a", data),)


@given(st.text(alphabet="begin 64a\n`#0V%T!d", max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    rest, files = take_out(text)
    assert files or rest == text
