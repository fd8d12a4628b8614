"""RFC 5321 §4.1.2: the argument of MAIL and RCPT."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.paths import BadPath, Path, parse_path


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ("TO:<a@example.com>", Path("a@example.com", "")),
        ("to:<a@example.com> NOTIFY=NEVER", Path("a@example.com", "NOTIFY=NEVER")),
        ("TO :  <a@example.com>", Path("a@example.com", "")),
        ("TO:a@example.com NOTIFY=NEVER", Path("a@example.com", "NOTIFY=NEVER")),
        ("TO:<@one.example,@two.example:a@example.com>", Path("a@example.com", "")),
        ('TO:<"a>b"@example.com> X=1', Path('"a>b"@example.com', "X=1")),
        (r'TO:<"a\">b"@example.com>', Path(r'"a\">b"@example.com', "")),
        ('TO:<"@x:y"@example.com>', Path('"@x:y"@example.com', "")),
        ("TO:< +49 89 123456@fax.local >", Path("+49 89 123456@fax.local", "")),
        ("TO:<>", Path("", "")),
        ("TO:<postmaster>", Path("postmaster", "")),
    ],
)
def test_a_path_and_what_stands_behind_it(argument: str, path: Path) -> None:
    assert parse_path("TO", argument) == path
    assert path.is_null == (path.address == "")


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "TO",
        "FROM:<a@b>",
        "TO:",
        "TO:<a@b",
        'TO:<"a@b>',
        "TO:<a@b>X=1",
        'TO:"a b"@c',
        "TO:<a\tb@c>",
        "TO:<" + "a" * 600,
    ],
)
def test_what_is_no_path_is_refused(argument: str) -> None:
    with pytest.raises(BadPath):
        parse_path("TO", argument)


@given(st.text(max_size=80))
def test_any_argument_gives_a_path_or_a_refusal(text: str) -> None:
    try:
        path = parse_path("TO", "TO:" + text)
    except BadPath:
        return
    assert len(path.address) <= len(text)


def test_a_reverse_path_is_no_longer_than_a_mailbox_can_be() -> None:
    """The spool keeps that much of whom an answer goes to; Exchange's addresses of faxes are longer."""
    domain = ".".join(["d" * 62] * 4)
    assert parse_path("FROM", f"FROM:<{'j' * 64}@{domain}>").address.endswith(domain)
    with pytest.raises(BadPath, match="at most 320 octets"):
        parse_path("FROM", f"FROM:<{'j' * 80}@{domain}>")
    assert parse_path("TO", f"TO:<{'j' * 80}@{domain}>").address
