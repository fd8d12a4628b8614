"""Which jobs somebody means by their ids, or by the first digits of ids; what is said where that is no job, or several.

Ids are hexadecimal in lower case (``spool.jobs``); what somebody types or pastes in capitals means the same.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.control.protocol import Refused, Short

MOST_IDS = 500  # in one request

Ids = Annotated[
    tuple[Annotated[Short, StringConstraints(min_length=1, to_lower=True)], ...], Field(max_length=MOST_IDS)
]


def unknown(begins: Sequence[str], found: Collection[str]) -> list[str]:
    """Those of `begins` that are the begin of none of the ids that were `found`."""
    in_order = sorted(found)
    return [begin for begin in dict.fromkeys(begins) if not _count(in_order, begin)]


def refuse_ambiguous(begins: Sequence[str], found: Collection[str]) -> None:
    """Raises Refused: what is done to a job is not done to whichever begins like it."""
    in_order = sorted(found)
    for begin in begins:
        count = _count(in_order, begin)
        if count > 1:
            raise Refused(
                f"the ids of {count} jobs begin with {begin}: write more of the one that you mean; "
                f"`fax-gateway jobs list {begin}` shows them"
            )


def no_job(begin: str, *, narrowed: bool = False) -> str:
    """`narrowed`: something else was asked for beside the ids, which a job of that id may not fit."""
    if narrowed:
        return (
            f"no job whose id begins with {begin} fits the rest: `fax-gateway jobs list {begin}` looks for the id alone"
        )
    return (
        f"no job's id begins with {begin}: "
        f"`fax-gateway jobs list --find {begin}` looks for it among numbers, senders and other ids"
    )


def _count(in_order: Sequence[str], begin: str) -> int:
    return bisect_left(in_order, begin + "\x7f") - bisect_left(in_order, begin)
