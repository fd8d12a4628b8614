"""What policy says of a sender and a number, for people: every rule that was looked at, and which decided."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from gateway.config import Settings
from gateway.config.show import source_of
from gateway.control.desk import Asked
from gateway.daemon import wiring
from gateway.daemon.checks import Finding, Level
from gateway.intake.decision import Decision, Question, claim_of, decide
from gateway.intake.envelope import Client, numbers_of
from gateway.intake.options import Treatment
from gateway.policy import Look
from gateway.spool import quota_use


def question_of(asked: Asked, now: datetime) -> Question:
    """Without an address of the client, who may send is no question."""
    trusted = asked.client is None and asked.user is None
    client = Client(address=asked.client, helo="check", auth_user=asked.user, trusted=trusted)
    return Question(sender=asked.sender, to=asked.to, client=client, author=asked.author, now=asked.at or now)


def treatment_of(settings: Settings, question: Question) -> Treatment:
    client = question.client
    return wiring.treatments(settings).of(question.sender, client.auth_user, client.address)


def quota_looks(connection: Connection, treatment: Treatment, question: Question) -> tuple[Look, ...]:
    """What was used of the quotas, from the spool."""
    claimed = claim_of(treatment, question)
    return tuple(quota_use.looks(connection, *claimed, question.now)) if claimed is not None else ()


def explained(settings: Settings, question: Question, quotas: tuple[Look, ...] = ()) -> Iterator[Finding]:
    """A line for each rule, the last one says what it comes to."""
    treatment = treatment_of(settings, question)
    decision = decide(wiring.recipient_rules(settings), treatment, question, quotas)
    yield Finding("profile", Level.OK, _profile(settings, treatment))
    for step in decision.steps:
        level = Level.OK if step.look.denied is None else Level.FAULT
        value = step.look.rule.partition(" ")[2]
        sentence = ": ".join(part for part in (value, step.look.found) if part)
        yield Finding(step.key, level, f"{sentence} ({source_of(settings, step.key)})")
    yield _result(question, decision)


def _result(question: Question, decision: Decision) -> Finding:
    if decision.refusal is not None or decision.recipient is None:
        return Finding("policy", Level.FAULT, str(decision.refusal))
    where = ", ".join(numbers_of(decision.recipient)) or "the postmaster"
    return Finding("policy", Level.OK, f"{question.sender or '<>'} may fax to {where}")


def _profile(settings: Settings, treatment: Treatment) -> str:
    if treatment.profile is None:
        return "none matches this sender" if settings.profile else "there is none"
    profile = settings.profile[int(treatment.profile.rpartition(".")[2])]
    networks = f" in {', '.join(map(str, profile.networks))}" if profile.networks else ""
    return f"{treatment.profile} is the first that matches: {profile.match}{networks}"
