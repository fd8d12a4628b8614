"""Two parsers, one tree: fast-mail-parser calls itself alpha, so the standard library checks it (and stands in)."""

import pytest

from gateway.mail.node import Node, leaves
from gateway.mail.tree import parse_tree, parse_tree_slowly


def lines(*each: str) -> bytes:
    """A mail from its lines; Latin-1 stands for bytes."""
    return "\r\n".join((*each, "")).encode("latin-1")


MIXED = "Content-Type: multipart/mixed; boundary=b"
PDF = ("Content-Transfer-Encoding: base64", "", "JVBERi0xLjcKJeLjz9MK")
MAILS = [
    lines("Subject: x", "", "hello"),
    lines(
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "Gr=C3=B6=C3=9F"
    ),
    lines(MIXED, "", "preamble", "--b", "", "one", "--b", "Content-Type: application/pdf", *PDF, "--b--", "epilogue"),
    lines(
        'Content-Type: multipart/mixed; boundary="a b"', "", "--a b", "Content-Type: text/html", "", "<p>", "--a b--"
    ),
    lines(
        *(MIXED, "", "--b", "Content-Type: multipart/alternative; boundary=c", "", "--c", "", "plain", "--c"),
        *("Content-Type: text/html", "", "<p>html</p>", "--c--", "--b--"),
    ),
    lines(MIXED, "", "--b", "", "never closed"),
    lines(
        *(MIXED, "", "--b", "Content-Disposition: attachment;", " filename*=utf-8''M%C3%BCller.pdf"),
        *("Content-Type: application/octet-stream", *PDF, "--b--"),
    ),
    lines(MIXED, "", "--b", "Content-Type: message/rfc822", "", "Subject: in", "", "side", "--b--"),
    lines(
        *("Content-Type: multipart/related; boundary=b", "", "--b", "Content-Type: text/html", "", "<img src=cid:i>"),
        *("--b", "Content-Type: image/png", "Content-ID: <i>", *PDF, "--b--"),
    ),
    lines(
        *("Content-Type: multipart/digest; boundary=b", "", "--b", "Content-Type: message/rfc822", ""),
        *("Subject: d", "", "one", "--b--"),
    ),
    lines("Content-Type: text/plain", "Content-Transfer-Encoding: 8bit", "", "Gr\xf6\xdfe"),
    lines("Content-Type: text/plain", "Content-Transfer-Encoding: binary", "", "a\nb\rc"),
    lines(MIXED, "", "--b", "", "one", "--b", "Content-Type: text/html", "", "<p>", "--b--").replace(b"\r\n", b"\n"),
    lines("Content-Type: multipart/digest; boundary=b", "", "--b", "", "Subject: d", "", "one", "--b--"),  # §5.1.5
    lines(MIXED, "", "--b", "Content-Type: message/delivery-status", "", "A: b", "", "C: d", "--b--"),
    lines(MIXED, "", "--b", "Content-Type: message/global", "", "Subject: in", "", "side", "--b--"),
    lines(MIXED, "", "--b", 'Content-Type: a/b; name="=?utf-8?b?TcM=?= =?utf-8?b?vGxsZXI=?="', "", "x", "--b--"),
    lines(MIXED, "", "--b", "Content-Disposition: attachment; filename=M\xfcller", "", "x", "--b--"),
    lines(MIXED, "", "--b", *PDF[:1], "", "JVBERi0*xLjcKJeLjz9MK", "--b", "", "y", "--b--"),
    lines(MIXED, "", "--b", "Content-Transfer-Encoding: x-uuencode", "", "begin 644 a", "#0V%T", "`", "end", "--b--"),
    lines("Content-Type: multipart/mixed; boundary=bb", "", "--bb", MIXED, "", "--b", "", "x", "--b--", "--bb--"),
    lines("Content-Type: nonsense", "Content-Disposition: ;", "", "x"),
]


def facts(node: Node) -> list[tuple[str, str | None, str | None, str | None, bytes]]:
    return [
        (leaf.content_type, leaf.filename, leaf.disposition, leaf.content_id, leaf.load().strip())
        for leaf in leaves(node)
    ]


@pytest.mark.parametrize("raw", MAILS, ids=range(len(MAILS)))
def test_both_parsers_see_the_same_leaves(raw: bytes) -> None:
    assert facts(parse_tree(raw)) == facts(parse_tree_slowly(raw))


def test_an_attached_mail_is_a_leaf_with_the_bytes_that_were_attached() -> None:
    (leaf,) = leaves(parse_tree(MAILS[7]))
    assert leaf.content_type == "message/rfc822"
    assert b"Subject: in" in leaf.load()
    assert b"side" in leaf.load()


@pytest.mark.parametrize(
    "raw",
    [
        lines(MIXED, "", "--b", "Content-Type: text/plain", "no empty line", "--b--"),
        lines(MIXED.replace("=b", "=part"), "", "--part", MIXED.replace("=b", "=part1"), "", "--part1", "", "x"),
        lines(MIXED, "", "no delimiter"),
        lines("A field: with a space", "", "x"),
    ],
    ids=["no end of header", "a boundary that begins like another", "no delimiter", "no field"],
)
def test_what_the_fast_parser_misreads_is_read_by_the_other_one(raw: bytes) -> None:
    assert facts(parse_tree(raw)) == facts(parse_tree_slowly(raw))
    assert any(leaf.load().strip() for leaf in leaves(parse_tree(raw)))


def test_an_attached_mail_comes_byte_for_byte() -> None:
    inner = b"Subject:  two spaces\r\nX-Long: " + b"x " * 100 + b"\r\n\r\n" + b"line\nwithout CR\r\n"
    raw = lines(MIXED, "", "--b", "Content-Type: message/rfc822", "") + inner + b"--b--\r\n"
    (leaf,) = leaves(parse_tree(raw))
    assert leaf.load() == inner.removesuffix(b"\r\n")


def test_a_parameter_is_found_however_it_is_written() -> None:
    node = parse_tree(b'content-type: Text/Plain; Charset="ISO-8859-1"; format = flowed\r\n\r\nx')
    assert node.content_type == "text/plain"
    assert node.parameter("charset") == "ISO-8859-1"
    assert node.parameter("format") == "flowed"
    assert node.parameter("delsp") is None
