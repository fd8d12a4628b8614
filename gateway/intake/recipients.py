"""A forward-path becomes a fax number, the postmaster, or a reply that says why not. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network
from typing import assert_never

from gateway.address import AddressError, parse_recipient
from gateway.intake.envelope import Client, FaxRecipient, PostmasterRecipient, Recipient
from gateway.intake.options import Treatment
from gateway.intake.reply import Reply
from gateway.policy import Allowed, Denied, judge_number
from gateway.spool.forward_path import ForwardPath


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRules:
    domains: tuple[str, ...]
    relay_networks: tuple[IPv4Network | IPv6Network, ...]


def judge_recipient(
    rules: RecipientRules, treatment: Treatment, client: Client, path: ForwardPath, *, heard: bool
) -> Recipient | Reply:
    """What a RCPT command gets: the recipient that it names, or the reply that refuses it.

    `heard`: there is a reverse-path, which can be told what becomes of the fax.
    """
    address = path.address
    local_part, _, domain = address.rpartition("@") if "@" in address else (address, "", "")
    known_domain = _is_one_of(domain, rules.domains)
    # RFC 5321 §4.5.1: postmaster in any case, with or without a domain of ours, whoever sends.
    if local_part.strip('"').casefold() == "postmaster" and (known_domain or not domain):
        return PostmasterRecipient(address)
    if not _may_relay(rules, client):
        return Reply.of(550, "5.7.1", f"{client} may not send faxes here; log in, or ask for it to be a relay network")
    if not domain:
        return Reply.of(550, "5.1.3", f"{address} has no domain; write it as <number>@{rules.domains[0]}")
    if not known_domain:
        return Reply.of(550, "5.1.2", f"{domain} is not a fax domain of this gateway; it takes {_list(rules.domains)}")
    if not heard and "@" not in treatment.report_to:
        return Reply.of(550, "5.7.1", "a fax needs a sender who can be told what became of it, not <>")
    return _judge_number(treatment, path, local_part)


def _judge_number(treatment: Treatment, path: ForwardPath, local_part: str) -> Recipient | Reply:
    try:
        parsed = parse_recipient(local_part, treatment.numbers)
    except AddressError as error:
        return Reply.of(550, error.enhanced_code, error.sentence)
    verdict = judge_number(parsed.number, treatment.policy)
    match verdict:
        case Denied():
            return Reply.of(550, verdict.enhanced_code, verdict.sentence)
        case Allowed():
            pass
        case _:
            assert_never(verdict)
    if parsed.subaddress is not None:
        return Reply.of(550, "5.1.3", f"the fax service can't carry the subaddress {parsed.subaddress} (T33S); omit it")
    return FaxRecipient(parsed.number, replace(path, display_name=parsed.display_name, tag=parsed.tag))


def _may_relay(rules: RecipientRules, client: Client) -> bool:
    if client.trusted or client.auth_user is not None:
        return True
    return client.address is not None and any(client.address in network for network in rules.relay_networks)


def _is_one_of(domain: str, domains: Collection[str]) -> bool:
    return domain.casefold().rstrip(".") in {known.casefold() for known in domains}


def _list(domains: tuple[str, ...]) -> str:
    return ", ".join(domains)
