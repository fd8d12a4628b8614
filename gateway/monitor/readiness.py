"""Whether a load balancer should send mail here (/readyz). Pure: facts in, one reason a line out."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.spool.pauses import Switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`paused`: by the configuration. `short_of`: what there is too little of."""

    draining: bool
    paused: bool
    short_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolHealth:
    """`unreadable`, `unwritable`: what the database or the disk says. `paused`: by operators."""

    unreadable: str | None = None
    unwritable: str | None = None
    paused: Sequence[Switch] = ()


def reasons(condition: Condition, spool: SpoolHealth) -> list[str]:
    """Why not; empty: it is ready. The fax service's health is no reason: mail is taken while it is down."""
    found = []
    if condition.draining:
        found.append("draining: the gateway is being stopped")
    if condition.paused:
        found.append("paused: delivery.paused is set, faxes wait")
    found += [f"paused: {switch}; `fax-gateway resume {switch.activity}` ends it" for switch in spool.paused]
    if condition.short_of is not None:
        found.append(f"short of {condition.short_of}: no mail is accepted until there is room")
    if spool.unreadable is not None:
        found.append(f"the spool can't be read: {spool.unreadable}")
    if spool.unwritable is not None:
        found.append(f"the spool can't be written: {spool.unwritable}")
    return found
