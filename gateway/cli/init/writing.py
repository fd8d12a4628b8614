"""The files of `init`: root's or the caller's, read by the service's group where there is one, by nobody else."""

import grp
import os
from pathlib import Path

from gateway.cli.init.answers import PASSWORD_FILE, Answers, Tables, packaged_tables, text_of

GROUP = "fax-gateway"  # the packaged service's
GROUP_MODE, OWN_MODE = 0o640, 0o600
DIRECTORY_MODE = 0o750


def files_of(path: Path) -> list[Path]:
    return [path, path.with_name(PASSWORD_FILE)]


def write(answers: Answers, path: Path) -> bool:
    """Whole or not at all; what stood there before is kept as ``*.old``. Raises OSError.

    Returns whether the service's group reads them.
    """
    if not path.parent.exists():
        path.parent.mkdir(mode=DIRECTORY_MODE, parents=True)
        _give_to_group(path.parent)
    configuration, password = files_of(path)
    _put(password, f"{answers.password}\n")  # first: a configuration that names it must find it
    return _put(configuration, text_of(answers, path, packaged_at(path) or {}))


def packaged_at(path: Path) -> Tables | None:
    """What stands in a file that nobody has configured yet; None: it is somebody's, or isn't there."""
    try:
        return packaged_tables(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _put(path: Path, text: str) -> bool:
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    is_the_groups = _give_to_group(made)
    made.chmod(GROUP_MODE if is_the_groups else OWN_MODE)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.old"))
    made.replace(path)
    return is_the_groups


def _give_to_group(path: Path) -> bool:
    """Whether it is the service's group's now; the caller's own may have members that are to read no password."""
    try:
        os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
    except (KeyError, PermissionError):  # no such group, or the caller is no member of it
        return False
    return True
