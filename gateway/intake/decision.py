"""May this sender fax to that number? Every rule that is looked at, in the order in which a mail meets them. Pure.

The functions are those that the mail front asks at RCPT and at the end of DATA; here they are asked together, so that
an operator sees which rule decides and where it stands (`fax-gateway check --sender`, the dashboard's policy page).
What is in a mail (its pages, its directives) isn't known here.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.intake.envelope import Client, Recipient, numbers_of
from gateway.intake.options import Treatment
from gateway.intake.permission import reply_of
from gateway.intake.recipients import RecipientRules, rule_on_recipient
from gateway.intake.reply import Reply
from gateway.policy import Look
from gateway.policy.quotas import Amount
from gateway.policy.senders import SenderFacts, look_at_sender
from gateway.policy.times import look_at_time
from gateway.spool.forward_path import ForwardPath
from gateway.spool.quota_use import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`to` is a number or an address, `author` the header From, the sender's where it is None."""

    sender: str  # reverse-path
    to: str
    client: Client
    now: datetime
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that was looked at; `key` is its key in the configuration: profile.0.numbers.allow."""

    look: Look
    key: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`recipient` is None where RCPT would be refused. The steps end with the one that denies."""

    steps: tuple[Step, ...]
    recipient: Recipient | None

    @property
    def decisive(self) -> Step | None:
        """The rule that denies; None: allowed."""
        return self.steps[-1] if self.steps and self.steps[-1].look.denied is not None else None

    @property
    def refusal(self) -> Reply | None:
        """What the sender would read."""
        verdict = self.steps[-1].look.denied if self.steps else None
        return reply_of(verdict) if verdict is not None else None


def decide(rules: RecipientRules, treatment: Treatment, question: Question, quotas: tuple[Look, ...] = ()) -> Decision:
    """`quotas`: what was used of them (gateway/spool/quota_use.py), where that is known."""
    path = ForwardPath(address=question.to if "@" in question.to else f"{question.to}@{rules.domains[0]}")
    ruling = rule_on_recipient(rules, treatment, question.client, path, reverse_path=question.sender)
    recipient = None if isinstance(ruling.answer, Reply) else ruling.answer
    looks = [*ruling.looks]
    if recipient is not None and numbers_of(recipient):
        looks += [look for look in _looks_at_mail(treatment, question) if look is not None]
        looks += quotas
    first = next((number for number, look in enumerate(looks, start=1) if look.denied is not None), len(looks))
    return Decision(tuple(Step(look, treatment.origin(look.key)) for look in looks[:first]), recipient)


def claim_of(treatment: Treatment, question: Question) -> tuple[Claim, Amount] | None:
    """What one page to that number would use; None: there are no quotas for this sender."""
    if not treatment.quotas:
        return None
    sender = (question.client.auth_user or question.sender).casefold()
    return Claim(sender, treatment.quotas, 1, treatment.times.timezone), Amount(1, 1, 1)


def _looks_at_mail(treatment: Treatment, question: Question) -> tuple[Look | None, ...]:
    facts = SenderFacts(
        author=question.author or question.sender or None,
        reverse_path=question.sender,
        auth_user=question.client.auth_user,
    )
    return look_at_sender(facts, treatment.senders), look_at_time(question.now, treatment.times)
