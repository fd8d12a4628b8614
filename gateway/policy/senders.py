"""Is the header From whose mail it is? `smtp.sender_check`: against reverse-path or AUTH user, or a relay's word. Pure.

RFC 5321 lets everybody write any reverse-path, RFC 5322 any From: what a cover page shows as the sender is worth as
much as this check. A relay that has checked already says so in Authentication-Results (RFC 8601); its caller has made
sure that it is the relay's.
"""

from dataclasses import dataclass
from typing import Final, Literal

from gateway.policy.verdict import Denied, Look

Check = Literal["off", "reverse-path", "auth-user"]
RULE = "smtp.sender_check"
# RFC 7372 §3.3: the relay's checks failed, and the domain wants that to count.
CHECKS_FAILED = "5.7.26"


@dataclass(frozen=True, slots=True)
class SenderPolicy:
    check: Check = "off"
    authserv_ids: tuple[str, ...] = ()  # of relays that are believed


UNCHECKED: Final = SenderPolicy()


@dataclass(frozen=True, slots=True)
class Said:
    """One method of an Authentication-Results header (RFC 8601 §2.2): `dkim=pass header.d=example.com`."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()  # "header.d": "example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderFacts:
    """`said`: what a relay that is believed has said; None: nothing."""

    author: str | None  # the address in the header From
    reverse_path: str
    auth_user: str | None
    said: tuple[Said, ...] | None = None


def judge_sender(facts: SenderFacts, policy: SenderPolicy) -> Denied | None:
    look = look_at_sender(facts, policy)
    return look.denied if look is not None else None


def look_at_sender(facts: SenderFacts, policy: SenderPolicy) -> Look | None:
    """None: nothing is checked."""
    if policy.check == "off":
        return None
    rule = f"{RULE} {policy.check}"
    if facts.author is None:
        sentence = f"the mail has no header From, which must be its sender's ({RULE})."
        return Look(rule, "there is no header From", Denied(rule, sentence))
    author = facts.author.casefold()
    if facts.said is not None and (failed := _failed(facts.said)):
        sentence = f"the relay says {failed} of the header From {facts.author} ({RULE})."
        return Look(rule, f"the relay says {failed}", Denied(rule, sentence, CHECKS_FAILED))
    passed = _passed(facts.said or (), author)
    if passed is not None:
        return Look(rule, f"{facts.author} is the sender: the relay says {passed}")
    if policy.check == "auth-user" and facts.auth_user is not None:
        return _compared(rule, facts.author, "the AUTH user", facts.auth_user, same=_is_user(author, facts.auth_user))
    same = author == facts.reverse_path.casefold()
    return _compared(rule, facts.author, "the reverse-path", facts.reverse_path or "<>", same=same)


def _compared(rule: str, author: str, what: str, other: str, *, same: bool) -> Look:
    if same:
        return Look(rule, f"the header From {author} is {what}")
    found = f"the header From {author} is not {what} {other}"
    return Look(rule, found, Denied(rule, f"{found}; send with an address of your own ({RULE})."))


def _is_user(author: str, user: str) -> bool:
    """A login that is no address is a local part: whose domain it is, nobody can say."""
    name = user.casefold()
    return author == name if "@" in name else author.rpartition("@")[0] == name


def _failed(said: tuple[Said, ...]) -> str | None:
    """Only DMARC (RFC 7489) is about the header From, and weighs the others."""
    return next(
        (f"{each.method}={each.result}" for each in said if (each.method, each.result) == ("dmarc", "fail")), None
    )


def _passed(said: tuple[Said, ...], author: str) -> str | None:
    """The method by which the relay has made sure of the author's domain, or of the author."""
    domain = author.rpartition("@")[2]
    for each in said:
        if each.result == "pass" and any(_aligned(each.method, *item, author, domain) for item in each.properties):
            return f"{each.method}=pass"
    return None


def _aligned(method: str, name: str, value: str, author: str, domain: str) -> bool:
    """RFC 8601 §2.7 names the properties. Domains must be equal: which ones belong together, only DMARC knows."""
    of = value.casefold().rpartition("@")[2]
    match method, name:
        case ("dmarc", "header.from") | ("dkim", "header.d" | "header.i") | ("spf", "smtp.mailfrom"):
            return of == domain
        case ("auth", "smtp.auth" | "smtp.mailfrom"):
            return value.casefold() == author
        case _:
            return False
