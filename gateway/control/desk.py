"""What answers need: the spool, and the work that other rooms do for them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.control.found import Found
from gateway.intake.decision import Question
from gateway.spool.content import ContentStore
from gateway.spool.database import Work
from gateway.spool.place import Place

T = TypeVar("T")


class Spool(Protocol):
    """The daemon's database, or that of a command that has opened the spool itself."""

    async def read(self, work: Work[T], /) -> T: ...

    async def write(self, work: Work[T], /) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Errands:
    """What rooms do that this one doesn't know; the composition root gives them."""

    moved: Callable[[], None]  # jobs were moved: workers look at once
    switched: Callable[[], Awaitable[None]]  # something was paused or resumed: in effect when it returns
    findings: Callable[[], AsyncIterator[Found]]  # of `check`
    explained: Callable[[Question], AsyncIterator[Found]]  # what policy says of a sender and a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    spool: Spool
    place: Place
    contents: ContentStore
    errands: Errands
    clock: Callable[[], datetime]
