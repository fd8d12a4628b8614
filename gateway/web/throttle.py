"""Guessing passwords is slow: after so many failures of one address or for one name nobody is asked for a while."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

WINDOW = 600.0  # seconds
MOST_REMEMBERED = 10_000  # keys; beyond them the oldest are forgotten


@dataclass(frozen=True, slots=True)
class Key:
    text: str
    most: int  # failures within the window


def keys_of(address: str, name: str) -> tuple[Key, ...]:
    """A name alone takes more: else anybody could lock anybody out."""
    network, name = _network(address), name.casefold()
    return Key(f"address {network}", 20), Key(f"pair {network} {name}", 5), Key(f"name {name}", 50)


def _network(address: str) -> str:
    """Who has one IPv6 address usually has a /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


class Throttle:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    def wait(self, keys: tuple[Key, ...]) -> float:
        """Seconds until somebody may try again; 0: now."""
        now, longest = self._clock(), 0.0
        for key in keys:
            moments = self._failures.get(key.text, deque())
            while moments and moments[0] <= now - WINDOW:
                moments.popleft()
            if len(moments) >= key.most:
                longest = max(longest, moments[-key.most] + WINDOW - now)
        return longest

    def failed(self, keys: tuple[Key, ...]) -> None:
        for key in keys:
            moments = self._failures.pop(key.text, deque(maxlen=key.most))
            moments.append(self._clock())
            self._failures[key.text] = moments  # the newest last
        while len(self._failures) > MOST_REMEMBERED:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, keys: tuple[Key, ...]) -> None:
        """Takes back what was counted for it. The pair begins anew; the rest may be somebody else's guesses."""
        address, pair, name = keys
        self._failures.pop(pair.text, None)
        for key in (address, name):
            if moments := self._failures.get(key.text):
                moments.pop()
