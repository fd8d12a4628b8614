"""A judge that finds nothing is worth nothing: each broken promise is found, and what is no break isn't one."""

import pytest

from tests.crash.verdict import Facts, Promise, broken, without_a_word
from tests.crash.words import Claim, Word, words_of

ACCEPTED = {"a@example.com": "1"}
DELIVERED = Word("a@example.com", "<1>", Claim.DELIVERED)
AGAIN = Word("a@example.com", "<2>", Claim.DELIVERED)
PERHAPS = Word("a@example.com", "<3>", Claim.PERHAPS)
FAILED = Word("a@example.com", "<4>", Claim.NOT_DELIVERED)
DELAYED = Word("a@example.com", "<5>", Claim.DELAYED)
OTHER = Word("b@example.com", "<6>", Claim.DELIVERED)


@pytest.mark.parametrize("promise", Promise)
@pytest.mark.parametrize("words", [[DELIVERED], [DELIVERED, DELIVERED], [DELAYED, PERHAPS, DELIVERED], [PERHAPS]])
def test_kept(words: list[Word], promise: Promise) -> None:
    assert broken(Facts(ACCEPTED, {"1": 1}, words), promise) == []


@pytest.mark.parametrize(
    ("faxes", "words", "promise", "sentence"),
    [
        (2, [DELIVERED], Promise.AT_MOST_ONE, "faxed 2 times"),
        (0, [FAILED], Promise.EXACTLY_ONE, "never faxed"),
        (1, [], Promise.AT_MOST_ONE, "left without a word"),
        (1, [DELAYED, OTHER], Promise.AT_MOST_ONE, "left without a word"),
        (0, [DELIVERED], Promise.AT_MOST_ONE, "told of a fax that was none"),
        (1, [FAILED], Promise.AT_MOST_ONE, "told that there was no fax, and there was one"),
        (1, [DELIVERED, AGAIN], Promise.AT_MOST_ONE, "told 2 times that it was delivered"),
    ],
)
def test_broken(faxes: int, words: list[Word], promise: Promise, sentence: str) -> None:
    found = broken(Facts(ACCEPTED, {"1": faxes}, words), promise)
    assert found == [f"a@example.com (job 1): {sentence}"]


def test_contradicted() -> None:
    found = broken(Facts(ACCEPTED, {"1": 1}, [DELIVERED, FAILED]), Promise.AT_MOST_ONE)
    assert "a@example.com (job 1): told that it was delivered and that it was not" in found


def test_no_fax_is_kept_by_at_most_one() -> None:
    assert broken(Facts(ACCEPTED, {}, [PERHAPS]), Promise.AT_MOST_ONE) == []


def test_who_still_waits() -> None:
    facts = Facts({"a@example.com": "1", "b@example.com": "2"}, {}, [DELAYED, OTHER])
    assert without_a_word(facts) == {"a@example.com"}


@pytest.mark.parametrize(
    ("subject", "claim"),
    [
        ("Fax OK: +4989123456 (FJJ1)", Claim.DELIVERED),
        ("Fax FAILED: +4989123456 (FJJ1)", Claim.NOT_DELIVERED),
        ("Fax to +4989123456 may have gone out: Angebot", Claim.PERHAPS),
        ("Fax to +4989123456 not delivered: Angebot", Claim.NOT_DELIVERED),
        ("Fax to +4989123456 delivered", Claim.DELIVERED),
        ("Fax to +4989123456 delayed", Claim.DELAYED),
    ],
)
def test_what_a_mail_claims(subject: str, claim: Claim) -> None:
    mail = f"Subject: {subject}\r\nMessage-ID: <1>\r\n\r\n".encode()
    assert words_of([("", ["a@example.com"], mail)]) == [Word("a@example.com", "<1>", claim)]


def test_a_mail_that_claims_nothing_is_a_fault_of_the_campaign() -> None:
    with pytest.raises(ValueError, match="Hello"):
        words_of([("", ["a@example.com"], b"Subject: Hello\r\n\r\n")])
