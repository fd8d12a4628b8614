"""RCPT: which forward-paths are faxes, which are the postmaster's, and what the others are told."""

from ipaddress import ip_address, ip_network

import pytest

from gateway.address import NumberRules
from gateway.intake.envelope import Client, Envelope, FaxRecipient, PostmasterRecipient
from gateway.intake.recipients import RecipientRules, judge_recipient
from gateway.intake.reply import Reply
from gateway.policy import NumberPolicy

INSIDE = Client(address=ip_address("192.0.2.7"), helo="relay.example.com")
OUTSIDE = Client(address=ip_address("198.51.100.1"), helo="stranger.example.org")


def rules(**changes: object) -> RecipientRules:
    facts: dict[str, object] = {
        "domains": ("fax.local", "fax.example.com"),
        "relay_networks": (ip_network("192.0.2.0/24"),),
        "numbers": NumberRules("DE", "refuse", strict=True),
        "policy": NumberPolicy(("+",), ("+43",)),
        "takes_null_reverse_path": False,
    }
    return RecipientRules(**(facts | changes))  # type: ignore[arg-type] # the keywords come from tests


@pytest.mark.parametrize(
    "address",
    ["+4989123456@fax.local", "+4989123456@FAX.Example.com", '"+49 89 12 34 56"@fax.local', "089123456@fax.local"],
)
def test_a_number_in_a_domain_of_ours_is_a_fax(address: str) -> None:
    assert judge_recipient(rules(), INSIDE, "jana@example.com", address) == FaxRecipient(address, "+4989123456")


@pytest.mark.parametrize("address", ["postmaster", "Postmaster", "POSTMASTER@fax.local", "postmaster@fax.example.com"])
@pytest.mark.parametrize("client", [INSIDE, OUTSIDE])
@pytest.mark.parametrize("reverse_path", ["jana@example.com", ""])
def test_the_postmaster_is_reached_by_anybody(address: str, client: Client, reverse_path: str) -> None:
    assert judge_recipient(rules(), client, reverse_path, address) == PostmasterRecipient(address)


@pytest.mark.parametrize(
    ("client", "reverse_path", "address", "code", "enhanced", "culprit"),
    [
        (OUTSIDE, "jana@example.com", "+4989123456@fax.local", 550, "5.7.1", "198.51.100.1"),
        (INSIDE, "jana@example.com", "+4989123456", 550, "5.1.3", "no domain"),
        (INSIDE, "jana@example.com", "+4989123456@example.org", 550, "5.1.2", "example.org"),
        (INSIDE, "jana@example.com", "postmaster@example.org", 550, "5.1.2", "example.org"),
        (INSIDE, "", "+4989123456@fax.local", 550, "5.7.1", "<>"),
        (INSIDE, "jana@example.com", "jana@fax.local", 550, "5.1.3", "jana"),
        (INSIDE, "jana@example.com", "+43316123456@fax.local", 550, "5.7.1", "+43"),
        (INSIDE, "jana@example.com", "FAX=+4989123456/T33S=12@fax.local", 550, "5.1.3", "12"),
    ],
)
def test_what_is_no_fax_is_refused_with_its_reason(
    client: Client, reverse_path: str, address: str, code: int, enhanced: str, culprit: str
) -> None:
    answer = judge_recipient(rules(), client, reverse_path, address)
    assert isinstance(answer, Reply)
    assert (answer.code, answer.enhanced) == (code, enhanced)
    assert culprit in answer.text


def test_a_null_reverse_path_may_fax_where_the_report_has_an_address() -> None:
    answer = judge_recipient(rules(takes_null_reverse_path=True), INSIDE, "", "+4989123456@fax.local")
    assert isinstance(answer, FaxRecipient)


def test_a_number_that_a_mail_names_twice_in_whatever_form_is_faxed_once() -> None:
    first = FaxRecipient("+4989123456@fax.local", "+4989123456")
    again = FaxRecipient("089123456@fax.local", "+4989123456")
    other = FaxRecipient("+4989123457@fax.local", "+4989123457")
    envelope = Envelope(client=INSIDE, reverse_path="jana@example.com", recipients=(first, again, other))
    assert envelope.faxes == (first, other)


@pytest.mark.parametrize("text", ["a\r\n250 ok", "ü" * 1000, "tab\tand\x00nul", "x" * 5000])
def test_a_reply_is_one_line_of_printable_ascii_whatever_a_sender_wrote(text: str) -> None:
    line = str(Reply.of(550, "5.1.3", text))
    assert line.isascii()
    assert line.isprintable()
    assert len(line) <= 510
