"""What answers need: the spool, and the work that other rooms do for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol, TypeVar

from gateway.control.found import Found
from gateway.spool.content import ContentStore
from gateway.spool.database import Work
from gateway.spool.place import Place

T = TypeVar("T")


class Spool(Protocol):
    """The daemon's database, or that of a command that has opened the spool itself."""

    async def read(self, work: Work[T], /) -> T: ...

    async def write(self, work: Work[T], /) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who would fax what: the question that policy answers."""

    sender: str  # reverse-path
    to: str  # as in RCPT, or a number alone
    user: str | None = None  # logged in as
    client: IPv4Address | IPv6Address | None = None  # None: whether it may send is no question
    author: str | None = None  # header From; None: the sender
    at: datetime | None = None  # None: now


@dataclass(frozen=True, slots=True, kw_only=True)
class Errands:
    """What rooms do that this one doesn't know; the composition root gives them."""

    moved: Callable[[], None]  # jobs were moved: workers look at once
    switched: Callable[[], Awaitable[None]]  # something was paused or resumed: in effect when it returns
    findings: Callable[[], AsyncIterator[Found]]  # of `check`
    explained: Callable[[Asked], AsyncIterator[Found]]  # what policy says, rule by rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    spool: Spool
    place: Place
    contents: ContentStore
    errands: Errands
    clock: Callable[[], datetime]
    backing_up: asyncio.Lock = field(default_factory=asyncio.Lock)  # who holds it makes a backup
