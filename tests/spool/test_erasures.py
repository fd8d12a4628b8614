"""The erasure log: a line for each row that is gone, whatever the system takes of it at once."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.spool.erasures import ErasureLog, key

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_a_write_that_takes_less_than_it_was_given_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:50]))
    log = ErasureLog(tmp_path / "spool.db.erasures")
    log.add(["a" * 32, "b" * 32], NOW)
    log.add(["c" * 32], NOW)
    assert log.entries() == {key(letter * 32): NOW.isoformat() for letter in "abc"}


def test_a_restore_to_a_new_machine_makes_the_directory_for_what_was_erased(tmp_path: Path) -> None:
    of_the_backup = ErasureLog(tmp_path / "erasures")
    of_the_backup.add(["a" * 32], NOW)
    new = ErasureLog(tmp_path / "var" / "lib" / "spool.erasures")
    assert new.merge([of_the_backup]) == {key("a" * 32)}
    assert new.entries() == of_the_backup.entries()
    assert new.path.parent.stat().st_mode & 0o777 == 0o700
