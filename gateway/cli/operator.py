"""Who types a command, for the events that tell who did what."""

import getpass
import os
from collections.abc import Mapping


def operator(environ: Mapping[str, str] = os.environ) -> str:
    """``jana``; of a command that runs as the service's user who asked sudo for that (sudo(8))."""
    try:
        return sudo_user(environ) or getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def sudo_user(environ: Mapping[str, str] = os.environ) -> str | None:
    return environ.get("SUDO_USER", "")[:64] or None
