"""/policy: a sender and a number in, the rule that decides out."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from aiohttp import web

from gateway.config import Profile
from gateway.intake.envelope import Client, FaxRecipient
from gateway.intake.options import Treatment
from gateway.intake.recipients import judge_recipient
from gateway.policy import Allowed, Denied, judge_number
from gateway.spool.forward_path import ForwardPath
from gateway.web.call import Call
from gateway.web.desk import Desk

LONGEST = 320
# A host that may send: the question is what the numbers' rules say.
_RELAY = Client(address=None, helo="dashboard", trusted=True)


@dataclass(frozen=True, slots=True)
class Ruling:
    number: str | None  # None: refused before there was one, or it is the postmaster's
    rule: str
    reply: str  # what the sender reads; empty where it is taken
    profile: str | None  # the pattern of the profile that holds; None: none does


async def show(desk: Desk, call: Call) -> web.Response:
    sender, to = call.wanted("sender")[:LONGEST], call.wanted("to")[:LONGEST]
    return desk.pages.answer(
        call, "policy.html.j2", sender=sender, to=to, ruling=ruling(desk, sender, to) if to else None
    )


def ruling(desk: Desk, sender: str, to: str) -> Ruling:
    treatment = desk.treatments.of(sender)
    address = to if "@" in to else f"{to}@{desk.settings.smtp.domains[0]}"
    answer = judge_recipient(desk.recipients, treatment, _RELAY, ForwardPath(address=address), heard=True)
    profile = matching(desk.settings.profile, sender)
    if isinstance(answer, FaxRecipient):
        return Ruling(answer.number, _rule(answer.number, treatment), "", profile)
    return Ruling(None, "", str(answer), profile)


def _rule(number: str, treatment: Treatment) -> str:
    match judge_number(number, treatment.policy):
        case Allowed(prefix):
            return f"numbers.allow {prefix}"
        case Denied(rule):
            return rule


def matching(profiles: tuple[Profile, ...], sender: str) -> str | None:
    """As Treatments chooses: the first pattern that fits, in any case."""
    name = sender.casefold()
    return next((each.match for each in profiles if fnmatchcase(name, each.match.casefold())), None)
