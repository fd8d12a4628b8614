"""A command that opens the spool itself does so as the spool's owner.

A file of anybody else's in it would keep the daemon out, SQLite's own beside the database among them.
"""

import os
import pwd
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.spool.place import Place


class NotTheOwner(Exception):
    """The text names the owner, and the line that runs the command as that user."""


def become_owner(spool: Place) -> None:
    """Nothing for the owner; root becomes the owner, for good; raises NotTheOwner for anybody else.

    Of a spool that is not there yet, the owner is that of the directory that it will be in. A database on a server has
    logins of its own.
    """
    owner = _owner(spool, sys.argv[1:])
    if owner is not None:
        os.setgroups([])
        os.setresgid(owner.st_gid, owner.st_gid, owner.st_gid)
        os.setresuid(owner.st_uid, owner.st_uid, owner.st_uid)


@contextmanager
def as_owner(spool: Place) -> Iterator[None]:
    """As ``become_owner``, but root is root again afterwards: to write elsewhere what was read here."""
    owner = _owner(spool, sys.argv[1:])
    if owner is None:
        yield
        return
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def _owner(spool: Place, command: Sequence[str]) -> os.stat_result | None:
    """Whom root has to become; None: nobody. Raises NotTheOwner."""
    if not isinstance(spool, Path):
        return None
    owner = _standing(spool).stat()
    if owner.st_uid == os.geteuid():
        return None
    if os.geteuid() != 0:
        name = _name(owner.st_uid)
        line = shlex.join(["sudo", "-u", name, "fax-gateway", *command])
        raise NotTheOwner(
            f"no daemon listens, and the spool {spool} is opened by its owner {name} only, to leave no file of "
            f"anybody else's there: {line}"
        )
    return owner


def _standing(path: Path) -> Path:
    """The path, or the nearest directory above it that is there."""
    return next(each for each in (path, *path.parents) if _is_there(each))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # in a directory that is its owner's alone; that directory's owner counts
        return False


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"  # sudo(8) takes it so
