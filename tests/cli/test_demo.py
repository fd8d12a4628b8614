"""`fax-gateway demo --keep`: the lines that it prints do what they say, as they stand."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LINES = ("swaks ", "curl ", "fax-gateway --config ")


@pytest.fixture
def printed() -> Iterator[list[str]]:
    """What a demo that stays up says, up to its last line."""
    command = [sys.executable, "-m", "gateway", "demo", "--keep"]
    with (
        tempfile.TemporaryDirectory(prefix="fax-") as place,  # short: a socket's path has 107 bytes at most
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": place, "PYTHONUNBUFFERED": "1"},
        ) as demo,
    ):
        assert demo.stdout is not None
        lines: list[str] = []
        for line in demo.stdout:
            lines.append(line.strip())
            if "all faxes" in line:
                break
        yield lines
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 0


@pytest.mark.once
def test_its_lines_can_be_copied(need: Callable[[str], str], printed: list[str], tmp_path: Path) -> None:
    for command in ("swaks", "curl"):
        need(command)
    assert printed[-1].startswith("all faxes"), printed
    commands = [line for line in printed if line.startswith(LINES)]
    assert len(commands) == len(LINES)
    # The command of this Python, wherever it is installed.
    environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for line in commands:
        done = subprocess.run(
            line, shell=True, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert done.stdout.count("Hello") == 2  # both are jobs
