"""250 means: on disk. The system calls of one mail, as strace saw them: all is synced before the reply leaves."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.spool.content import LARGEST_INLINE
from tests.living.process import PATIENCE, Process

pytestmark = pytest.mark.once

# 1234  1700000000.123456 fdatasync(17</path/spool.db-wal>) = 0
CALL = re.compile(r"^\d+\s+[\d.]+ (?:<\.\.\. )?(?P<name>\w+)(?P<rest>.*)$")


@dataclass(frozen=True)
class Call:
    name: str
    rest: str


def calls(trace: Path) -> list[Call]:
    """In the order in which they were entered; one that was interrupted counts where it ended."""
    found, unfinished = [], {}
    for line in trace.read_text(errors="replace").splitlines():
        process = line.split(maxsplit=1)[0]
        match = CALL.match(line)
        if match is None:
            continue
        if line.endswith("<unfinished ...>"):
            unfinished[process] = match
        elif " resumed>" in line and process in unfinished:
            begun = unfinished.pop(process)
            found.append(Call(begun["name"], begun["rest"]))
        else:
            found.append(Call(match["name"], match["rest"]))
    return found


def until_written(trace: Path) -> None:
    """strace, a process of its own (-D), ends after the daemon."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if "+++ exited with 0 +++" in trace.read_text(errors="replace").splitlines()[-1]:
            return
        time.sleep(0.1)
    pytest.fail("strace has not ended")


def first(found: list[Call], names: tuple[str, ...], text: str) -> int:
    """Where the first such call stands; fails where there is none."""
    for index, call in enumerate(found):
        if call.name in names and text in call.rest:
            return index
    pytest.fail(f"no {'/'.join(names)} of {text} among {len(found)} calls")


@pytest.mark.parametrize("size", [2_000, 300_000], ids=["in its row", "in a file"])
def test_content_directory_and_commit_are_synced_before_the_250_leaves(
    gateway: Any, a_mail: Callable[..., EmailMessage], need: Callable[[str], str], tmp_path: Path, size: int
) -> None:
    trace = tmp_path / "trace"
    strace = [need("strace"), "-D", "-f", "-ttt", "-y", "-s", "120", "-o", str(trace)]
    strace += ["-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg,pwrite64"]
    gateway.daemon = Process(["serve", "--config", str(tmp_path / "config.toml")], tmp_path, under=strace)
    gateway.configure("[delivery]\npaused = true\n")
    gateway.daemon.start()
    try:
        mail = a_mail()
        mail.add_attachment(b"x" * size, maintype="text", subtype="plain", filename="long.txt")
        job_id = gateway.send(mail)
    finally:
        gateway.daemon.stop()
    until_written(trace)
    found = calls(trace)
    answered = first(found, ("write", "writev", "sendto", "sendmsg"), f"queued as {job_id}")
    written = first(found, ("pwrite64",), "spool.db-wal")
    before = found[:answered]
    syncs = [
        index
        for index, call in enumerate(before)
        if call.name in ("fsync", "fdatasync") and "spool.db-wal" in call.rest
    ]
    assert syncs, "no sync of the write-ahead log before the reply"
    assert written < syncs[-1] < answered
    if size > LARGEST_INLINE:
        content = first(before, ("fdatasync",), "/content/")
        directory = first(before[content:], ("fsync",), "/content/") + content
        assert content < directory < syncs[-1], "the row was committed before its content was safe"
