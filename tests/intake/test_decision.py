"""A decision says which rules were looked at, in which order, where each stands, and which decided."""

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.intake.decision import Decision, Question, claim_of, decide
from gateway.intake.envelope import Client, FaxRecipient, GroupRecipient
from gateway.policy import Denied, Look

CONFIG = {
    "smtp": {"relay_networks": ["192.0.2.0/24"], "sender_check": "reverse-path"},
    "aliases": {"wards": ["+4989123456", "+4315123456"], "labor": "+4989123457"},
    "numbers": {"deny": ["+4930"]},
    "times": {"allow": ["Mon-Fri 08:00-18:00"]},
    "profile": [{"match": "*@ward.example.com", "numbers": {"allow_countries": ["DE"]}, "times": {"allow": []}}],
}
THURSDAY = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
RELAY = Client(address=ip_address("192.0.2.7"), helo="mx.example.com")


def decided(sender: str, to: str, quotas: tuple[Look, ...] = (), **facts: Any) -> Decision:
    settings = Settings.model_validate(CONFIG)
    asked: dict[str, Any] = {"client": RELAY, "now": THURSDAY} | facts
    question = Question(sender=sender, to=to, **asked)
    treatment = wiring.treatments(settings).of(sender, question.client.auth_user, question.client.address)
    return decide(wiring.recipient_rules(settings), treatment, question, quotas)


def test_every_rule_is_named_with_its_place() -> None:
    decision = decided("anna@ward.example.com", "wards@fax.local")
    assert [step.key for step in decision.steps] == [
        "smtp.relay_networks",
        "smtp.domains",
        "aliases",
        "numbers.allow",
        "profile.0.numbers.allow_countries",
        "numbers.allow",
        "profile.0.numbers.allow_countries",
    ]
    assert decision.decisive is decision.steps[-1]
    assert decision.recipient is None
    assert str(decision.refusal).startswith("550 5.7.1 Faxes to +43 1 5123456 are refused")


@pytest.mark.parametrize(
    ("sender", "to", "facts", "key"),
    [
        ("jana@example.com", "089123456", {}, None),
        ("jana@example.com", "labor", {}, None),
        ("jana@example.com", "+4930123456", {}, "numbers.deny"),
        ("jana@example.com", "089123456", {"now": SUNDAY}, "times.allow"),
        ("anna@ward.example.com", "089123456", {"now": SUNDAY}, None),
        ("jana@example.com", "089123456", {"author": "boss@example.com"}, "smtp.sender_check"),
        ("jana@example.com", "089123456", {"client": Client(address=None, helo="x")}, "smtp.relay_networks"),
        ("jana@example.com", "089123456@example.org", {}, "smtp.domains"),
        ("", "089123456", {}, "report.to"),
        ("jana@example.com", "anna", {}, "address"),
    ],
)
def test_the_rule_that_decides(sender: str, to: str, facts: dict[str, Any], key: str | None) -> None:
    decision = decided(sender, to, **facts)
    assert (decision.decisive.key if decision.decisive is not None else None) == key
    assert (decision.refusal is None) == (key is None)
    assert (decision.recipient is None) == (key not in {None, "times.allow", "smtp.sender_check"})


def test_a_quota_is_the_last_rule() -> None:
    used_up = Look("quotas.faxes_per_day 2", "2 of 2 used", Denied("quotas.faxes_per_day 2", "used up", "4.7.0", 452))
    decision = decided("jana@example.com", "089123456", (used_up,))
    assert decision.decisive is not None
    assert decision.decisive.key == "quotas.faxes_per_day"
    assert str(decision.refusal) == "452 4.7.0 used up"


def test_a_name_is_one_recipient_or_a_group() -> None:
    assert isinstance(decided("jana@example.com", "labor").recipient, FaxRecipient)
    group = decided("jana@example.com", "WARDS@fax.local").recipient
    assert isinstance(group, GroupRecipient)
    assert group.numbers == ("+4989123456", "+4315123456")


def test_without_quotas_there_is_nothing_to_ask_the_spool_for() -> None:
    usual = wiring.treatments(Settings()).of("jana@example.com")
    assert claim_of(usual, Question(sender="jana@example.com", to="1", client=RELAY, now=THURSDAY)) is None
