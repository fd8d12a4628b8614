"""A request that the service refuses: what the log proposes."""

import pytest

from gateway.fax4a.hints import hint_of


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        (400, "Job Expiration: the end of jobValid is past", "clock"),
        (400, "Validation of job request failed: 'No number available for rcpt FNLAJR3BK80D8LLWADCPYL'", "number"),
        (413, "<html>Request Entity Too Large</html>", "smtp.max_message_bytes"),
        (400, "Something else", "docs/troubleshooting.md"),
    ],
)
def test_by_the_services_own_words(code: int, message: str, words: str) -> None:
    assert words in hint_of(code, message)
