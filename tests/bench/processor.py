"""Seconds of processor that a server has used: the figure that means something on a busy machine (proc(5))."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USED = slice(11, 15)  # behind the name: utime, stime, and those of children that have ended and were waited for
_PARENT = 1


def processor_seconds(process_id: int) -> float:
    """Of a process and of all that it has started, also of what has ended since. In steps of 10 ms."""
    return sum(own_seconds(each) for each in (process_id, *descendants(process_id)))


def own_seconds(process_id: int) -> float:
    """Of a process and of those that it has started, once they have ended. 0 where it is gone."""
    return sum(map(int, _fields(process_id)[_USED])) / _TICKS


def descendants(process_id: int) -> Iterator[int]:
    parents = {int(path.name): _fields(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    waiting = [process_id]
    for each in waiting:
        children = [child for child, fields in parents.items() if fields and int(fields[_PARENT]) == each]
        waiting += children
        yield from children


def _fields(process_id: int) -> list[str]:
    """What stands behind the name, which may hold anything; nothing of a process that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(") ")[2].split()
    return []
