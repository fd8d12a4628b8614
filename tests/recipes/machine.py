"""A machine of its own for a recipe, without a virtual one: its own /etc, /usr and /var, its own network.

What a page of docs/connect says is done there as it stands, with its paths and its addresses (192.0.2.0/24, RFC 5737),
and the machine that the test runs on sees nothing of it. Linux namespaces; needs root.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

CLONE_NEWNET = 0x40000000  # setns(2)

# What is started there ends with the machine: its first process is init(1) to them (pid_namespaces(7)).
_UNSHARE = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")

# 192.0.2.10 is the gateway, 192.0.2.20 its peer; what else is in 192.0.2.0/24 is this machine's, too. /run is empty,
# as after a start. The overlays' upper halves stand on a tmpfs of the namespace: overlayfs(5) can't have them on
# another overlay, which a container's root may be.
_SET_UP = """
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
for each in /etc /srv /usr /var; do
    mkdir -p "$1/upper$each" "$1/work$each"
    below="lowerdir=$([ -z "$2" ] || [ ! -d "$2$each" ] || echo "$2$each:")$each"
    mount -t overlay -o "$below,upperdir=$1/upper$each,workdir=$1/work$each" overlay "$each"
done
mount -t tmpfs -o mode=755 tmpfs /run
ip link set lo up
ip address add 192.0.2.10/24 dev lo
ip address add 192.0.2.20/24 dev lo
echo ready
exec sleep infinity
"""


OWN = ("/etc/", "/run/", "/srv/", "/usr/", "/var/")


class Unavailable(Exception):
    """No namespaces here; the text says why."""


class Machine:
    """A context manager; `extra` is a tree of unpacked Debian packages that seem to be installed there."""

    def __init__(self, directory: Path, extra: Path | None = None) -> None:
        self._directory = directory
        self._extra = extra

    def __enter__(self) -> Self:
        extra = str(self._extra or "")
        self._holder = subprocess.Popen(
            [*_UNSHARE, "sh", "-c", _SET_UP, "sh", str(self._directory), extra],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            raise Unavailable(self._holder.communicate(timeout=10)[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._holder.kill()
        self._holder.communicate(timeout=10)

    @property
    def enter(self) -> Sequence[str]:
        """Put before a command: it runs there, as a process whose end is the caller's to see to."""
        return [*self._nsenter, "--"]

    @property
    def _nsenter(self) -> Sequence[str]:
        namespaces = f"/proc/{self._holder.pid}/ns"
        return ["nsenter", f"--mount={namespaces}/mnt", f"--net={namespaces}/net"]

    def run(self, command: str, *, stdin: bytes = b"", fails: bool = False) -> str:
        """A line of the shell; what it printed."""
        with_pids = f"--pid=/proc/{self._holder.pid}/ns/pid_for_children"
        done = subprocess.run(
            [*self._nsenter, with_pids, "--", "sh", "-c", command],
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        printed = (done.stdout + done.stderr).decode(errors="replace")
        assert (done.returncode != 0) == fails, f"{command}: {done.returncode}\n{printed}"
        return printed

    def write(self, path: str, text: str, *, append: bool = False) -> None:
        assert path.startswith(OWN), f"{path} is not the machine's own"
        redirection = ">>" if append else ">"
        self.run(f"mkdir -p {Path(path).parent}; cat {redirection} {path}", stdin=text.encode())

    def read(self, path: str) -> str:
        return self.run(f"cat {path} 2>/dev/null || true")

    @contextmanager
    def network(self) -> Iterator[None]:
        """What this thread connects to or listens on meanwhile is there; so is what threads do that it starts."""
        here, there = Path("/proc/thread-self/ns/net"), Path(f"/proc/{self._holder.pid}/ns/net")
        with here.open() as mine, there.open() as its:
            _enter(its.fileno())
            try:
                yield
            finally:
                _enter(mine.fileno())


def _enter(namespace: int) -> None:
    """``os.setns``, which Python has from 3.12 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
