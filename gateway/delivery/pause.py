"""The pause of an account whose credentials or rights the fax service refuses (401, 403, 404, 405, 407). Pure.

A wrong password is not the fault of one job: the account stops, one probe goes out per backoff step, and the first that
is accepted ends the pause. A job that is refused again soon after another was accepted is the fault of that job; what
was accepted before its first refusal says nothing of it: the password may have been changed since.

An answer speaks of the login as it was when its request went out, and may come late: a large fax uploads for minutes.
So an acceptance says nothing of a refusal that was there before its request began, and a refusal stops nothing once a
request that began later was accepted.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

# A refusal this soon after another job was accepted says something of the job, not of the account.
JOBS_OWN_FAULT = timedelta(minutes=10)


class Consequence(Enum):
    PAUSE = auto()  # the account stops; the job waits
    WAIT = auto()  # it had stopped already, and still is refused; the job waits
    AGAIN = auto()  # a request that began later was accepted: the job is sent again, nothing stops
    HOLD = auto()  # the job is held for an operator, the account goes on


@dataclass(frozen=True, slots=True)
class AccountPause:
    failures: int = 0  # refused probes in a row; 0: the account isn't paused
    probe_at: timedelta | None = None  # moments here are those of a clock that nobody can set
    step: timedelta = timedelta()  # from the last counted refusal to the probe
    refused_at: timedelta | None = None  # the last refusal
    accepted_at: timedelta | None = None
    proven_at: timedelta | None = None  # when the newest request began that was accepted
    refused: frozenset[str] = frozenset()  # jobs that were refused so since another was accepted
    outlived: frozenset[str] = frozenset()  # those that were refused so before that

    @property
    def paused(self) -> bool:
        return self.failures > 0

    def slots(self, at: timedelta, *, in_flight: int, concurrency: int) -> int:
        """How many jobs may be started now: one probe per step in a pause, else what the concurrency leaves."""
        if self.probe_at is None:
            return max(0, concurrency - in_flight)
        return 1 if in_flight == 0 and at >= self.probe_at else 0

    def gives_way(self, at: timedelta, now: datetime, refused_anywhere: datetime | None) -> bool:
        """Whether a probe of another daemon, in vain less than a step ago, counts for this one too.

        For one step and no longer: what the other one is refused for may be its own (its address, an old secret).
        `refused_anywhere`: when the newest attempt began that any daemon was refused so, by their clocks, as `now`.
        """
        if self.probe_at is None or refused_anywhere is None or at >= self.probe_at + self.step:
            return False
        return timedelta() <= now - refused_anywhere < self.step


def after_refusal(
    pause: AccountPause, job_id: str, at: timedelta, wait: timedelta, *, began_at: timedelta
) -> tuple[AccountPause, Consequence]:
    """A job, whose request `began_at`, was refused for the account's sake; `wait` is the next backoff step."""
    again = job_id in pause.outlived
    first = job_id not in pause.refused | pause.outlived  # an account may be fine, and refuse this job alone
    outdated = pause.proven_at is not None and began_at < pause.proven_at
    remembered = replace(pause, refused=pause.refused | {job_id}, refused_at=at)
    if outdated and first and not pause.paused:
        return remembered, Consequence.AGAIN
    if again and pause.accepted_at is not None and at - pause.accepted_at < JOBS_OWN_FAULT:
        return replace(pause, outlived=pause.outlived - {job_id}), Consequence.HOLD
    if pause.probe_at is not None and at < pause.probe_at:
        return remembered, Consequence.WAIT  # it was under way when the account was paused
    consequence = Consequence.WAIT if pause.paused else Consequence.PAUSE
    return replace(remembered, failures=pause.failures + 1, probe_at=at + wait, step=wait), consequence


def after_acceptance(pause: AccountPause, job_id: str, at: timedelta, *, began_at: timedelta) -> AccountPause:
    """A job, whose request `began_at`, was accepted: whatever was wrong with the account before is over."""
    if pause.refused_at is not None and began_at < pause.refused_at:
        return pause
    return AccountPause(
        accepted_at=at,
        proven_at=max(began_at, pause.proven_at or began_at),
        outlived=(pause.outlived | pause.refused) - {job_id},
    )
