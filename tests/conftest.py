"""What a test needs of the machine: CI installs it and fails without it, a contributor's machine may lack it."""

import os
import shutil
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """``need("swaks")`` gives the command's path; without it the test skips, or fails where CI=true."""

    def find(command: str) -> str:
        path = shutil.which(command)
        if path is not None:
            return path
        if os.environ.get("CI") == "true":
            pytest.fail(f"{command} is missing; .ci/run installs it")
        pytest.skip(f"{command} is not installed")

    return find
