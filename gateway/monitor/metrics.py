"""The metrics of one daemon (docs/operations.md, "Metrics"). No number, address or id is ever a label.

Counters follow the log: what happens is said once, as an event, and whoever says it needs to know no metric.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Info, ProcessCollector

from gateway import __version__
from gateway.monitor.counting import Count, Family
from gateway.monitor.fax_counters import FaxCounters
from gateway.monitor.fax_service import FaxServiceHealth
from gateway.monitor.house_counters import ALERTS, HouseCounters
from gateway.monitor.mail_counters import MailCounters

__all__ = ["ALERTS", "Metrics"]


class Metrics:
    """``count`` gets every event of the log, whatever its level."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("fax_gateway_build", "The release that runs.", registry=self.registry).info({"version": __version__})
        self.fax_service = FaxServiceHealth()
        family = Family(self.registry)
        self._faxes, house = FaxCounters(family), HouseCounters(family)
        self._counts: dict[str, list[Count]] = defaultdict(list)
        for counts in (
            MailCounters(family).counts(),
            self._faxes.counts(),
            house.counts(),
            house.alerts(),
            self.fax_service.heeds(),
        ):
            for event, count in counts.items():
                self._counts[event].append(count)

    def expect_datacenters(self, names: Iterable[str]) -> None:
        """Those of the configuration."""
        self._faxes.expect(names)

    @property
    def counted(self) -> frozenset[str]:
        """The events that change anything here."""
        return frozenset(self._counts)

    def count(self, event: Mapping[str, Any]) -> None:
        """Never raises for an event of ours; others count nothing."""
        for count in self._counts.get(event.get("event", ""), ()):
            count(event)
