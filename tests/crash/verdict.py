"""The three promises, held against what came out of a campaign. Pure: facts in, broken promises out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from tests.crash.words import Claim, Word

FINAL = frozenset({Claim.DELIVERED, Claim.NOT_DELIVERED, Claim.PERHAPS})


class Promise(Enum):
    """How many faxes an accepted mail may become."""

    AT_MOST_ONE = "on_doubt = fail"
    EXACTLY_ONE = "on_doubt = resubmit, or duplicates_refused"


@dataclass(frozen=True)
class Facts:
    accepted: Mapping[str, str]  # by sender the job's id that the 250 named
    faxes: Mapping[str, int]  # by job id how many machines printed it
    words: Sequence[Word]


def broken(facts: Facts, promise: Promise) -> list[str]:
    """A sentence for each promise that was not kept; empty: all were."""
    return [
        sentence for sender, job_id in facts.accepted.items() for sentence in _broken(facts, promise, sender, job_id)
    ]


def without_a_word(facts: Facts) -> set[str]:
    """Senders who still wait for a final word."""
    told = {word.sender for word in facts.words if word.claim in FINAL}
    return set(facts.accepted) - told


def _broken(facts: Facts, promise: Promise, sender: str, job_id: str) -> Iterator[str]:
    faxes = facts.faxes.get(job_id, 0)
    words = {word for word in facts.words if word.sender == sender}  # a word that is repeated is the same word
    claims = Counter(word.claim for word in words)
    who = f"{sender} (job {job_id})"
    if faxes > 1:
        yield f"{who}: faxed {faxes} times"
    if promise is Promise.EXACTLY_ONE and faxes == 0:
        yield f"{who}: never faxed"
    if not FINAL & claims.keys():
        yield f"{who}: left without a word"
    if claims[Claim.DELIVERED] and claims[Claim.NOT_DELIVERED]:
        yield f"{who}: told that it was delivered and that it was not"
    if claims[Claim.DELIVERED] and not faxes:
        yield f"{who}: told of a fax that was none"
    if claims[Claim.NOT_DELIVERED] and faxes:
        yield f"{who}: told that there was no fax, and there was one"
    yield from (f"{who}: told {count} times that {claim.value}" for claim, count in claims.items() if count > 1)
