"""What policy would say of a sender and a number."""

from gateway.config import Settings
from gateway.daemon import wiring
from gateway.daemon.checks import Finding, Level
from gateway.intake.envelope import Client
from gateway.intake.recipients import judge_recipient
from gateway.intake.reply import Reply
from gateway.spool.forward_path import ForwardPath


def verdict(settings: Settings, sender: str, to: str) -> Finding:
    """What RCPT would be answered to a relay of ours."""
    client = Client(address=None, helo="check", trusted=True)
    treatment = wiring.treatments(settings).of(sender)
    address = to if "@" in to else f"{to}@{settings.smtp.domains[0]}"
    answer = judge_recipient(
        wiring.recipient_rules(settings), treatment, client, ForwardPath(address=address), heard=bool(sender)
    )
    if isinstance(answer, Reply):
        return Finding("policy", Level.FAULT, str(answer))
    return Finding("policy", Level.OK, f"{sender or '<>'} may fax to {getattr(answer, 'number', address)}")
