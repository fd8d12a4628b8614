"""DATA's transparency (RFC 5321 §4.5.2), and that nothing but CRLF . CRLF ends a mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.dots import DotDecoder

LINES = st.lists(st.text("ab.\r\n\0", max_size=6).map(str.encode).filter(lambda line: b"\r\n" not in line), max_size=6)


def stuffed(lines: list[bytes]) -> bytes:
    """As a client sends them."""
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def decode(data: bytes, cuts: list[int]) -> tuple[bytes, bytes]:
    """Text and what stands behind its end, with `data` arriving in the pieces between the cuts."""
    decoder, text, behind, start = DotDecoder(), b"", b"", 0
    for end in [*sorted(cuts), len(data)]:
        if decoder.ended:
            return text, behind + data[start:]
        piece, behind = decoder.feed(data[start:end])
        text += piece
        start = end
    return text, behind


@given(lines=LINES, data=st.data())
def test_every_text_comes_through_whatever_pieces_it_comes_in(lines: list[bytes], data: st.DataObject) -> None:
    # A bare CR at the end of a line would make CRLF with what follows; that text has another line structure.
    lines = [line.rstrip(b"\r") for line in lines]
    sent = stuffed(lines) + b"QUIT\r\n"
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=5))
    assert decode(sent, cuts) == (b"".join(line + b"\r\n" for line in lines), b"QUIT\r\n")


@pytest.mark.parametrize(
    "false_end",
    [
        b"\n.\r\n",
        b"\n.\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r.\r",
        b"\r.\r\n",
        b"\n.\r",
        b"\r\n.\0\r\n",
        b"\r\n\0.\r\n",
        b"\r\n.\x0b\r\n",
        b"\r\n.\x85\r\n",
        b"\r\r\n.\r\r\n",
        b"\r\n. \r\n",
        b"\r\n..\r\n",
    ],
)
def test_no_other_end_of_data_is_one(false_end: bytes) -> None:
    decoder = DotDecoder()
    text, behind = decoder.feed(b"x" + false_end + b"MAIL FROM:<a@example.com>\r\n")
    assert not decoder.ended
    assert behind == b""
    rest, behind = decoder.feed(b".\r\nQUIT\r\n")
    assert decoder.ended
    assert behind == b"QUIT\r\n"
    assert (text + rest).startswith(b"x")
    assert b"MAIL FROM" in text + rest


def test_an_empty_mail_ends_at_once() -> None:
    assert decode(b".\r\nQUIT\r\n", []) == (b"", b"QUIT\r\n")
