"""/policy: a sender and a number in; out come the rules that are looked at, where each stands, and which decides."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web

from gateway.config import Profile
from gateway.config.show import source_of
from gateway.intake.decision import Decision, Question, claim_of, decide
from gateway.intake.envelope import Client, numbers_of
from gateway.policy import Look
from gateway.spool import quota_use
from gateway.web.call import Call
from gateway.web.desk import Desk

LONGEST = 320
FIELDS = ("sender", "to", "user", "client", "author")


@dataclass(frozen=True, slots=True)
class Rule:
    key: str  # profile.0.numbers.allow
    value: str  # what of it was looked at: a prefix
    found: str
    source: str
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    numbers: tuple[str, ...]  # empty: refused, or it is the postmaster's
    rules: tuple[Rule, ...]
    reply: str  # what the sender reads; empty where it is taken
    profile: str  # whom the profile that holds is for; empty: none does


async def show(desk: Desk, call: Call) -> web.Response:
    asked = {name: call.wanted(name)[:LONGEST] for name in FIELDS}
    return desk.pages.answer(
        call, "policy.html.j2", asked=asked, ruling=await ruling(desk, asked) if asked["to"] else None
    )


async def ruling(desk: Desk, asked: dict[str, str]) -> Ruling:
    question = _question(desk, asked)
    client = question.client
    treatment = desk.treatments.of(question.sender, client.auth_user, client.address)
    claimed, quotas = claim_of(treatment, question), list[Look]()
    if claimed is not None:
        quotas = await desk.database.read(lambda connection: quota_use.looks(connection, *claimed, question.now))
    decision = decide(desk.recipients, treatment, question, tuple(quotas))
    refused = decision.refusal
    return Ruling(
        numbers=numbers_of(decision.recipient) if decision.recipient is not None and refused is None else (),
        rules=tuple(_rules(desk, decision)),
        reply=str(refused) if refused is not None else "",
        profile=heading(desk.settings.profile[int(treatment.profile.rpartition(".")[2])]) if treatment.profile else "",
    )


def heading(profile: Profile) -> str:
    """Whom a profile is for."""
    networks = ", ".join(map(str, profile.networks))
    return f"{profile.match} ({networks})" if networks else profile.match


def _question(desk: Desk, asked: dict[str, str]) -> Question:
    """Without an address of the client, who may send is no question."""
    address, user = _address(asked["client"]), asked["user"] or None
    client = Client(address=address, helo="dashboard", auth_user=user, trusted=address is None and user is None)
    return Question(
        sender=asked["sender"], to=asked["to"], client=client, now=desk.clock(), author=asked["author"] or None
    )


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _rules(desk: Desk, decision: Decision) -> list[Rule]:
    return [
        Rule(
            key=step.key,
            value=step.look.rule.partition(" ")[2],
            found=step.look.found,
            source=source_of(desk.settings, step.key),
            is_passed=step.look.denied is None,
        )
        for step in decision.steps
    ]
