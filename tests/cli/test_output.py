"""How far a command is: shown on a terminal, and nowhere else."""

import os
import pty
import subprocess
import sys

import pytest

PROGRAM = """
from gateway.cli.output import progress
with progress("cancel: jobs", {total}) as advance:
    for number in range(30):
        print(f"job {{number}}", flush=True)
        advance(1)
"""


def test_a_bar_is_drawn_on_a_terminal_and_what_is_printed_stays_in_its_file() -> None:
    try:
        terminal, inner = pty.openpty()
    except OSError as error:  # a container without /dev/pts
        pytest.skip(f"no terminal can be had: {error}")
    command = [sys.executable, "-c", PROGRAM.format(total=30)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=inner, text=True, timeout=60, check=True)
    os.close(inner)
    drawn = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "cancel: jobs" in drawn
    assert "/30" in drawn
    assert done.stdout.splitlines() == [f"job {number}" for number in range(30)]


def test_elsewhere_nothing_is_drawn() -> None:
    command = [sys.executable, "-c", PROGRAM.format(total=30)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
