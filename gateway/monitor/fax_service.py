"""How the fax service does, as the log's events tell: shown by /readyz, and no reason to take no mail."""

from collections.abc import Mapping
from typing import Any

from gateway.monitor.counting import Count, datacenter_of


class FaxServiceHealth:
    """What was said last of the account and of each data centre."""

    def __init__(self) -> None:
        self._account: str | None = None
        self._datacenters: dict[str, str] = {}

    def heeds(self) -> dict[str, Count]:
        """By event."""
        return {
            "account_paused": self._refused,
            "probe_refused": self._refused,
            "account_resumed": self._accepted,
            "submitted": self._accepted,
            "datacenter_unavailable": self._unavailable,
            "datacenter_available": self._available,
        }

    def lines(self) -> list[str]:
        """One for each trouble; none: nothing is known to be wrong."""
        troubles = [f"requests are refused: {self._account}"] if self._account is not None else []
        troubles += [f"{name} gives no reports: {why}" for name, why in sorted(self._datacenters.items())]
        return [f"fax service: {trouble}" for trouble in troubles]

    def _refused(self, event: Mapping[str, Any]) -> None:
        self._account = str(event.get("answer", ""))

    def _accepted(self, _: Mapping[str, Any]) -> None:
        self._account = None

    def _unavailable(self, event: Mapping[str, Any]) -> None:
        self._datacenters[datacenter_of(event)] = str(event.get("error", ""))

    def _available(self, event: Mapping[str, Any]) -> None:
        self._datacenters.pop(datacenter_of(event), None)
