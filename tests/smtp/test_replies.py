"""RFC 2034 §4: every reply of 2yz, 4yz and 5yz but the greetings has an enhanced status code."""

import pytest

from gateway.smtp.replies import with_enhanced_code


@pytest.mark.parametrize(
    ("plain", "enhanced"),
    [
        ("250 OK", "250 2.0.0 OK"),
        ("221 Bye", "221 2.0.0 Bye"),
        ("503 Error: need MAIL command", "503 5.5.1 Error: need MAIL command"),
        ("552 Error: Too much mail data", "552 5.3.4 Error: Too much mail data"),
        ("553 5.1.3 Error: malformed address", "553 5.1.3 Error: malformed address"),
        ("550 5.7.1 x", "550 5.7.1 x"),
        ("250 2.0.0 queued as 5b0c", "250 2.0.0 queued as 5b0c"),
        ("354 End data with <CR><LF>.<CR><LF>", "354 End data with <CR><LF>.<CR><LF>"),
        ("250-SIZE 1000", "250-SIZE 1000"),
    ],
)
def test_a_reply_gets_the_code_it_lacks_and_keeps_the_one_it_has(plain: str, enhanced: str) -> None:
    assert with_enhanced_code(plain) == enhanced
