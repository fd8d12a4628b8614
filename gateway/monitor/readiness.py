"""Whether a load balancer should send mail here (/readyz). Pure: facts in, one reason a line out."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.spool.pauses import Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`paused`: by the configuration. `short_of`: what there is too little of. `spool_fault`: why it can't be read."""

    draining: bool
    paused: bool
    short_of: str | None
    spool_fault: str | None


def reasons(condition: Condition, paused: Sequence[Switch] = ()) -> list[str]:
    """Why not; empty: it is ready. The fax service's health is no reason: mail is taken while it is down."""
    found = []
    if condition.draining:
        found.append("draining: the gateway is being stopped")
    if condition.paused:
        found.append("paused: delivery.paused is set, faxes wait")
    found += [f"paused: {switch}; `fax-gateway resume {switch.activity}` ends it" for switch in paused]
    if condition.short_of is not None:
        found.append(f"short of {condition.short_of}: no mail is accepted until there is room")
    if condition.spool_fault is not None:
        found.append(f"the spool can't be read: {condition.spool_fault}")
    return found
