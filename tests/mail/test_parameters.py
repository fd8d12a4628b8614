"""Parameters of Content-Type and Content-Disposition in the forms of three decades (RFC 2045, RFC 2231)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.parameters import parameters


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("text/plain", {}),
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ('Text/Plain; Charset="UTF-8" ; format = flowed', {"charset": "UTF-8", "format": "flowed"}),
        ("text/plain;charset=a;charset=b", {"charset": "a"}),
        ('a; name="x;y.pdf"; size=3', {"name": "x;y.pdf", "size": "3"}),
        (r'a; name="a\"b.pdf"', {"name": 'a"b.pdf'}),
        (r'a; name="C:\scans\a.pdf"', {"name": r"C:\scans\a.pdf"}),  # a backslash that escapes nothing
        ("a; name=with spaces.pdf; size=3", {"name": "with spaces.pdf", "size": "3"}),
        ('a; name="never closed', {"name": "never closed"}),
        ('a; name="a.pdf" junk; size=3', {"name": "a.pdf", "size": "3"}),
        ("a; name*=utf-8''M%C3%BCller", {"name": "Müller"}),
        ("a; name*=iso-8859-1'de'M%FCller", {"name": "Müller"}),
        ("a; name*=x-unknown''M%FCller", {"name": "Müller"}),
        ("a; name*=utf-8''M%FCller", {"name": "Müller"}),  # it says UTF-8 and isn't
        ("a; name*=M%C3%BCller", {"name": "Müller"}),  # no charset, no language
        ("a; name*0*=utf-8''M%C3; name*1*=%BC; name*2=ller", {"name": "Müller"}),  # cut within a character
        ("a; name*1=ller; name*0*=utf-8''M%C3%BC", {"name": "Müller"}),
        ('a; name*0="a b"; name*1="c.pdf"', {"name": "a bc.pdf"}),
        ("a; name=a.pdf; name*=utf-8''%C3%A4.pdf", {"name": "ä.pdf"}),
        ('a; name="=?utf-8?q?M=C3=BCller?="', {"name": "Müller"}),
        ("a; name==?utf-8?q?M=C3=BCller?=", {"name": "Müller"}),
        ("a; =; ;; name=b", {"name": "b"}),
        ("a; name=", {}),
    ],
)
def test_parameters_are_read_as_they_were_meant(header: str, found: dict[str, str]) -> None:
    assert parameters(header) == found


@pytest.mark.parametrize("piece", [';"', "; x*1=", "; ", "; a=b", '; a="\\'], ids=range(5))
def test_a_long_header_takes_no_longer_than_its_length(piece: str) -> None:
    started = time.process_time()
    parameters("a/b" + piece * 1_000_000)
    assert time.process_time() - started < 5


@given(st.text(alphabet=";=\"'*\\% aü\udcfc01?Q_-", max_size=60))
def test_any_text_has_parameters_that_can_be_written(text: str) -> None:
    for name, value in parameters("a/b;" + text).items():
        (name.encode("utf-8", "surrogateescape"), value.encode())
