"""The three promises, held against all that is known: the spool's rows, the service's faxes, the words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.fax4a.status import delivered, perhaps_delivered
from gateway.spool.forward_path import ForwardPath, Notify
from gateway.spool.job import Job, Recipient
from gateway.spool.states import FINAL, State
from tests.crash.words import Claim
from tests.laws.mailbox import REPORT_MAIL, Word
from tests.laws.service import Fax

SURELY_NOT = frozenset({State.FAILED, State.EXPIRED, State.CANCELLED})
UNBEGUN = frozenset({State.RECEIVED, State.PREPARED})
BY_A_REPORT = frozenset({"outcome", "resolved", "result", "perhaps"})  # words of ours


@dataclass(eq=False)
class Line:
    """One number of one mail, over all jobs that were ever made for it."""

    number: str
    may_be_faxed: int = 1  # more often only where an operator said so
    job_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    jobs: Mapping[str, Job]
    lines: Sequence[Line]
    faxes: Sequence[Fax]
    words: Sequence[Word]
    split: frozenset[str]  # jobs whose fax is that of others now

    def fax_of(self, job_id: str, number: str) -> list[str | None]:
        """The status of each fax that the service has of it; None: it may still go out."""
        return [fax.statuses.get(number) for fax in self.faxes if fax.job_id == job_id and number in fax.numbers]


def broken_now(facts: Facts) -> Iterator[str]:
    """What may never be, at no moment."""
    for line in facts.lines:
        faxed = sum(_perhaps_out(status) for job_id in line.job_ids for status in facts.fax_of(job_id, line.number))
        if faxed > line.may_be_faxed:
            yield f"{line.number} is faxed {faxed} times, of jobs {line.job_ids}"
    for job in facts.jobs.values():
        yield from _broken_state(facts, job)
    yield from _contradictions(facts)


def broken_at_the_end(facts: Facts) -> Iterator[str]:
    """What must be once the faults are over and time has run."""
    for job in facts.jobs.values():
        if job.state not in FINAL:
            yield f"{job.id} is forgotten: it is {job.state.value} since {job.created_at}"
            continue
        if job.state is State.UNKNOWN and any(facts.fax_of(job.id, each.number) for each in job.recipients):
            yield f"{job.id} is unknown, and its report is there"
        if job.id in facts.split:
            continue
        for recipient in job.recipients:
            for path in recipient.forward_paths:
                yield from _untold(facts, job, recipient, path)


def _perhaps_out(status: str | None) -> bool:
    return status is None or delivered(status) or perhaps_delivered(status)


def _broken_state(facts: Facts, job: Job) -> Iterator[str]:
    outs = [status for each in job.recipients for status in facts.fax_of(job.id, each.number)]
    if job.state is State.SUBMITTING:
        yield f"{job.id} is submitting, and nobody has it in hand"
    if job.standing.perhaps_arrived and job.state in UNBEGUN:
        yield f"{job.id} has perhaps arrived, and is {job.state.value}"
    if job.state in SURELY_NOT and any(map(_perhaps_out, outs)):
        yield f"{job.id} is {job.state.value}, and the service has {outs}"
    if job.state is State.SENT and not all(any(map(_is_out, facts.fax_of(job.id, r.number))) for r in job.recipients):
        yield f"{job.id} is sent, and the service has {outs}"


def _is_out(status: str | None) -> bool:
    return status is not None and delivered(status)


def _contradictions(facts: Facts) -> Iterator[str]:
    claims: dict[tuple[str, str], set[Claim]] = defaultdict(set)
    ids: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for word in facts.words:
        claims[word.job_id, word.number].add(word.claim)
        if word.message_id not in ids[word.job_id, word.number, word.by]:
            ids[word.job_id, word.number, word.by].append(word.message_id)
    for (job_id, number), claimed in claims.items():
        outs = facts.fax_of(job_id, number)
        if Claim.DELIVERED in claimed and not any(map(_is_out, outs)):
            yield f"{number} of {job_id}: said to be delivered, and the service has {outs}"
        if Claim.NOT_DELIVERED in claimed and any(map(_perhaps_out, outs)):
            yield f"{number} of {job_id}: said to be surely not sent, and the service has {outs}"
    for (job_id, number, by), message_ids in ids.items():
        if len(message_ids) > (2 if by == "delayed" else 1):  # MAIL's BY has a delay of its own (RFC 2852)
            yield f"{number} of {job_id}: told {by} as {message_ids}"
    yield from _outdated(facts.words)


def _outdated(words: Iterable[Word]) -> Iterator[str]:
    """Our own words come in an order that makes sense: none that a later one has made untrue comes after it."""
    settled: set[tuple[str, str]] = set()
    seen: set[str] = set()
    for word in words:
        key = (word.job_id, word.number)
        if word.by == "doubt" and key in settled and word.message_id not in seen:
            yield f"{word.number} of {word.job_id}: doubted after its outcome was told"
        if word.claim is Claim.DELAYED and key in settled and word.message_id not in seen:
            yield f"{word.number} of {word.job_id}: said to be delayed after its end was told"
        if word.by in BY_A_REPORT or word.by in {"failed", "expired", "cancelled"}:
            settled.add(key)
        seen.add(word.message_id)


def _untold(facts: Facts, job: Job, recipient: Recipient, path: ForwardPath) -> Iterator[str]:
    """A word for each recipient, as NOTIFY asks."""
    of_it = [word for word in facts.words if (word.job_id, word.number) == (job.id, recipient.number)]
    told = Counter(word.claim for word in of_it)
    due = _due(job, recipient)
    who = f"{recipient.number} of {job.id} ({job.state.value}, {recipient.status}, NOTIFY {path.notify})"
    wanted = path.notify is None or (Notify.SUCCESS if due is Claim.DELIVERED else Notify.FAILURE) in path.notify
    if wanted and not told[due]:
        yield f"{who}: left without the word that {due.value}; told {dict(told)}"
    # ReportMail of several numbers names those too that went well.
    ours = {word.claim for word in of_it if word.by not in {REPORT_MAIL, "resolved"}}
    if not wanted and due in ours:
        yield f"{who}: told that {due.value}, which it does not want to hear: {of_it}"
    if path.notify is not None and not path.notify and of_it:
        yield f"{who}: NOTIFY=NEVER, and told {dict(told)}"
    if path.notify is not None and Notify.DELAY not in path.notify and told[Claim.DELAYED]:
        yield f"{who}: told of a delay"


def _due(job: Job, recipient: Recipient) -> Claim:
    if recipient.status is not None:
        if delivered(recipient.status):
            return Claim.DELIVERED
        return Claim.PERHAPS if perhaps_delivered(recipient.status) else Claim.NOT_DELIVERED
    return Claim.PERHAPS if job.state is State.UNKNOWN else Claim.NOT_DELIVERED


__all__ = ["REPORT_MAIL", "Facts", "Line", "broken_at_the_end", "broken_now"]
