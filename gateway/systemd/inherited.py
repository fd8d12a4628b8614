"""Listening sockets that systemd holds for us (sd_listen_fds(3)): a restart closes none, who connects meanwhile waits.

They come as file descriptors from 3 on; $LISTEN_FDS says how many, $LISTEN_PID to whom, $LISTEN_FDNAMES what the socket
units call them. Without these variables, or where they are another process's, there are none.
"""

import socket
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

FIRST = 3  # SD_LISTEN_FDS_START
_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


@dataclass(frozen=True, slots=True)
class Inherited:
    """`name` is FileDescriptorName= of its unit, or the unit's own name."""

    name: str
    socket: socket.socket

    @property
    def address(self) -> str:
        return shown_address(self.socket)


class InheritedSockets:
    """Each can be taken once; what nobody takes is ``left``."""

    def __init__(self, sockets: Sequence[Inherited] = ()) -> None:
        self._left = list(sockets)

    @classmethod
    def of(cls, environ: MutableMapping[str, str], process_id: int) -> "InheritedSockets":
        """Takes the variables away: no child is to believe that the sockets are its own."""
        names = _names(environ, process_id)
        for variable in _VARIABLES:
            environ.pop(variable, None)
        found = [Inherited(name, socket.socket(fileno=FIRST + number)) for number, name in enumerate(names)]
        for each in found:
            each.socket.set_inheritable(False)
            each.socket.setblocking(False)
        return cls(found)

    def take(self, key: str, address: str) -> socket.socket | None:
        """The socket for this key of the configuration: the one at this address, else the next one named like the key.

        `address` is "host:port", "[v6]:port" or a path.
        """
        wanted = _plain(address)
        at_it = (each for each in self._left if _plain(each.address) == wanted)
        named = (each for each in self._left if each.name == key)
        found = next(at_it, None) or next(named, None)
        if found is None:
            return None
        self._left.remove(found)
        return found.socket

    def first(self) -> socket.socket | None:
        """For a process that listens at one place only."""
        return self._left.pop(0).socket if self._left else None

    @property
    def left(self) -> Sequence[Inherited]:
        return tuple(self._left)


def _names(environ: Mapping[str, str], process_id: int) -> list[str]:
    count = environ.get("LISTEN_FDS", "")
    if environ.get("LISTEN_PID") != str(process_id) or not count.isdecimal():
        return []
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    names += ["unknown"] * int(count)  # as systemd calls those of which it doesn't know more
    return names[: int(count)]


def shown_address(listening: socket.socket) -> str:
    """As in the configuration."""
    if listening.family == socket.AF_UNIX:
        return str(listening.getsockname())
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if listening.family == socket.AF_INET6 else f"{host}:{port}"


def _plain(address: str) -> str:
    """One way to write an address: "[0:0::1]:25" is "[::1]:25"."""
    host, colon, port = address.rpartition(":")
    try:
        return f"{ip_address(host.strip('[]'))}{colon}{port}"
    except ValueError:
        return address
