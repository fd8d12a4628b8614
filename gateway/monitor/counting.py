"""How events become samples: every label has a closed set of values, and a sample for each of them from the start on.

From the start on, because Prometheus sees no increase in a series that begins with 1. Closed, because a label is kept
for ever by whoever scrapes: no number, address or id may be one, whatever an event holds.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Count = Callable[[Mapping[str, Any]], None]  # gets an event
OTHER = "OTHER"  # what has come up after us: a status of the service, an enhanced status code

# RFC 3463 §2: the third part has up to three digits; ours are from a list of some dozens.
_ENHANCED = re.compile(r"[245]\.\d\.\d{1,2}")
# A data centre's name is the operator's (retarus.datacenter_urls).
_DATACENTER = re.compile(r"[a-z][a-z0-9_-]{0,15}")


class Family:
    """The metrics of one registry; their names begin alike."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, text: str, **labels: Iterable[str]) -> Counter:
        """`labels`: every value of each; none where ``reply_code`` or the like closes them."""
        counter = Counter(f"fax_gateway_{name}", text, tuple(labels), registry=self._registry)
        for values in product(*labels.values()) if labels else ():
            counter.labels(*values)
        return counter

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"fax_gateway_{name}", text, labels, registry=self._registry)

    def histogram(self, name: str, text: str, buckets: tuple[float, ...], **labels: Iterable[str]) -> Histogram:
        histogram = Histogram(f"fax_gateway_{name}", text, tuple(labels), registry=self._registry, buckets=buckets)
        for values in product(*labels.values()) if labels else ():
            histogram.labels(*values)
        return histogram


def one_of(values: Iterable[str], event: Mapping[str, Any], key: str) -> str:
    """What `event` says of itself, where it is one of `values`."""
    value = str(event.get(key, ""))
    return value if value in values else OTHER


def reply_code(event: Mapping[str, Any]) -> str:
    """The enhanced status code of a reply that is written as one line, ``554 5.6.0 ...`` (RFC 3463)."""
    code, _, rest = str(event.get("reply", "")).partition(" ")
    enhanced = rest.partition(" ")[0]
    return enhanced if _ENHANCED.fullmatch(enhanced) and code.isdigit() else OTHER


def datacenter_of(event: Mapping[str, Any]) -> str:
    name = str(event.get("datacenter", ""))
    return name if _DATACENTER.fullmatch(name) else OTHER
