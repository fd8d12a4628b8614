"""Who types a command, for the events that tell who did what."""

import getpass
import os
from collections.abc import Mapping

LONGEST = 64  # characters, as the spool's tables have room for


def operator(environ: Mapping[str, str] = os.environ) -> str:
    """``operator jana``; of a command that runs as the service's user who asked sudo for that (sudo(8))."""
    try:
        name = environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = f"uid {os.getuid()}"
    return f"operator {name}"[:LONGEST]
