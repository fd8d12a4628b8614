"""A forward-path becomes fax numbers, the postmaster, or a reply that says why not. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network

from gateway.address import AddressError, FaxAddress, parse_recipient
from gateway.config.aliases import folded
from gateway.intake.envelope import Client, FaxRecipient, GroupRecipient, PostmasterRecipient, Recipient
from gateway.intake.hearing import hears
from gateway.intake.options import Treatment
from gateway.intake.permission import reply_of
from gateway.intake.reply import Reply
from gateway.policy import Look, looks_at_number
from gateway.policy.verdict import denied
from gateway.spool.forward_path import ForwardPath


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRules:
    domains: tuple[str, ...]
    relay_networks: tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class RecipientRuling:
    """What a RCPT command gets, and every rule that was looked at for it; a reply's is the last one."""

    answer: Recipient | Reply
    looks: tuple[Look, ...]


def judge_recipient(
    rules: RecipientRules, treatment: Treatment, client: Client, path: ForwardPath, *, reverse_path: str
) -> Recipient | Reply:
    """What a RCPT command gets: the recipient that it names, or the reply that refuses it.

    `reverse_path` must be one that can be told what becomes of the fax.
    """
    return rule_on_recipient(rules, treatment, client, path, reverse_path=reverse_path).answer


def rule_on_recipient(
    rules: RecipientRules, treatment: Treatment, client: Client, path: ForwardPath, *, reverse_path: str
) -> RecipientRuling:
    """The same, with its reasons."""
    local_part, _, domain = path.address.rpartition("@") if "@" in path.address else (path.address, "", "")
    known_domain = _is_one_of(domain, rules.domains)
    # RFC 5321 §4.5.1: postmaster in any case, with or without a domain of ours, whoever sends.
    if local_part.strip('"').casefold() == "postmaster" and (known_domain or not domain):
        return RecipientRuling(PostmasterRecipient(path.address), (Look("postmaster", "takes mail from everybody"),))
    looks: list[Look] = []
    for look in _looks_at_envelope(rules, treatment, client, path.address, reverse_path=reverse_path):
        looks.append(look)
        if look.denied is not None:
            return RecipientRuling(reply_of(look.denied), tuple(looks))
    answer = _numbers(treatment, path, local_part, looks)
    return RecipientRuling(answer, tuple(looks))


def _looks_at_envelope(
    rules: RecipientRules, treatment: Treatment, client: Client, address: str, *, reverse_path: str
) -> Iterator[Look]:
    """Whether the client may send faxes at all, and to this domain."""
    allowed_by = _may_relay(rules, client)
    if allowed_by is None:
        sentence = f"{client} may not send faxes here; log in, or ask for it to be a relay network"
        yield denied("smtp.relay_networks", f"{client} is in none of them, and has not logged in", sentence)
        return
    yield Look("smtp.relay_networks", allowed_by)
    domain = address.rpartition("@")[2] if "@" in address else ""
    if not domain:
        sentence = f"{address} has no domain; write it as <number>@{rules.domains[0]}"
        yield denied("smtp.domains", "the address has none", sentence, enhanced_code="5.1.3")
    elif not _is_one_of(domain, rules.domains):
        sentence = f"{domain} is not a fax domain of this gateway; it takes {', '.join(rules.domains)}"
        yield denied("smtp.domains", f"{domain} is none of them", sentence, enhanced_code="5.1.2")
    else:
        yield Look("smtp.domains", f"{domain} is one of them")
    if not hears(reverse_path) and "@" not in treatment.report_to:
        sentence = f"a fax needs a sender who can be told what became of it, not <{reverse_path}>"
        # RFC 3463 §3.2, for what was meant as a mailbox.
        code = "5.1.7" if reverse_path else "5.7.1"
        yield denied("report.to", "there is nobody who could be told", sentence, enhanced_code=code)


def _numbers(treatment: Treatment, path: ForwardPath, local_part: str, looks: list[Look]) -> Recipient | Reply:
    """What the local part stands for; `looks` is added to."""
    name = folded(local_part.strip('"'))
    group = treatment.aliases.get(name)
    if group is None:
        return _number(treatment, path, local_part, looks)
    looks.append(Look("aliases", f"{name} stands for {', '.join(group)}"))
    if len(group) > treatment.most_recipients:
        most = treatment.most_recipients
        sentence = f"{path.address} stands for {len(group)} numbers; at most {most} recipients in one mail"
        # RFC 3463 §3.6; in another mail it would be no less: it is not 4.5.3.
        looks.append(denied("limits.recipients", f"{len(group)} of {most}", sentence, enhanced_code="5.5.3"))
        return _reply_of(looks)
    for number in group:
        looks.extend(looks_at_number(number, treatment.policy))
        if looks[-1].denied is not None:
            return _reply_of(looks)
    named = replace(path, alias=name)
    return GroupRecipient(group, named) if len(group) > 1 else FaxRecipient(group[0], named)


def _number(treatment: Treatment, path: ForwardPath, local_part: str, looks: list[Look]) -> Recipient | Reply:
    try:
        parsed = parse_recipient(local_part, treatment.numbers)
    except AddressError as error:
        looks.append(denied(f"address {error.rule}", "is no number", error.sentence, enhanced_code=error.enhanced_code))
        return _reply_of(looks)
    looks.append(Look("address", f"is the number {parsed.number}"))
    looks.extend(looks_at_number(parsed.number, treatment.policy))
    if looks[-1].denied is None and parsed.subaddress is not None:
        looks.append(_no_subaddress(parsed))
    if looks[-1].denied is not None:
        return _reply_of(looks)
    return FaxRecipient(parsed.number, replace(path, display_name=parsed.display_name, tag=parsed.tag))


def _no_subaddress(parsed: FaxAddress) -> Look:
    sentence = f"the fax service can't carry the subaddress {parsed.subaddress} (T33S); omit it"
    return denied("address subaddress", "has a subaddress", sentence, enhanced_code="5.1.3")


def _reply_of(looks: list[Look]) -> Reply:
    verdict = looks[-1].denied
    assert verdict is not None
    return reply_of(verdict)


def may_send(rules: RecipientRules, client: Client) -> bool:
    """Whether the client may send faxes at all, whatever their numbers."""
    return _may_relay(rules, client) is not None


def _may_relay(rules: RecipientRules, client: Client) -> str | None:
    """Why it may; None: it may not."""
    if client.trusted:
        return "the client is trusted: it came by a unix socket, or it is an operator who asks"
    if client.auth_user is not None:
        return f"the client has logged in as {client.auth_user}"
    return "the client is in one of them" if is_relay(client, rules.relay_networks) else None


def is_relay(client: Client, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    return client.address is not None and any(client.address in network for network in networks)


def _is_one_of(domain: str, domains: Collection[str]) -> bool:
    return domain.casefold().rstrip(".") in {known.casefold() for known in domains}
