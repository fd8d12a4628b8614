"""A login at the service: where its jobs are sent, and where their reports lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aiohttp import encode_basic_auth
from yarl import URL

from gateway.fax4a.errors import Fax4AError
from gateway.fax4a.regions import PATH, REGIONS


class AccountFault(Fax4AError):
    """The account's settings contradict each other or can't be used. Says which, and what is possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """URLs end in /rest/v1. Reports are asked for at `datacenters` (name to base URL), never at `send_url`."""

    send_url: str
    datacenters: Mapping[str, str]
    customer_number: str
    username: str
    password: str = field(repr=False)

    @property
    def authorization(self) -> str:
        """The header of every request, HTTP Basic (RFC 7617)."""
        return encode_basic_auth(self.username, self.password, "utf-8")


def account_for(
    *,
    customer_number: str,
    username: str,
    password: str,
    region: str | None = None,
    ha_url: str | None = None,
    datacenter_urls: Mapping[str, str] | None = None,
) -> Account:
    """The account of a region, or of URLs given by hand; without `ha_url` jobs go to the first data centre.

    URLs by hand win over the region. Raises AccountFault.
    """
    if ":" in username:
        raise AccountFault("retarus.username must not hold a colon (RFC 7617 §2)")
    if datacenter_urls:
        names = {name: _checked(f"datacenter_urls.{name}", url) for name, url in datacenter_urls.items()}
        send_url = _checked("ha_url", ha_url) if ha_url else next(iter(names.values()))
        _refuse_where_reports_get_lost(send_url, names)
    elif ha_url:
        raise AccountFault("retarus.ha_url needs retarus.datacenter_urls: reports are never asked for at the HA URL")
    elif region is not None and region in REGIONS:
        names, send_url = dict(REGIONS[region].datacenters), REGIONS[region].send_url
    else:
        raise AccountFault(f"retarus.region: {region!r} is none of {', '.join(REGIONS)}")
    return Account(
        send_url=send_url,
        datacenters=MappingProxyType(names),
        customer_number=customer_number,
        username=username,
        password=password,
    )


def _refuse_where_reports_get_lost(send_url: str, datacenters: Mapping[str, str]) -> None:
    """A job that went to a region's HA URL is at any of its data centres, and its report is shown only there."""
    regions = {region.high_availability: region for region in REGIONS.values() if region.high_availability}
    for name, url in datacenters.items():
        if url in regions:
            places = ", ".join(regions[url].datacenters.values())
            raise AccountFault(f"retarus.datacenter_urls.{name} is an HA URL, which shows no reports; name {places}")
    region = regions.get(send_url)
    left_out = [url for url in region.datacenters.values() if url not in datacenters.values()] if region else []
    if left_out:
        raise AccountFault(f"retarus.datacenter_urls lacks {', '.join(left_out)}: half of the jobs would be there")


def _checked(key: str, text: str) -> str:
    try:
        url = URL(text)
    except ValueError as error:
        raise AccountFault(f"retarus.{key}: {text!r} is no URL ({error})") from None
    if url.scheme not in {"http", "https"} or not url.host or url.query_string or url.fragment or url.user:
        raise AccountFault(f"retarus.{key} must be an http or https URL without login, query and fragment")
    trimmed = text.rstrip("/")
    if not trimmed.endswith(PATH):
        raise AccountFault(f"retarus.{key}: {text!r} must end in {PATH}")
    return trimmed
