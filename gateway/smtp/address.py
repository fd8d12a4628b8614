"""The address at the other end of a connection. Pure."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address


@lru_cache(maxsize=1024)  # the same few hosts come again and again
def address_of(text: str) -> IPv4Address | IPv6Address:
    """An IPv4 address that came over an IPv6 socket is the IPv4 address (RFC 4291 §2.5.5.2)."""
    host = text.partition("%")[0]  # fe80::1%eth0
    if ":" not in host:
        return IPv4Address(host)
    address = IPv6Address(host)
    return address.ipv4_mapped or address
