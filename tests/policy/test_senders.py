"""`smtp.sender_check`: whose the header From must be, and what a relay's word is worth."""

import pytest

from gateway.policy.senders import Said, SenderFacts, SenderPolicy, judge_sender

JANA, BOSS = "jana@example.com", "boss@example.com"
DMARC = (Said("dmarc", "pass", (("header.from", "example.com"),)),)


def refused(check: str, author: str | None, **facts: object) -> str | None:
    known = SenderFacts(author=author, **({"reverse_path": JANA, "auth_user": None} | facts))  # type: ignore[arg-type] # a table
    verdict = judge_sender(known, SenderPolicy(check))  # type: ignore[arg-type] # a table
    return f"{verdict.code} {verdict.enhanced_code}" if verdict is not None else None


@pytest.mark.parametrize(
    ("check", "author", "facts", "reply"),
    [
        ("off", BOSS, {}, None),
        ("off", None, {}, None),
        ("reverse-path", "Jana@Example.com", {}, None),
        ("reverse-path", BOSS, {}, "550 5.7.1"),
        ("reverse-path", None, {}, "550 5.7.1"),
        ("reverse-path", JANA, {"reverse_path": ""}, "550 5.7.1"),
        ("reverse-path", BOSS, {"auth_user": "boss"}, "550 5.7.1"),
        ("auth-user", BOSS, {"auth_user": "boss"}, None),
        ("auth-user", BOSS, {"auth_user": "BOSS@example.com"}, None),
        ("auth-user", "boss@elsewhere.example", {"auth_user": "boss@example.com"}, "550 5.7.1"),
        ("auth-user", JANA, {"auth_user": "boss"}, "550 5.7.1"),  # though it is the reverse-path
        ("auth-user", JANA, {}, None),
        ("auth-user", BOSS, {}, "550 5.7.1"),
    ],
)
def test_from_must_be_whose_mail_it_is(
    check: str, author: str | None, facts: dict[str, object], reply: str | None
) -> None:
    assert refused(check, author, **facts) == reply


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (DMARC, None),
        ((Said("dmarc", "pass", (("header.from", "evil.example"),)),), "550 5.7.1"),
        ((Said("dkim", "pass", (("header.d", "example.com"),)),), None),
        ((Said("dkim", "pass", (("header.i", "@example.com"),)),), None),
        ((Said("dkim", "pass", (("header.d", "mailer.example"),)),), "550 5.7.1"),
        ((Said("dkim", "fail", (("header.d", "example.com"),)),), "550 5.7.1"),
        ((Said("spf", "pass", (("smtp.mailfrom", "bounce@example.com"),)),), None),
        ((Said("auth", "pass", (("smtp.auth", "boss@example.com"),)),), None),
        ((Said("auth", "pass", (("smtp.auth", "jana@example.com"),)),), "550 5.7.1"),
        ((Said("arc", "pass", (("header.d", "example.com"),)),), "550 5.7.1"),
        ((Said("spf", "pass", (("smtp.mailfrom", "example.com"),)), Said("dmarc", "fail")), "550 5.7.26"),
        ((), "550 5.7.1"),
        (None, "550 5.7.1"),
    ],
)
def test_a_relay_that_is_believed_may_say_more(said: tuple[Said, ...] | None, reply: str | None) -> None:
    assert refused("reverse-path", BOSS, said=said) == reply
