"""The lock on a SQLite spool: one daemon has it, a second one would fax everything twice."""

import fcntl
import os
from pathlib import Path


class SpoolLocked(Exception):
    """Another daemon has this SQLite spool open."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the spool {path} is in use by another fax-gateway: stop that one first, or give this one another "
            "database.url"
        )


def take_lock(path: Path) -> int:
    """The descriptor that holds the spool's lock until it is closed; raises SpoolLocked."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file of its own: SQLite's locks on the database file are lost when any descriptor of it is closed.
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    lock = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise SpoolLocked(path) from None
    return lock


def is_locked(path: Path) -> bool:
    """Whether a daemon has the spool, as /proc/locks tells (proc(5)): to try the lock could stop one that starts."""
    try:
        inode = path.with_name(path.name + ".lock").stat().st_ino
        held = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return False
    # "1: FLOCK  ADVISORY  WRITE 4711 fd:01:262161 0 EOF"; the device isn't that of stat(2) on every file system.
    return any("FLOCK" in line and f":{inode} " in line for line in held)
