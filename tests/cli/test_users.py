"""`fax-gateway users`: logins beside a daemon that runs, or before there is one."""

import json
from pathlib import Path

import pytest

from tests.living import nursery


@pytest.fixture
def users(tmp_path: Path) -> "Users":
    (tmp_path / "config.toml").write_text("")
    return Users(tmp_path)


class Users:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.spool = directory / "spool.db"

    def __call__(self, *words: str, typed: str = "") -> tuple[int, str]:
        done = nursery.run("users", *words, "--config", str(self._directory / "config.toml"), typed=typed)
        return done.returncode, done.stdout + done.stderr


def test_a_login_is_added_changed_listed_and_removed(users: Users) -> None:
    assert users("add", "Jana", typed="first password\n") == (0, "Jana can log in now\n")
    assert users("add", "JANA", typed="second password\n") == (0, "JANA has a new password\n")
    code, listed = users("list")
    assert code == 0
    assert [line.split()[1:] for line in listed.splitlines()] == [["name", "role"], ["jana", "viewer"]]
    assert users("remove", "jana") == (0, "jana can't log in any more\n")
    assert users("list") == (0, "there is no login yet: `fax-gateway users add NAME` makes one\n")


@pytest.mark.parametrize(("name", "password"), [("", "x"), ("a b", "x"), ("a:b", "x"), ("jana", "")])
def test_what_can_not_be_a_login_is_refused(users: Users, name: str, password: str) -> None:
    code, said = users("add", name, typed=f"{password}\n")
    assert code == 1
    assert said.strip()


def test_a_login_is_a_viewer_until_it_is_given_another_role(users: Users) -> None:
    users("add", "jana", typed="first password\n")
    assert role_of_jana(users) == "viewer"
    users("add", "jana", "--role", "admin", typed="first password\n")
    users("add", "jana", typed="second password\n")
    assert role_of_jana(users) == "admin"


def role_of_jana(users: Users) -> str:
    (listed,) = map(json.loads, users("list", "--json")[1].splitlines())
    assert listed["name"] == "jana"
    return str(listed["role"])


def test_a_login_that_is_not_there_can_not_be_removed(users: Users) -> None:
    assert users("remove", "nobody") == (
        1,
        f"there is no spool {users.spool} yet, and no login: `fax-gateway users add NAME` makes both\n",
    )
    assert not users.spool.exists()
    users("add", "jana", typed="first password\n")
    assert users("remove", "nobody") == (
        1,
        "there is no login nobody: `fax-gateway users list` shows those that there are\n",
    )
