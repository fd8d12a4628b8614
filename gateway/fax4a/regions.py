"""The regions of the service and their data centres (Fax4A, Regions)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PATH = "/rest/v1"


@dataclass(frozen=True, slots=True)
class Region:
    """`high_availability` is None where jobs go to the data centre itself. URLs end in /rest/v1."""

    name: str
    high_availability: str | None
    datacenters: Mapping[str, str]

    @property
    def send_url(self) -> str:
        return self.high_availability or next(iter(self.datacenters.values()))


def _region(name: str, *datacenters: str, high_availability: bool) -> Region:
    return Region(
        name=name,
        high_availability=f"https://faxws-ha.{name}.retarus.com{PATH}" if high_availability else None,
        datacenters=MappingProxyType({each: f"https://faxws.{each}.retarus.com{PATH}" for each in datacenters}),
    )


REGIONS: Mapping[str, Region] = MappingProxyType(
    {
        "de": _region("de", "de1", "de2", high_availability=True),  # Frankfurt, Munich
        "us": _region("us", "us1", "us2", high_availability=True),  # Ashburn, Secaucus
        "ch": _region("ch", "ch1", high_availability=False),
        "sg": _region("sg", "sg1", high_availability=False),
    }
)
