"""The socket's place in the file system: whose it is, and whether somebody lives behind it."""

import asyncio
import errno
import fcntl
import grp
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

GROUP = "fax-gateway"  # whose members may ask
MODE = 0o660
BACKLOG = 32
PATIENCE = 5.0  # seconds for another daemon that starts in the same directory


class SocketTaken(OSError):
    """Somebody else's, and in use; the text says so."""


async def listen(path: Path) -> socket.socket:
    """A socket that listens at `path`. One that a dead daemon left is replaced, a live one never.

    Raises SocketTaken, or another OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    async with _alone_in(path.parent):
        if path.exists() or path.is_symlink():
            if is_alive(path):
                raise SocketTaken(errno.EADDRINUSE, f"{path} is in use by another daemon, or is no socket")
            path.unlink()
        return _bound(path)


def place_of(path: Path) -> tuple[int, int] | None:
    """Device and inode: what a name stands for, whatever it is called elsewhere. None: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def unlink_if_ours(path: Path, place: tuple[int, int] | None) -> None:
    """A name that another daemon has taken meanwhile stays."""
    if place is not None and place_of(path) == place:
        with suppress(OSError):
            path.unlink()


def is_alive(path: Path) -> bool:
    """Whether somebody listens; also what is no socket is not ours to take."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.settimeout(1)
            probe.connect(str(path))
        except ConnectionRefusedError:
            return not path.is_socket()  # connect(2) refuses for a plain file too
        except FileNotFoundError:
            return False
        except OSError:  # a full backlog, a file mode
            return True
        return True


def _bound(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # On Linux the file gets the socket's own mode, so nobody else is let in before the group is right.
        os.fchmod(made.fileno(), 0o600)
        made.bind(str(path))
        with suppress(KeyError, PermissionError):  # no such group, or this user is no member of it: its own stays
            os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
        path.chmod(MODE)
        made.listen(BACKLOG)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


@asynccontextmanager
async def _alone_in(directory: Path) -> AsyncIterator[None]:
    """Two that start at the same moment must not both find a socket dead: one looks and binds, then the other."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
