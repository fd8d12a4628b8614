"""``python -m tests.living.under_unit UNIT COMMAND...``: runs a command as the unit's sandbox has it, without systemd.

Of the sandbox only what a process takes from itself: the system calls that SystemCallFilter leaves (expanded by
systemd-analyze, made a filter of seccomp(2)), MemoryDenyWriteExecute, NoNewPrivileges and UMask. On x86_64 only.
"""

import ctypes
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
_ARCHITECTURE = 0xC000003E  # AUDIT_ARCH_X86_64
_ALLOW, _EPERM, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NO_NEW_PRIVS, _SECCOMP, _FILTER, _SET_MDWE = 38, 22, 2, 65  # prctl(2)


def allowed_calls(unit: str) -> set[str]:
    """systemd.exec(5), SystemCallFilter=: later lines add to or take from earlier ones."""
    allowed: set[str] = set()
    for tilde, names in re.findall(r"(?m)^SystemCallFilter=(~?)(.*)$", unit):
        calls = {call for name in names.split() for call in _expanded(name)}
        allowed = allowed - calls if tilde else allowed | calls
    return allowed


def _expanded(name: str) -> set[str]:
    if not name.startswith("@"):
        return {name}
    command = ["systemd-analyze", "syscall-filter", "--no-pager", name]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[1:]
    members = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return {call for member in members for call in _expanded(member)}


def numbers(calls: set[str]) -> list[int]:
    known = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", HEADER.read_text())}
    return sorted(known[call] for call in calls if call in known)


def _confine(calls: list[int]) -> None:
    code = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _ARCHITECTURE), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    for number in calls:
        code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    code.append((_RETURN, 0, 0, _EPERM))
    filters = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_SET_MDWE, 1, 0, 0, 0)  # from Linux 6.3 on
    if libc.prctl(_SECCOMP, _FILTER, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    path, *command = sys.argv[1:]
    text = Path(path).read_text()
    os.umask(int(re.findall(r"(?m)^UMask=(\d+)$", text)[0], 8))
    _confine(numbers(allowed_calls(text)))
    os.execv(command[0], command)
