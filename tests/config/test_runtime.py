"""Where a command looks for the daemon."""

import os
from pathlib import Path

import pytest

from gateway.config import control_places


def test_without_a_configuration_a_strangers_working_directory_is_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert control_places(None, {}) == [tmp_path / "control.sock"]
    if os.geteuid() != 0:
        pytest.skip("needs root, to give a directory away")
    os.chown(tmp_path, 54321, 54321)
    assert control_places(None, {}) == []
    assert control_places(None, {"RUNTIME_DIRECTORY": "/run/f"}) == [Path("/run/f/control.sock")]
    assert control_places(tmp_path / "config.toml", {}) == [tmp_path / "control.sock"]


def test_the_packaged_daemon_is_looked_for_in_its_runtime_directory_first() -> None:
    beside, packaged = Path("/etc/fax-gateway/control.sock"), Path("/run/fax-gateway/control.sock")
    assert control_places(Path("/etc/fax-gateway/config.toml"), {}) == [packaged, beside]
