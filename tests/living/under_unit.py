"""``python -m tests.living.under_unit UNIT COMMAND...``: runs a command as the unit's sandbox has it, without systemd.

Of the sandbox what a process takes from itself: the system calls that SystemCallFilter leaves (expanded by
systemd-analyze, made a filter of seccomp(2)), RestrictAddressFamilies, MemoryDenyWriteExecute, NoNewPrivileges and
UMask; as root also PrivateNetwork, PrivateTmp and, of the root file system, ProtectSystem=strict. On x86_64 only.
"""

import ctypes
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
_ARCHITECTURE = 0xC000003E  # AUDIT_ARCH_X86_64
_ALLOW, _EPERM, _NO_FAMILY, _KILL = 0x7FFF0000, 0x00050001, 0x00050061, 0x80000000  # EAFNOSUPPORT is 97
_SOCKET = 41  # its number
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NEW_NETWORK, _NEW_MOUNTS = 0x40000000, 0x00020000  # unshare(2)
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4096, 16384, 1 << 18  # mount(2)
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


def families(unit: str) -> list[int]:
    (named,) = re.findall(r"(?m)^RestrictAddressFamilies=(.*)$", unit)
    return [int(socket.AddressFamily[name]) for name in named.split()]


def _isolate(unit: str) -> None:
    """Namespaces of its own; where they can't be had, it goes without."""
    wanted = (_NEW_NETWORK if "PrivateNetwork=yes" in unit else 0) | _NEW_MOUNTS
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(wanted) != 0:
        return
    for source, target, kind, flags in (
        (None, b"/", None, _RECURSIVE | _PRIVATE),
        (b"tmpfs", b"/tmp", b"tmpfs", 0),
        (None, b"/", None, _REMOUNT | _BIND | _READ_ONLY),
    ):
        if libc.mount(source, target, kind, flags, None) != 0:
            raise OSError(ctypes.get_errno(), "mount", target)


def _confine(calls: list[int], families: list[int]) -> None:
    code = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _ARCHITECTURE), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    code += [(_EQUAL, 0, 2 + 2 * len(families), _SOCKET), (_LOAD, 0, 0, 16)]
    for family in families:
        code += [(_EQUAL, 0, 1, family), (_RETURN, 0, 0, _ALLOW)]
    code.append((_RETURN, 0, 0, _NO_FAMILY))
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
    allowed = numbers(allowed_calls(text))  # asked for while programs may still be started
    _isolate(text)
    _confine(allowed, families(text))
    os.execv(command[0], command)
