"""How commands end. fax-gateway(1) and docs/operations.md have this table; a test holds both against it."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Exit(IntEnum):
    """From 64 to 78 as sysexits.h has them; systemd shows those by name."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOPERM = 77
    CONFIG = 78
    INTERRUPTED = 130  # 128 and SIGINT


MEANINGS: Mapping[Exit, str] = MappingProxyType(
    {
        Exit.DONE: "It is done.",
        Exit.FAILED: (
            "It could not be done, or not for every job, or `check` found a fault; "
            "a sentence on standard error says what and why."
        ),
        Exit.USAGE: "The command line is wrong.",
        Exit.NOPERM: "This user may not: neither use the control socket nor open the spool (EX_NOPERM of sysexits.h).",
        Exit.CONFIG: "The configuration is wrong: a line for each mistake (EX_CONFIG of sysexits.h).",
        Exit.INTERRUPTED: "It was interrupted at the keyboard (Ctrl-C).",
    }
)
