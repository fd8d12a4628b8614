"""Whom a command becomes that opens the spool itself; only root can become anybody."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.cli.ownership import NotTheOwner, as_owner, refuse_to_serve_for_another
from gateway.cli.serve import hint_of
from gateway.spool.erasures import ErasureLog
from gateway.spool.lock import take_lock
from gateway.spool.place import Place, Server

SERVICE, OTHER = 54321, 54322  # user ids

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give files away")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The service's directory."""
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    os.chown(directory, SERVICE, SERVICE)
    return directory


def given(path: Path, uid: int) -> Path:
    path.touch()
    os.chown(path, uid, uid, follow_symlinks=False)
    return path


def become(place: Place) -> int:
    with as_owner(place):
        return os.geteuid()


@needs_root
def test_root_becomes_the_owner_of_the_directory(state: Path) -> None:
    assert become(state / "spool.db") == SERVICE
    given(state / "spool.db", SERVICE)
    assert become(state / "spool.db") == SERVICE
    assert become(state / "later" / "spool.db") == SERVICE
    assert become(Server("postgresql://fax@db.example.com/fax", state)) == SERVICE
    assert os.geteuid() == 0


@needs_root
@pytest.mark.parametrize("name", ["spool.db", "spool.db-wal", "spool.db.lock", "spool.db.erasures"])
@pytest.mark.parametrize("uid", [0, OTHER])
def test_root_opens_no_spool_with_a_file_that_is_not_its_directorys_owners(state: Path, name: str, uid: int) -> None:
    given(state / name, uid)
    with pytest.raises(NotTheOwner, match=f"chown '?#?{SERVICE}"):
        become(state / "spool.db")


@needs_root
def test_root_follows_no_link_of_the_services_to_a_file_or_directory_of_roots(state: Path, tmp_path: Path) -> None:
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "passwd").touch()
    (state / "spool.db").symlink_to(tmp_path / "roots" / "passwd")
    with pytest.raises(NotTheOwner, match="is no file of its own"):
        become(state / "spool.db")
    (state / "moved").symlink_to(tmp_path / "roots")
    os.chown(state / "moved", SERVICE, SERVICE, follow_symlinks=False)
    with pytest.raises(NotTheOwner, match="is a link of"):
        become(state / "moved" / "spool.db")
    (tmp_path / "elsewhere").symlink_to(state)  # root's own
    (state / "spool.db").unlink()
    assert become(tmp_path / "elsewhere" / "spool.db") == SERVICE


def test_neither_lock_nor_erasure_log_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "spool.db.lock").symlink_to(tmp_path / "other")
    (tmp_path / "log").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic link"):
        take_lock(tmp_path / "spool.db")
    with pytest.raises(OSError, match="symbolic link"):
        ErasureLog(tmp_path / "log").add(["1"], datetime(2026, 11, 23, tzinfo=UTC))
    assert not (tmp_path / "other").exists()


@needs_root
def test_root_serves_no_spool_of_another(state: Path, tmp_path: Path) -> None:
    """It would be root's from then on, and the service's own start would fail."""
    with pytest.raises(NotTheOwner, match=r"systemctl start fax-gateway, or sudo -u '?#?54321"):
        refuse_to_serve_for_another(state / "spool.db")
    refuse_to_serve_for_another(tmp_path / "spool.db")


def test_a_daemon_that_may_not_open_a_file_says_whose_it_should_be() -> None:
    refused = PermissionError(13, "Permission denied", "/var/lib/fax-gateway/spool.db.lock")
    assert hint_of(refused).endswith("/var/lib/fax-gateway/spool.db.lock")
    assert "chown" in hint_of(refused)
    assert "address" in hint_of(PermissionError(13, "Permission denied"))  # of a port below 1024
