"""What a converter process takes from itself before it opens a stranger's document: files, network, programs.

Landlock (Linux 5.13) for paths, seccomp (classic BPF, Linux 3.5) for system calls, both by ctypes: the libraries that
exist for them want a compiler or a system package. Neither needs privileges, both hold for children. Where the kernel
has them not, the process goes on without; ``missing_confinements`` says so to whoever runs the gateway.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from gateway.documents.fonts import FONTS_VARIABLE

_NO_NEW_PRIVS, _SECCOMP, _FILTER, _GET_SECCOMP = 38, 22, 2, 21  # prctl(2)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # landlock(7), the same on every machine
_ABI, _BENEATH_PATH = 1, 1
_ABI_WITH_TCP, _ABI_WITH_SCOPES = 4, 6
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_SOCK = 1 << 9
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_TCP, _SCOPES = 0b11, 0b11  # bind and connect; abstract unix sockets and signals
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # with EPERM (seccomp(2))
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: a word of seccomp_data, jumps, a verdict

# x86_64 and aarch64: AUDIT_ARCH of linux/audit.h, then the numbers of unistd.h.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_SOCKET = (41, 198)
_AF_UNIX = 1
_DENIED = {
    "connect": (42, 203),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "setsid": (112, 157),  # the process group is what is killed in the end
    "setpgid": (109, 154),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "open_by_handle_at": (304, 265),
}
# What a process without programs doesn't need either.
_DENIED_ALONE = {"execve": (59, 221), "execveat": (322, 281), "bind": (49, 200), "listen": (50, 201)}

# What may be read beside Python and its packages: libraries, fonts, LibreOffice; nothing of the gateway's.
_SYSTEM = (
    *("/usr", "/bin", "/lib", "/lib64", "/nix/store", "/etc/ld.so.cache", "/etc/localtime"),
    *("/etc/fonts", "/var/cache/fontconfig", "/dev/null", "/dev/urandom", "/dev/random", "/dev/zero"),
    *("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice"),
    *("/etc/passwd", "/etc/nsswitch.conf"),  # without them LibreOffice finds no home, not even in $HOME
)

_libc = ctypes.CDLL(None, use_errno=True)


def missing_confinements() -> tuple[str, ...]:
    """What the converter processes must do without on this machine; empty where nothing is missing."""
    missing = []
    abi = _landlock_abi()
    if abi < 1:
        missing.append("Landlock: a converter process can read what the gateway's user can")
    elif abi < _ABI_WITH_SCOPES:
        missing.append("Landlock of Linux 6.12: a converter process can send signals to the gateway")
    if not _has_seccomp():
        missing.append("seccomp: a converter process can open connections and start programs")
    return tuple(missing)


def confine(*, directory: Path | None = None) -> None:
    """Holds for the process and its children. With a directory they may write there, and start programs."""
    programs = directory is not None
    _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _landlock_abi() >= 1:
        _restrict_paths(_readable(), directory)
    if _has_seccomp():
        _restrict_calls(programs=programs)


def _readable() -> Iterable[Path]:
    named = (Path(each) for each in (sys.prefix, sys.base_prefix, *sys.path, *_SYSTEM) if each)
    fonts = os.environ.get(FONTS_VARIABLE)
    return [*named, *Path("/opt").glob("libreoffice*"), *([Path(fonts).parent] if fonts else [])]


def _landlock_abi() -> int:
    return int(_libc.syscall(_CREATE_RULESET, None, 0, _ABI))


def _has_seccomp() -> bool:
    return platform.machine() in _MACHINES and _libc.prctl(_GET_SECCOMP, 0, 0, 0, 0) >= 0


def _restrict_paths(readable: Iterable[Path], directory: Path | None) -> None:
    abi = _landlock_abi()
    every = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)) - 1  # the accesses that this kernel knows
    ruleset = struct.pack("QQQ", every, _TCP if abi >= _ABI_WITH_TCP else 0, _SCOPES if abi >= _ABI_WITH_SCOPES else 0)
    length = 8 if abi < _ABI_WITH_TCP else 16 if abi < _ABI_WITH_SCOPES else 24
    descriptor = _checked(_libc.syscall(_CREATE_RULESET, ruleset, length, 0))
    reading = _READ_FILE | _READ_DIR | (_EXECUTE if directory is not None else 0)
    for path in readable:
        _allow(descriptor, path, reading)
    _allow(descriptor, Path(os.devnull), _READ_FILE | _WRITE_FILE)
    if directory is not None:
        _allow(descriptor, directory, every & ~_EXECUTE)
        _allow(descriptor, Path("/tmp"), _MAKE_SOCK)  # noqa: S108 - LibreOffice listens there and nowhere else
    _checked(_libc.syscall(_RESTRICT_SELF, descriptor, 0))
    os.close(descriptor)


def _allow(ruleset: int, path: Path, accesses: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what isn't there needs no rule
    if not path.is_dir():
        accesses &= _OF_FILES
    _checked(_libc.syscall(_ADD_RULE, ruleset, _BENEATH_PATH, struct.pack("=Qi", accesses, descriptor), 0))
    os.close(descriptor)


def _restrict_calls(*, programs: bool) -> None:
    architecture, column = _MACHINES[platform.machine()]
    denied = [numbers[column] for numbers in (_DENIED if programs else _DENIED | _DENIED_ALONE).values()]
    code = [
        (_LOAD, 0, 0, 4),  # seccomp_data.arch
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # seccomp_data.nr
        (_AT_LEAST, 0, 1, 0x40000000),  # x32, on x86_64
        (_RETURN, 0, 0, _DENY),
        (_EQUAL, 0, 4, _SOCKET[column]),  # LibreOffice ends where it can't make one to listen on
        (_LOAD, 0, 0, 16),  # seccomp_data.args[0], little-endian
        (_EQUAL, 0, 1, _AF_UNIX),
        (_RETURN, 0, 0, _ALLOW if programs else _DENY),
        (_RETURN, 0, 0, _DENY),
    ]
    for number in denied:
        code += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _DENY)]
    code.append((_RETURN, 0, 0, _ALLOW))
    filters = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters)))
    _checked(_libc.prctl(_SECCOMP, _FILTER, program, 0, 0))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "a converter process can't confine itself")
    return result
