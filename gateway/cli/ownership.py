"""A command that opens the spool itself does so as the spool's owner.

A file of anybody else's in it would keep the daemon out, SQLite's own beside the database among them. And the owner,
whom the daemon's confinement is to keep from the rest of the machine, must not make root write through a link.
"""

import os
import pwd
import shlex
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.spool.place import Place, directory_of

ENDS = ("", "-wal", "-shm", ".lock", ".erasures")  # of a SQLite spool's files


class NotTheOwner(Exception):
    """The text names the owner, and the line that runs the command as that user; or the file that is another's."""


def become_owner(spool: Place) -> None:
    """Nothing for the owner; root becomes the owner, for good; raises NotTheOwner for anybody else.

    For root the owner is that of the directory that the spool is in, or will be in; of a database on a server, that of
    this machine's own directory: what its daemon has written there is read and written too.
    """
    owner = _owner(spool, sys.argv[1:])
    if owner is not None:
        os.setgroups([])
        os.setresgid(owner.st_gid, owner.st_gid, owner.st_gid)
        os.setresuid(owner.st_uid, owner.st_uid, owner.st_uid)


def refuse_to_serve_for_another(spool: Place) -> None:
    """Raises NotTheOwner for root, where the spool is another's: the service could not open what root leaves."""
    directory = _standing(directory_of(spool))
    owner = directory.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        name = user_name(owner)
        raise NotTheOwner(
            f"{directory} is {name}'s, and root would leave files there that keep {name} out: systemctl start "
            f"fax-gateway, or {shlex.join(['sudo', '-u', name, 'fax-gateway', *sys.argv[1:]])}"
        )


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
    directory = _standing(directory_of(spool))
    if os.geteuid() == 0:
        owner = directory.stat()
        _refuse_strangers_links(directory, owner.st_uid)
        if isinstance(spool, Path):
            _refuse_strangers_files(spool, owner.st_uid)
        return owner if owner.st_uid != 0 else None
    owner = _standing(spool).stat() if isinstance(spool, Path) else directory.stat()
    if owner.st_uid != os.geteuid():
        name = user_name(owner.st_uid)
        line = shlex.join(["sudo", "-u", name, "fax-gateway", *command])
        raise NotTheOwner(
            f"no daemon listens, and the spool {spool} is opened by its owner {name} only, to leave no file of "
            f"anybody else's there: {line}"
        )
    return None


def _refuse_strangers_links(directory: Path, owner: int) -> None:
    """Who may write above the directory could else let it be another one, of root's."""
    for each in (directory, *directory.parents):
        if each.is_symlink() and each.lstat().st_uid not in (0, owner):
            raise NotTheOwner(
                f"{each} is a link of {user_name(each.lstat().st_uid)}'s to a directory of {user_name(owner)}'s: "
                "nothing is opened there by root"
            )


def _refuse_strangers_files(spool: Path, owner: int) -> None:
    for path in (spool.with_name(spool.name + end) for end in ENDS):
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(found.st_mode) or found.st_uid != owner:
            what = f"is {user_name(found.st_uid)}'s" if stat.S_ISREG(found.st_mode) else "is no file of its own"
            raise NotTheOwner(
                f"{path} {what}, and {spool.parent} is {user_name(owner)}'s: root opens a spool whose files are its "
                f"directory's owner's. Look how that came, then give it back: chown {user_name(owner)} {path}"
            )


def _standing(path: Path) -> Path:
    """The path, or the nearest directory above it that is there."""
    return next(each for each in (path, *path.parents) if _is_there(each))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # in a directory that is its owner's alone; that directory's owner counts
        return False


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"  # sudo(8) takes it so
