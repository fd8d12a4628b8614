"""RCPT: which forward-paths are faxes, which are the postmaster's, and what the others are told."""

from dataclasses import replace
from ipaddress import IPv4Network, ip_address

import pytest

from gateway.config import Settings
from gateway.daemon.wiring import treatments
from gateway.intake.envelope import Client, Envelope, FaxRecipient, PostmasterRecipient, Recipient
from gateway.intake.recipients import RecipientRules, judge_recipient
from gateway.intake.reply import Reply
from gateway.policy import NumberPolicy
from gateway.spool.forward_path import ForwardPath, Notify

INSIDE = Client(address=ip_address("192.0.2.7"), helo="relay.example.com")
OUTSIDE = Client(address=ip_address("198.51.100.1"), helo="stranger.example.org")

JANA = "jana@example.com"


RULES = RecipientRules(domains=("fax.local", "fax.example.com"), relay_networks=(IPv4Network("192.0.2.0/24"),))
TREATMENT = replace(treatments(Settings()).usual, policy=NumberPolicy(("+",), ("+43",)))


def judged(client: Client, address: str, *, sender: str = "jana@example.com") -> Recipient | Reply:
    return judge_recipient(RULES, TREATMENT, client, ForwardPath(address=address), reverse_path=sender)


def fax(address: str, number: str, **said: object) -> FaxRecipient:
    return FaxRecipient(number, ForwardPath(address=address, **said))  # type: ignore[arg-type] # from tests


@pytest.mark.parametrize(
    "address",
    ["+4989123456@fax.local", "+4989123456@FAX.Example.com", '"+49 89 12 34 56"@fax.local', "089123456@fax.local"],
)
def test_a_number_in_a_domain_of_ours_is_a_fax(address: str) -> None:
    assert judged(INSIDE, address) == fax(address, "+4989123456")


def test_what_an_address_says_beside_the_number_is_kept_with_what_rcpt_asked_for() -> None:
    path = ForwardPath(
        address="Jane/+4989123456+invoice@fax.local", notify=frozenset({Notify.SUCCESS}), orcpt="rfc822;x"
    )
    answer = judge_recipient(RULES, TREATMENT, INSIDE, path, reverse_path="jana@example.com")
    assert answer == FaxRecipient("+4989123456", replace(path, display_name="Jane", tag="invoice"))


@pytest.mark.parametrize("address", ["postmaster", "Postmaster", "POSTMASTER@fax.local", "postmaster@fax.example.com"])
@pytest.mark.parametrize("client", [INSIDE, OUTSIDE])
@pytest.mark.parametrize("sender", ["jana@example.com", "", "mfp"])
def test_the_postmaster_is_reached_by_anybody(address: str, client: Client, sender: str) -> None:
    assert judged(client, address, sender=sender) == PostmasterRecipient(address)


@pytest.mark.parametrize("known", [{"auth_user": "jana"}, {"trusted": True}])
def test_a_login_or_a_unix_socket_lets_in_whoever_calls_from_wherever(known: dict[str, object]) -> None:
    client = Client(address=None, helo="client.example.com", **known)  # type: ignore[arg-type] # a table
    assert judged(client, "+4989123456@fax.local") == fax("+4989123456@fax.local", "+4989123456")
    assert isinstance(judged(replace(client, auth_user=None, trusted=False), "+4989123456@fax.local"), Reply)


@pytest.mark.parametrize(
    ("client", "sender", "address", "code", "enhanced", "culprit"),
    [
        (OUTSIDE, JANA, "+4989123456@fax.local", 550, "5.7.1", "198.51.100.1"),
        (INSIDE, JANA, "+4989123456", 550, "5.1.3", "no domain"),
        (INSIDE, JANA, "+4989123456@example.org", 550, "5.1.2", "example.org"),
        (INSIDE, JANA, "postmaster@example.org", 550, "5.1.2", "example.org"),
        (INSIDE, "", "+4989123456@fax.local", 550, "5.7.1", "<>"),
        (INSIDE, "mfp", "+4989123456@fax.local", 550, "5.1.7", "<mfp>"),
        (INSIDE, "mfp@", "+4989123456@fax.local", 550, "5.1.7", "<mfp@>"),
        (INSIDE, f"{'j' * 320}@example.com", "+4989123456@fax.local", 550, "5.1.7", "jjj"),
        (INSIDE, JANA, "jana@fax.local", 550, "5.1.3", "jana"),
        (INSIDE, JANA, "+43316123456@fax.local", 550, "5.7.1", "+43"),
        (INSIDE, JANA, "FAX=+4989123456/T33S=12@fax.local", 550, "5.1.3", "12"),
    ],
)
def test_what_is_no_fax_is_refused_with_its_reason(
    client: Client,
    sender: str,
    address: str,
    code: int,
    enhanced: str,
    culprit: str,
) -> None:
    answer = judged(client, address, sender=sender)
    assert isinstance(answer, Reply)
    assert (answer.code, answer.enhanced) == (code, enhanced)
    assert culprit in answer.text


def test_a_number_that_a_mail_names_twice_in_whatever_form_is_faxed_once() -> None:
    first = fax("+4989123456@fax.local", "+4989123456", orcpt="rfc822;a")
    again = fax("089123456@fax.local", "+4989123456", orcpt="rfc822;b")
    other = fax("+4989123457@fax.local", "+4989123457")
    envelope = Envelope(client=INSIDE, reverse_path="jana@example.com", recipients=(first, again, other))
    assert envelope.faxes == {"+4989123456": (first.path, again.path), "+4989123457": (other.path,)}


@pytest.mark.parametrize("text", ["a\r\n250 ok", "ü" * 1000, "tab\tand\x00nul", "x" * 5000])
def test_a_reply_is_one_line_of_printable_ascii_whatever_a_sender_wrote(text: str) -> None:
    line = str(Reply.of(550, "5.1.3", text))
    assert line.isascii()
    assert line.isprintable()
    assert len(line) <= 510


@pytest.mark.parametrize("sender", ["", "mfp"])
def test_a_report_address_of_its_own_hears_for_the_null_reverse_path(sender: str) -> None:
    treatment = replace(TREATMENT, report_to="faxes@example.com")
    answer = judge_recipient(
        RULES, treatment, INSIDE, ForwardPath(address="+4989123456@fax.local"), reverse_path=sender
    )
    assert isinstance(answer, FaxRecipient)
