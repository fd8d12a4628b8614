"""`fax-gateway pause` and `resume`: what an operator types and reads."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.spool.lock import take_lock
from gateway.spool.migrations import upgrade
from tests.living import nursery

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    (tmp_path / "config.toml").write_text("")

    def run(*words: str) -> tuple[int, str]:
        done = nursery.run(*words, "--config", str(tmp_path / "config.toml"))
        return done.returncode, done.stdout or done.stderr

    return run


def test_without_a_word_both_are_paused_and_resumed(command: Command, tmp_path: Path) -> None:
    upgrade(tmp_path / "spool.db")
    code, said = command("pause")
    assert code == 0
    assert [line.split(":")[0] for line in said.splitlines()] == ["accept is paused", "submit is paused"]
    code, said = command("pause", "submit")
    assert code == 0
    assert said.startswith("submit is paused by operator ")
    assert command("resume", "accept") == (0, "accept goes on: mail is accepted again\n")
    code, said = command("resume")
    assert code == 0
    assert said == "accept is not paused\nsubmit goes on: faxes are submitted again\n"


def test_where_no_daemon_has_the_spool_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    upgrade(tmp_path / "spool.db")

    def warned() -> bool:
        done = nursery.run("pause", "submit", "--config", str(tmp_path / "config.toml"))
        assert done.returncode == 0
        return "no daemon has the spool" in done.stderr

    assert warned()
    lock = take_lock(tmp_path / "spool.db")  # as a daemon does
    assert not warned()
    os.close(lock)
    assert warned()


def test_before_there_is_a_spool_there_is_nothing_to_pause(command: Command, tmp_path: Path) -> None:
    code, said = command("pause")
    assert code == 1
    assert said.startswith("there is no spool ")
    assert not (tmp_path / "spool.db").exists()


def test_another_word_is_refused_with_those_that_there_are(command: Command) -> None:
    code, said = command("pause", "everything")
    assert code == 2
    assert "accept" in said
    assert "submit" in said
