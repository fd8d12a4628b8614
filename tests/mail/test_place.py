"""Where a part's header stands, found as the parser finds the part."""

import pytest

from gateway.mail.place import Place, fields, preamble

RAW = b"""Subject: x
Content-Type: multipart/mixed; boundary="out"

preamble --out
--out
Content-Type: text/plain; name=1

--out is not a delimiter here
--outer neither
--out\x20\x20
Content-Type: multipart/mixed; boundary="in"

--in

no header
--in
Content-Type: text/plain; name=2

no end
--out
Content-Type: text/plain; name=3

third
--out--
""".replace(b"\n", b"\r\n")


def test_a_part_is_found_by_its_way_through_the_tree() -> None:
    root = Place(RAW)
    assert root.header().startswith(b"Subject: x")
    assert root.child("out", 0).header() == b"Content-Type: text/plain; name=1\r\n\r\n"
    assert root.child("out", 2).header() == b"Content-Type: text/plain; name=3\r\n\r\n"
    inner = root.child("out", 1)
    assert inner.child("in", 0).header() == b""
    assert inner.child("in", 1).header() == b"Content-Type: text/plain; name=2\r\n\r\n"


def test_a_body_ends_at_the_next_delimiter_of_any_level() -> None:
    inner = Place(RAW).child("out", 1)
    assert inner.child("in", 0).body().strip() == b"no header"
    assert inner.child("in", 1).body().strip() == b"no end"


def test_what_is_not_there_has_neither_header_nor_body() -> None:
    for nowhere in (Place(RAW).child("out", 3), Place(RAW).child(None, 0), Place(RAW).child("ä", 0).child("b", 0)):
        assert nowhere.header() == b""
        assert nowhere.body() == b""


def test_fields_are_given_as_they_were_written() -> None:
    found = fields(b"Subject : =?utf-8?q?x?=\r\nX: a\r\n b\r\nx: \xfc\r\nno field\r\n\r\n")
    assert found == {"subject": ("=?utf-8?q?x?=",), "x": ("a\r\n b", "\udcfc")}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"A: b\r\n\r\nGuten Tag\r\n--b--", "Guten Tag"),
        (b"A: b\r\n\r\nThis is a multi-part message in MIME format.\r\n--b--", ""),
        (b"A: b\r\n\r\nThis is a cryptographically signed message in MIME format.\r\n\r\n--b", ""),
        (b"A: b\n\nGr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"", ""),
    ],
)
def test_a_preamble_is_text_unless_a_mailer_wrote_it(raw: bytes, text: str) -> None:
    assert preamble(raw, "b") == text
