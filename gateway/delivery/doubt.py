"""What is done with a job that perhaps arrived: looked for, sent again, given up. Pure (docs/architecture.md, "Doubt").

`retarus.duplicates_refused` takes precedence over `retarus.on_doubt`: an account that answers 409 to a repeated
customerDefinedId can be asked by sending, and one fax comes of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gateway.spool.job import Job
from gateway.spool.states import State


class OnDoubt(Enum):
    FAIL = "fail"  # never sent again; its sender is told that it may have gone out
    RESUBMIT = "resubmit"  # sent again once it is certain that it has not gone out
    ASK = "duplicates_refused"  # sent again at once: 409 says that it is there


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtRules:
    on_doubt: OnDoubt
    in_doubt_after: timedelta
    expire_after: timedelta


def may_send_again(
    rules: DoubtRules, job: Job, now: datetime, datacenters: Iterable[str], lists: Mapping[str, datetime]
) -> bool:
    """`lists`: when each data centre's list was last read whole, and did not have it."""
    if job.state is not State.IN_DOUBT or job.accepted_at is not None or now >= last_start(rules, job):
        return False
    match rules.on_doubt:
        case OnDoubt.FAIL:
            return False
        case OnDoubt.ASK:
            return True
        case OnDoubt.RESUBMIT:
            certain_at = _certain_at(rules, job)
            # A report exists only once every recipient is final: before that moment a list proves nothing.
            return now >= certain_at and all(name in lists and lists[name] >= certain_at for name in datacenters)


def last_start(rules: DoubtRules, job: Job) -> datetime:
    """No attempt begins later."""
    end = job.start_at + rules.expire_after
    return min(end, job.timing.ends_by) if job.timing.ends_by is not None else end


def given_up_at(rules: DoubtRules, job: Job, reported_by: datetime) -> datetime:
    """When a job in doubt becomes `unknown`; `reported_by`: when the report of an accepted job surely stands."""
    last_send = max(job.sent_at or job.start_at, job.start_at)
    match rules.on_doubt:
        case OnDoubt.FAIL:
            return last_send + rules.in_doubt_after
        case OnDoubt.ASK:
            if job.accepted_at is not None:
                return reported_by
            return max(last_start(rules, job), last_send + rules.in_doubt_after)
        case OnDoubt.RESUBMIT:
            return max(last_start(rules, job), _certain_at(rules, job))


def _certain_at(rules: DoubtRules, job: Job) -> datetime:
    """From then on a list that hasn't the job proves that it never will: its request's time is over."""
    last_send = job.sent_at or job.start_at
    return max(job.valid_until or last_send, last_send) + rules.in_doubt_after
