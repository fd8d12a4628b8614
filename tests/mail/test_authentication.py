"""Authentication-Results as RFC 8601 has them; what breaks the grammar says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.authentication import AuthenticationResults, MethodResult, results_of


def test_the_examples_of_the_standard() -> None:
    assert results_of("example.org 1; none") == AuthenticationResults("example.org", ())  # RFC 8601, B.2
    assert results_of(
        "example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=pass smtp.mailfrom=example.net"
    ) == (
        AuthenticationResults(
            "example.com",
            (
                MethodResult("auth", "pass", (("smtp.auth", "sender@example.net"),)),
                MethodResult("spf", "pass", (("smtp.mailfrom", "example.net"),)),
            ),
        )
    )  # B.4
    mangled = "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail"
    assert results_of(mangled) is None  # B.7: comments within a word; nobody writes that, and so it is not believed


@pytest.mark.parametrize(
    ("field", "results"),
    [
        ('mx; dkim/1=pass reason="good (really); yes" header.d=example.com', [("dkim", "pass", "header.d")]),
        ("mx; DKIM=PASS (a (nested \\) one)) Header.D=example.com;", [("dkim", "pass", "header.d")]),
        ("mx; dmarc=pass action=none header.from=example.com", [("dmarc", "pass", "header.from")]),
        ('"mx.example.com"; spf=none', [("spf", "none", None)]),
    ],
)
def test_what_servers_write(field: str, results: list[tuple[str, str, str | None]]) -> None:
    found = results_of(field)
    assert found is not None
    assert [
        (each.method, each.result, each.properties[-1][0] if each.properties else None) for each in found.results
    ] == results


@pytest.mark.parametrize(
    "field",
    [
        "",
        "spf=pass smtp.mailfrom=example.com",  # no authserv-id
        "mx two; spf=pass",
        "mx; spf",
        "mx; spf=",
        "mx; spf=pass smtp.mailfrom",
        "mx; spf=pass (never closed",
        'mx; spf=pass reason="never closed',
        "mx; spf=pass) smtp.mailfrom=example.com",
        "mx; =pass",
        "mx; spf==pass",
        "mx; spf=pass " + "(" * 1000,
    ],
)
def test_half_understood_is_not_understood(field: str) -> None:
    assert results_of(field) is None


@given(st.text(alphabet='abc.=;()"\\ 1/@\r\n', max_size=60))
def test_whatever_a_mail_holds_it_is_an_answer(field: str) -> None:
    found = results_of(field)
    assert found is None or found.authserv_id
