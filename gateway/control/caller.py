"""Who asks: the name that stands in the events of jobs and in the audit log."""

import pwd
import socket
import struct
from dataclasses import dataclass

LONGEST_ACTOR = 64  # characters, as the spool's tables have room for
_UCRED = struct.Struct("3i")  # pid, uid, gid: SO_PEERCRED, unix(7)


@dataclass(frozen=True, slots=True)
class Peer:
    """Whose process is at the other end, as the kernel says."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Caller:
    name: str
    address: str  # where from: by the control socket, or a command that has opened the spool itself

    @property
    def actor(self) -> str:
        return f"operator {self.name}"[:LONGEST_ACTOR]


def peer_of(connection: socket.socket) -> Peer:
    _, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(uid, gid)


def caller(peer: Peer, own_uid: int, sudo_user: str | None) -> Caller:
    """The user's name of the peer; may ask a directory service.

    `sudo_user` is what the peer says of itself, so it is believed of root and of the daemon's own user alone, who could
    write the spool and its audit log anyway; beside it stands who said so.
    """
    try:
        name = pwd.getpwuid(peer.uid).pw_name
    except KeyError:  # a container's user may have no name
        name = f"uid {peer.uid}"
    if sudo_user and sudo_user.isprintable() and peer.uid in (0, own_uid):
        name = f"{name} (sudo: {sudo_user})"
    return Caller(name, "control socket")
