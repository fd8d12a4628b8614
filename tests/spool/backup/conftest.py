"""Backups are made of a SQLite spool and restored to one; a test of its own goes to PostgreSQL and back."""

from pathlib import Path

import pytest


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"
