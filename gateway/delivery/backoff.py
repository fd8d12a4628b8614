"""When to try again after a failure that surely left nothing behind. Pure; chance is passed in."""

from datetime import timedelta
from random import Random

FIRST = timedelta(seconds=1)
LONGEST = timedelta(seconds=60)


def delay(failures: int, chance: Random, retry_after: timedelta | None = None) -> timedelta:
    """How long to wait after the `failures`-th failure in a row (from 1): 1 s, doubling, 60 s at most.

    Jitter takes up to a third off, so that jobs that failed together don't come back together; Retry-After (RFC 9110
    §10.2.3) is a lower bound that the server sets.
    """
    steps = min(max(failures, 1) - 1, 16)  # 2^16 s is far beyond LONGEST
    wanted = min(FIRST * (1 << steps), LONGEST)
    jittered = wanted * (1 - chance.random() / 3)
    return max(jittered, retry_after) if retry_after is not None else jittered
