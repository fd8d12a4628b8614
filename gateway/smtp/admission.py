"""Who may have a session now: how many there are in all, and how many of one address."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

Address = IPv4Address | IPv6Address | None


class Leaving(Protocol):
    """A session as admission sees it."""

    def leave(self) -> None:
        """Ends when the mail in hand is answered; at once where there is none."""


class TooMany(Exception):
    """There are as many sessions as may be; the text is for the client."""


class Draining(Exception):
    """The daemon is being stopped: sessions that stand finish, nobody gets a new one."""


class Admission:
    """One for all listeners: they share the memory and the descriptors that a session costs."""

    def __init__(self, *, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._by_address: Counter[Address] = Counter()
        self.sessions: set[Leaving] = set()
        self.draining = False
        self.empty = asyncio.Event()
        self.empty.set()

    @contextmanager
    def admitted(self, session: Leaving, address: Address) -> Iterator[None]:
        """A place for `session` while the block lasts; raises TooMany and Draining.

        Those without an address are not told apart.
        """
        if self.draining:
            raise Draining
        if len(self.sessions) >= self._most:
            raise TooMany("too many sessions here now; try again later")
        if address is not None and self._by_address[address] >= self._most_per_address:
            raise TooMany(f"too many sessions from {address} now; try again later")
        self.sessions.add(session)
        self.empty.clear()
        self._by_address[address] += 1
        try:
            yield
        finally:
            self.sessions.discard(session)
            if not self.sessions:
                self.empty.set()
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
