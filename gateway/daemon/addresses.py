"""Could the addresses of the configuration be listened on? Looked at before a daemon tries it."""

import errno
import socket
from collections.abc import Iterator

from gateway.config import Settings
from gateway.config.values import ListenAddress
from gateway.daemon.checks import Finding, Level

SUBJECT = "listeners"
TAKEN = "is taken: by another program, or by fax-gateway.socket, which holds it for the daemon; `ss -ltnp` names it"
NOT_OURS = "is no address of this machine"


def listener_findings(settings: Settings) -> Iterator[Finding]:
    """Where no daemon runs. A port that only the service may open is passed over."""
    faults = 0
    for key, address in settings.listeners():
        match _trouble(address):
            case errno.EADDRINUSE:
                faults += 1
                yield Finding(SUBJECT, Level.WARNING, f"{key} {address} {TAKEN}")
            case errno.EADDRNOTAVAIL:
                faults += 1
                yield Finding(SUBJECT, Level.FAULT, f"{key} {address} {NOT_OURS}")
            case _:
                pass
    if not faults:
        named = ", ".join(f"{key} {address}" for key, address in settings.listeners())
        yield Finding(SUBJECT, Level.OK, f"nobody else has {named}")


def _trouble(address: ListenAddress) -> int | None:
    """As asyncio opens it (SO_REUSEADDR, and IPv6 without IPv4): the number of what is in the way."""
    try:
        places = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, place in places:
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                tried.bind(place)
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as error:
        return error.errno
    return None
