"""Commands whose spool can't be used say which one, what its database said, and what to do; never a stack."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from gateway.spool.backup.restoring import is_empty
from gateway.spool.place import Server
from tests.living import nursery

COMMANDS = (("jobs", "list"), ("users", "list"), ("pause",), ("db", "upgrade"), ("db", "backup", "backup"))
DAMAGED = "can't be used: file is not a database; where it is damaged: docs/operations.md, backup and restore"
NO_SCHEMA = "has not the schema of this release: `fax-gateway db upgrade` brings it there"


def run(directory: Path, *words: str) -> tuple[int, str]:
    done = nursery.run(*words, "--config", str(directory / "config.toml"))
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.sqlite
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_spool_that_is_no_database(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    (tmp_path / "spool.db").write_bytes(b"no database" * 1000)
    assert run(tmp_path, *words) == (1, f"{tmp_path / 'spool.db'} {DAMAGED}\n")


@pytest.mark.sqlite
def test_a_spool_without_a_schema(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    (tmp_path / "spool.db").touch()
    assert run(tmp_path, "jobs", "list") == (1, f"{tmp_path / 'spool.db'} {NO_SCHEMA}\n")
    assert run(tmp_path, "db", "upgrade") == (0, "")
    assert run(tmp_path, "jobs", "list") == (0, "there is no job yet\n")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_server_that_takes_no_connection(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[database]\nurl = "postgresql://fax:secret@127.0.0.1:1/fax"\n')
    code, said = run(tmp_path, *words)
    assert code == 1
    assert "secret" not in said
    assert said.startswith("postgresql://127.0.0.1:1/fax can't be used: ")
    assert said.endswith("; see whether the server takes connections, and database.url\n")


def test_a_server_that_is_not_reached_is_not_taken_for_a_full_one(tmp_path: Path) -> None:
    """A restore would else ask for another database."""
    with pytest.raises(OperationalError):
        is_empty(Server("postgresql://fax@127.0.0.1:1/fax", tmp_path))


def test_a_check_goes_on_without_the_server(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[database]\nurl = "postgresql://fax@127.0.0.1:1/fax"\n')
    done = nursery.run("check", "--config", str(tmp_path / "config.toml"))
    assert done.returncode == 1
    assert "fault   spool: postgresql://127.0.0.1:1/fax: connection failed" in done.stdout
    assert "fault   fax service: " in done.stdout
