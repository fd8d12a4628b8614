"""How many requests an address may send: a token bucket for each."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

MOST_ADDRESSES = 10_000  # that are remembered; whoever was heard of longest ago is forgotten
SECONDS_OF_BURST = 10


class Rates:
    """`per_second` on average, and ten seconds' worth of them at once."""

    def __init__(self, per_second: int, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = float(per_second * SECONDS_OF_BURST)
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when

    def admits(self, address: str) -> bool:
        """Counts a request of `address`; False where it is one too many."""
        network, now = _network(address), self._monotonic()
        left, then = self._buckets.pop(network, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_second)
        admitted = left >= 1
        self._buckets[network] = (left - 1 if admitted else left, now)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return admitted


def _network(address: str) -> str:
    """An IPv6 host has a /64 of its own to choose from (RFC 4291 §2.5.4)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or int(parsed) >> 64)
